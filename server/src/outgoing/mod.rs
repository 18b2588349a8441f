//! Calls that leave the portal: one factory, nobody else makes an HTTP client.
//!
//! https to known ports; no redirects; no proxy but a configured one; small answers, soon. Internal
//! addresses are refused twice: in the URL, because an address written there never reaches the
//! resolver, and where names are resolved for dialling, because a name may mean something else by
//! then. The body of an answer is for parsing, never for showing.

#![expect(clippy::disallowed_methods, reason = "this is the factory")]

mod collector;
mod resolver;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use http::{Request, Response};
use ipnet::IpNet;
use platform::addresses;
use url::{Host, Url};

pub(crate) use collector::Collector;
use resolver::Guarded;
pub use resolver::{Looking, Lookup, SystemLookup};

use crate::web::WebSettings;

const CONNECT: Duration = Duration::from_secs(5);
const TOTAL: Duration = Duration::from_secs(10);
/// The most an answer may carry, in bytes.
pub const ANSWER_LIMIT: usize = 1024 * 1024;

/// Why a call was not made, or its answer not taken.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Not https (http to this machine is for development only).
    #[error("only https is called, not {0}")]
    Scheme(String),
    /// Not in the list of ports.
    #[error("port {0} is not in the list of ports that may be called (--outgoing-port)")]
    Port(u16),
    /// Name and password in an address end up in logs.
    #[error("the address holds a user name")]
    UserInfo,
    /// An address inside, or one that means nothing outside.
    #[error("{0} is not an address that may be called (--allow-internal)")]
    Address(String),
    /// The answer sends us elsewhere.
    #[error("the answer is a redirect ({0}), and none is followed")]
    Redirect(u16),
    /// More than [`ANSWER_LIMIT`].
    #[error("the answer is over {ANSWER_LIMIT} bytes")]
    TooBig,
    /// Not in time.
    #[error("no answer within {} s", TOTAL.as_secs())]
    Slow,
    /// Anything below HTTP.
    #[error("the call failed: {0}")]
    Failed(String),
}

/// What may be called.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    /// Internal networks the settings allow.
    pub(crate) internal: Vec<IpNet>,
    /// Ports by https.
    pub(crate) ports: Vec<u16>,
    /// This machine may be called by http on any port.
    pub(crate) development: bool,
}

/// The one way out. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Outgoing {
    client: reqwest::Client,
    rules: Arc<Rules>,
}

impl Outgoing {
    /// By the settings; this machine may be called in development only.
    pub fn new(settings: &WebSettings, development: bool) -> anyhow::Result<Self> {
        Self::with_lookup(settings, development, Arc::new(SystemLookup))
    }

    /// The same with another way to resolve names, for tests.
    pub fn with_lookup(
        settings: &WebSettings,
        development: bool,
        lookup: Arc<dyn Lookup>,
    ) -> anyhow::Result<Self> {
        let rules = Arc::new(Rules {
            internal: settings.allow_internal.clone(),
            ports: settings.outgoing_ports.clone(),
            development,
        });
        let proxy = settings.outgoing_proxy.as_ref();
        let resolver = Guarded {
            rules: Arc::clone(&rules),
            lookup,
            // The proxy stands inside by nature, and is named by the settings.
            exempt: proxy.and_then(Url::host_str).map(str::to_owned),
        };
        let mut builder = bare().dns_resolver(Arc::new(resolver));
        if let Some(proxy) = proxy {
            builder = builder.proxy(reqwest::Proxy::all(proxy.as_str())?);
        }
        let client = builder.build()?;
        Ok(Self { client, rules })
    }

    /// Calls, and reads the whole answer. Any status but a redirect is an answer.
    pub async fn call(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Refused> {
        let url = Url::parse(&request.uri().to_string())
            .map_err(|error| Refused::Failed(error.to_string()))?;
        self.rules.check(&url)?;
        let request = reqwest::Request::try_from(request).map_err(failed)?;
        let answer = self.client.execute(request).await.map_err(failed)?;
        if answer.status().is_redirection() {
            return Err(Refused::Redirect(answer.status().as_u16()));
        }
        whole(answer).await
    }

    /// Gets an address.
    pub async fn get(&self, url: &Url) -> Result<Response<Vec<u8>>, Refused> {
        let request = Request::get(url.as_str())
            .body(Vec::new())
            .map_err(|error| Refused::Failed(error.to_string()))?;
        self.call(request).await
    }
}

impl Rules {
    /// What can be seen in the URL itself.
    fn check(&self, url: &Url) -> Result<(), Refused> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused::UserInfo);
        }
        let host = url
            .host()
            .ok_or_else(|| Refused::Address(url.scheme().to_owned()))?;
        let address = match host {
            Host::Ipv4(v4) => Some(v4.into()),
            Host::Ipv6(v6) => Some(v6.into()),
            Host::Domain(_) => None,
        };
        if address.is_some_and(|ip| !self.may_dial(ip)) {
            return Err(Refused::Address(host.to_string()));
        }
        let here = self.development && addresses::is_this_machine(&host);
        if url.scheme() != "https" && !(here && url.scheme() == "http") {
            return Err(Refused::Scheme(url.scheme().to_owned()));
        }
        let port = url.port_or_known_default().unwrap_or_default();
        if !here && !self.ports.contains(&port) {
            return Err(Refused::Port(port));
        }
        Ok(())
    }

    /// Whether a connection to this address may be made.
    pub(crate) fn may_dial(&self, ip: std::net::IpAddr) -> bool {
        let ip = ip.to_canonical();
        !addresses::is_denied(ip)
            || (self.development && ip.is_loopback())
            || self.internal.iter().any(|net| net.contains(&ip))
    }
}

/// A client that follows nothing, takes no proxy from the environment, and gives up soon. The only
/// place where one is made.
fn bare() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .user_agent(concat!("groundcrew/", env!("CARGO_PKG_VERSION")))
}

async fn whole(mut answer: reqwest::Response) -> Result<Response<Vec<u8>>, Refused> {
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.clone_from(answer.headers());
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > ANSWER_LIMIT {
            return Err(Refused::TooBig);
        }
        body.extend_from_slice(&chunk);
    }
    response
        .body(body)
        .map_err(|error| Refused::Failed(error.to_string()))
}

/// The innermost cause says what happened; the address stays out of the message.
fn failed(error: reqwest::Error) -> Refused {
    if error.is_timeout() {
        return Refused::Slow;
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        if let Some(denied) = inner.downcast_ref::<resolver::Denied>() {
            return Refused::Address(denied.0.clone());
        }
        cause = inner;
    }
    Refused::Failed(cause.to_string())
}
