//! A browser: cookies, the headers browsers send, and the rules of `__Host-` cookies.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::atomic::{AtomicU16, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use tower::ServiceExt as _;
use url::form_urlencoded;

use super::{PUBLIC_URL, Portal};

/// One browser with its cookies.
#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    /// Cookies by name, in the order they were set.
    pub(crate) cookies: Vec<(String, String)>,
    /// Address it comes from.
    pub(crate) address: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Status.
    pub(crate) status: StatusCode,
    /// Headers.
    pub(crate) headers: HeaderMap,
    /// Body.
    pub(crate) body: String,
}

impl Answer {
    /// Where it leads.
    pub(crate) fn location(&self) -> Option<&str> {
        self.headers
            .get(header::LOCATION)
            .map(|value| value.to_str().expect("text"))
    }

    /// The problem the sign-in page is told, when it leads there.
    pub(crate) fn problem(&self) -> Option<String> {
        let location = self.location()?.strip_prefix("/sign-in?")?;
        form_urlencoded::parse(location.as_bytes())
            .find(|(key, _)| key == "error")
            .map(|(_, value)| value.into_owned())
    }
}

impl Browser {
    /// A fresh browser at an address of its own.
    pub(crate) fn new(portal: &Portal) -> Self {
        static MADE: AtomicU16 = AtomicU16::new(1);
        let [high, low] = MADE.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        Self {
            router: portal.router.clone(),
            cookies: Vec::new(),
            address: ([10, 0, high, low], 4000).into(),
        }
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The session's cookie.
    pub(crate) fn session(&self) -> Option<&str> {
        self.cookie("__Host-groundcrew")
    }

    /// Sets a cookie by hand.
    pub(crate) fn plant(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(key, _)| key != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    /// Types an address.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[("sec-fetch-site", "none")])
            .await
    }

    /// Follows a link from another site, as the provider's redirect is one.
    pub(crate) async fn arrive(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[("sec-fetch-site", "cross-site")])
            .await
    }

    /// Sends a form of ours.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        self.send(
            Method::POST,
            path,
            Some(body),
            &[("sec-fetch-site", "same-origin"), ("origin", PUBLIC_URL)],
        )
        .await
    }

    /// Sends anything; `extra` wins over what a navigation sends.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<String>,
        extra: &[(&str, &str)],
    ) -> Answer {
        let mut headers = BTreeMap::from([
            ("host", "localhost:4180"),
            ("accept", "text/html"),
            ("user-agent", "test browser"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-user", "?1"),
        ]);
        if body.is_some() {
            headers.insert("content-type", "application/x-www-form-urlencoded");
        }
        headers.extend(extra.iter().copied());
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        if !self.cookies.is_empty() {
            let line: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        let mut request = request
            .body(Body::from(body.unwrap_or_default()))
            .expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("routers do not fail");
        let (parts, body) = response.into_parts();
        for value in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(value.to_str().expect("text"));
        }
        let body = to_bytes(body, 1 << 20).await.expect("a short body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    /// Opens a stream or a file with the session's cookie; the body is read by the caller.
    pub(crate) async fn open(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> axum::response::Response {
        let mut request = Request::builder()
            .uri(path)
            .header(header::HOST, "localhost:4180");
        if let Some(session) = self.session() {
            request = request.header(header::COOKIE, format!("__Host-groundcrew={session}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(self.address));
        let answer = self.router.clone().oneshot(request).await;
        answer.expect("routers do not fail")
    }

    /// Begins a sign-in at `corp`: where the browser is sent.
    pub(crate) async fn start(&mut self) -> Answer {
        self.post("/auth/start", &[("issuer", "corp"), ("return_to", "/")])
            .await
    }

    /// Signs in from the button to the page after it.
    pub(crate) async fn sign_in(&mut self, portal: &Portal) -> Answer {
        let start = self.start().await;
        let back = portal
            .idp
            .authorize(start.location().expect("sent to the provider"));
        self.come_back("corp", &back).await
    }

    /// Comes back from a provider with this answer.
    pub(crate) async fn come_back<'a>(
        &mut self,
        issuer: &str,
        answer: impl IntoIterator<Item = (&'a String, &'a String)>,
    ) -> Answer {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(answer)
            .finish();
        self.arrive(&format!("/auth/callback/{issuer}?{query}"))
            .await
    }

    /// Who the portal takes this browser for: 200 and a person, or 401.
    pub(crate) async fn whoami(&mut self) -> Answer {
        self.send(
            Method::GET,
            "/api/whoami",
            None,
            &[
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-mode", "cors"),
                ("sec-fetch-dest", "empty"),
                ("accept", "application/json"),
            ],
        )
        .await
    }

    /// Keeps or drops a cookie, and holds every one of them to the rules (SECURITY.md, test 24).
    fn keep(&mut self, line: &str) {
        let mut parts = line.split("; ");
        let (name, value) = parts
            .next()
            .and_then(|pair| pair.split_once('='))
            .expect("name=value");
        let mut attributes: Vec<&str> = parts.collect();
        let age = attributes
            .iter()
            .position(|attribute| attribute.starts_with("Max-Age="))
            .map(|at| attributes.remove(at));
        assert_eq!(
            attributes,
            ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"],
            "{line}"
        );
        let ours = name == "__Host-groundcrew"
            || name
                .strip_prefix("__Host-groundcrew-flow-")
                .is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_hexdigit()));
        assert!(ours, "{line}");
        self.cookies.retain(|(key, _)| key != name);
        if age == Some("Max-Age=0") {
            assert_eq!(value, "", "{line}");
        } else {
            assert!(value.len() >= 22, "{line}");
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}
