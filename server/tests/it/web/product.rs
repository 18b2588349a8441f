//! The same rules on the whole portal: every page, every server function, signed in and not.

use app::host::{Encoding, FUNCTIONS};
use app::routes::PAGES;
use axum::http::{Method, StatusCode, header};
use server::web::shutdown;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{listening::talk, markup};
use crate::support::{Browser, PUBLIC_URL, Portal, portal, records, signed_in};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// The portal as it is served.
async fn whole(db: PgPool) -> Portal {
    let mut portal = portal(db).await;
    portal.router = server::router::router(&portal.state);
    portal
}

/// Addresses of pages, with something for their parameters.
fn pages() -> impl Iterator<Item = String> {
    let id = "018f4d6e-0000-7000-8000-000000000000";
    PAGES.iter().map(move |page| page.path.replace(":id", id))
}

#[sqlx::test(migrations = "../migrations")]
async fn security_28_every_server_function_refuses_forged_requests(db: PgPool) {
    let portal = whole(db).await;
    let mut browser = signed_in(&portal, &["admins"]).await;
    let before = records::rows(&portal.db).await;
    let forged: [&[(&str, &str)]; 5] = [
        &[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ],
        &[
            ("sec-fetch-site", "same-site"),
            ("origin", "http://localhost:9999"),
        ],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[],
    ];
    for function in FUNCTIONS {
        for headers in forged {
            for kind in [
                FORM,
                "application/json",
                "application/cbor",
                "text/plain",
                "",
            ] {
                let mut sent = vec![("content-type", kind), ("accept", "*/*")];
                sent.extend_from_slice(headers);
                let body = Some("input[id]=x".to_owned());
                let answer = browser.send(Method::POST, function.path, body, &sent).await;
                assert_eq!(
                    answer.status,
                    StatusCode::FORBIDDEN,
                    "{} {sent:?}",
                    function.path
                );
            }
        }
    }
    assert_eq!(records::rows(&portal.db).await, before, "nothing changed");
    assert_eq!(
        browser.get("/sessions").await.status,
        StatusCode::OK,
        "still signed in"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn security_28_29_30_functions_take_what_they_declare_and_nothing_else(db: PgPool) {
    let portal = whole(db).await;
    let mut browser = signed_in(&portal, &["admins"]).await;
    let ours = [
        ("sec-fetch-site", "same-origin"),
        ("origin", PUBLIC_URL),
        ("accept", "*/*"),
    ];
    for function in FUNCTIONS {
        let path = function.path;
        let mut send = async |method: Method, path: &str, kind: &'static str, body: &str| {
            let mut headers = ours.to_vec();
            headers.push(("content-type", kind));
            let body = (!body.is_empty()).then(|| body.to_owned());
            browser.send(method, path, body, &headers).await.status
        };
        for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE] {
            let status = send(method.clone(), path, FORM, "").await;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        }
        if function.encoding == Encoding::Query {
            for query in ["other=1", "input[id]=a&input[id]=b"] {
                let status = send(Method::GET, &format!("{path}?{query}"), "", "").await;
                assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}?{query}");
            }
            let status = send(Method::POST, path, FORM, "input[id]=a").await;
            assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
            let link = [
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            let status = browser.send(Method::GET, path, None, &link).await.status;
            assert_eq!(status, StatusCode::FORBIDDEN, "{path} by a link");
            continue;
        }
        let (right, bodies): (_, [&str; 3]) = match function.encoding {
            Encoding::Json => (
                JSON,
                ["{\"other\":1}", "[]", "{\"input\":{},\"admin\":true}"],
            ),
            _ => (
                FORM,
                [
                    "other=1",
                    "input[id]=a&input[id]=b",
                    "input[id]=a&admin=true",
                ],
            ),
        };
        for kind in [FORM, JSON, "application/cbor", "text/plain", ""] {
            if kind != right {
                let status = send(Method::POST, path, kind, "{}").await;
                assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path} {kind}");
            }
        }
        for body in bodies {
            let status = send(Method::POST, path, right, body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {body}");
        }
        let status = send(Method::GET, path, "", "").await;
        assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let big = format!("input[id]={}", "x".repeat(1024 * 1024));
        let status = send(Method::POST, path, right, &big).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_31_a_failed_form_without_script_comes_back_to_us_without_text(db: PgPool) {
    let portal = whole(db).await;
    let mut browser = signed_in(&portal, &["payments-developers"]).await;
    let id = "018f4d6e-0000-7000-8000-000000000000";
    for referer in [
        "https://evil.example/x",
        "",
        "http://localhost:4180/\\evil",
        "/\\evil.example",
    ] {
        let headers = [
            ("sec-fetch-site", "same-origin"),
            ("origin", PUBLIC_URL),
            ("referer", referer),
            ("accept", "text/html"),
        ];
        let body = Some(format!("input[id]={id}"));
        let answer = browser
            .send(Method::POST, "/fn/people/disable", body, &headers)
            .await;
        let location = answer
            .location()
            .unwrap_or_else(|| panic!("{referer}: {answer:?}"));
        assert!(
            location.starts_with('/') && !location.starts_with("//"),
            "{location}"
        );
        assert!(
            !location.contains('\\') && !location.contains("evil"),
            "{location}"
        );
        for text in ["__err", "__path", "needs", "admin", "role", id] {
            assert!(!location.contains(text), "{referer}: {location}");
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_32_no_route_switches_protocols(db: PgPool) {
    let portal = whole(db).await;
    let cookie = signed_in(&portal, &["admins"]).await;
    let cookie = cookie.session().expect("signed in").to_owned();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let token = CancellationToken::new();
    tokio::spawn(shutdown::serve(
        listener,
        portal.router.clone(),
        token.clone(),
    ));
    let functions = FUNCTIONS.iter().map(|function| function.path.to_owned());
    let others = [
        "/auth/start",
        "/auth/callback/corp",
        "/api/v1/audit/events.csv",
        "/pkg/x.js",
    ];
    let paths = pages().chain(functions).chain(others.map(str::to_owned));
    for path in paths {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:4180\r\nOrigin: {PUBLIC_URL}\r\n\
             Cookie: __Host-groundcrew={cookie}\r\nConnection: Upgrade, close\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        let answer = talk(address, &request).await;
        let status = answer.get(..12).unwrap_or_default().to_owned();
        assert!(
            status.starts_with("HTTP/1.1 ") && !status.ends_with("101"),
            "{path}: {status}"
        );
    }
    token.cancel();
}

#[sqlx::test(migrations = "../migrations")]
async fn security_33_every_route_carries_the_headers_and_its_nonce_where_it_belongs(db: PgPool) {
    let portal = whole(db).await;
    let somebody = signed_in(&portal, &["admins", "auditors"]).await;
    for mut browser in [Browser::new(&portal), somebody] {
        let functions = FUNCTIONS.iter().map(|function| function.path.to_owned());
        let others = [
            "/nothing",
            "/livez",
            "/readyz",
            "/pkg/nothing.js",
            "/auth/callback/corp",
            "/auth/signed-out",
            "/api/v1/audit/events.csv",
        ];
        for path in pages().chain(functions).chain(others.map(str::to_owned)) {
            let answer = browser.get(&path).await;
            for (name, value) in [
                (
                    "strict-transport-security",
                    "max-age=63072000; includeSubDomains",
                ),
                ("x-content-type-options", "nosniff"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
                ("x-frame-options", "DENY"),
                ("cache-control", "no-store"),
            ] {
                let found = answer
                    .headers
                    .get(name)
                    .map(|value| value.to_str().expect("text"));
                assert_eq!(found, Some(value), "{path} {}: {name}", answer.status);
            }
            for name in ["permissions-policy", "referrer-policy", "x-request-id"] {
                assert!(answer.headers.contains_key(name), "{path}: {name}");
            }
            assert!(!answer.headers.contains_key(header::SERVER), "{path}");
            inert(&path, &answer.headers, &answer.body);
        }
    }
}

/// The page runs no script but with the nonce of its answer, which stands in `nonce=` only; no
/// style attribute, no handler, no base.
fn inert(path: &str, headers: &header::HeaderMap, body: &str) {
    let policy = headers[header::CONTENT_SECURITY_POLICY]
        .to_str()
        .expect("text");
    let html = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !html || body.is_empty() {
        return;
    }
    let (_, rest) = policy.split_once("'nonce-").expect("pages have a nonce");
    let nonce = rest.split('\'').next().expect("text");
    let places = body.matches(nonce).count();
    let right = body.matches(&format!("nonce=\"{nonce}\"")).count();
    assert_eq!(places, right, "{path}: the nonce stands elsewhere too");
    for tag in markup::tags(body) {
        let has = |name: &str| tag.attributes.iter().any(|(found, _)| found == name);
        let value = |name: &str| tag.attributes.iter().find(|(found, _)| found == name);
        let data = value("type").is_some_and(|(_, kind)| kind == "application/json");
        assert!(
            tag.name != "script" || data || has("nonce"),
            "{path}: {tag:?}"
        );
        assert!(tag.name != "base" && tag.name != "style", "{path}: {tag:?}");
        for (name, value) in &tag.attributes {
            assert!(
                name != "style" && !name.starts_with("on"),
                "{path}: {tag:?}"
            );
            assert!(
                !value.trim_start().starts_with("javascript:"),
                "{path}: {tag:?}"
            );
        }
    }
}

/// What people type to make a page do something.
const CORPUS: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'><svg/onload=alert(1)>",
    "</title><script>alert(1)</script>",
    "<style>*{display:none}</style>",
    "<base href=https://evil.example/>",
    "--></script><script>alert(1)</script>",
    "\u{2028}</script>\u{202e}<b style=x>",
];

#[sqlx::test(migrations = "../migrations")]
async fn security_35_names_agents_searches_and_addresses_are_inert(db: PgPool) {
    let portal = whole(db).await;
    for (at, hostile) in CORPUS.into_iter().enumerate() {
        let groups = ["admins", "auditors", hostile];
        portal.idp.claim(serde_json::json!({
            "sub": format!("hostile-{at}"), "name": hostile, "email": hostile, "groups": groups,
        }));
        let mut browser = Browser::new(&portal);
        assert_eq!(
            browser.sign_in(&portal).await.location(),
            Some("/"),
            "{hostile}"
        );
        let person: uuid::Uuid =
            sqlx::query_scalar("select id from person order by id desc limit 1")
                .fetch_one(&portal.db)
                .await
                .expect("a person");
        let typed: String = url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect();
        let addresses = [
            "/".to_owned(),
            "/sessions".to_owned(),
            "/audit".to_owned(),
            format!("/people/{person}"),
            format!("/search?q={typed}"),
            format!("/search?text={typed}"),
            format!("/sign-in?error={typed}&return_to={typed}&reference={typed}"),
            format!("/?problem={typed}&reference={typed}&error={typed}"),
            format!("/{typed}"),
            format!("/audit?actor={typed}&text={typed}&from={typed}"),
        ];
        for path in addresses {
            let agent: String = hostile.chars().filter(char::is_ascii).collect();
            let answer = browser
                .send(Method::GET, &path, None, &[("user-agent", &agent)])
                .await;
            if !answer.status.is_redirection() {
                inert(&path, &answer.headers, &answer.body);
            }
            for piece in [
                "<script>alert",
                "<img src=x",
                "<svg/onload",
                "<b style",
                "</title><script",
            ] {
                assert!(!answer.body.contains(piece), "{path}: {piece}");
            }
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_58_nothing_of_ours_lies_about(db: PgPool) {
    let portal = whole(db).await;
    let mut somebody = signed_in(&portal, &["admins"]).await;
    let mut anybody = Browser::new(&portal);
    for path in [
        "/.git/",
        "/.git/HEAD",
        "/.svn/entries",
        "/.DS_Store",
        "/.well-known/security.txt",
        "/server-status",
        "/actuator/health",
        "/phpinfo.php",
        "/api/v1/audit/",
        "/api-docs",
        "/swagger-ui/",
        "/openapi.json",
        "/test/sessions",
        "/static/",
        "/auth/",
        "/migrations/0001_roles.sql",
        "/backup.sql",
        "/.git/config",
        "/.env",
        "/pkg/",
        "/metrics",
        "/debug",
        "/api/",
        "/fn/",
        "/pkg/..%2f..%2fCargo.toml",
    ] {
        for browser in [&mut somebody, &mut anybody] {
            let sent = [("sec-fetch-site", "none"), ("accept", "*/*")];
            let answer = browser.send(Method::GET, path, None, &sent).await;
            // Whoever is not signed in is asked to, whatever the address: it says nothing of it.
            let asked = answer
                .location()
                .is_some_and(|to| to.starts_with("/sign-in?"));
            let hidden = asked && browser.session().is_none();
            assert!(
                hidden || answer.status == StatusCode::NOT_FOUND,
                "{path}: {}",
                answer.status
            );
            for name in ["server", "x-powered-by", "via", "x-runtime", "x-version"] {
                assert!(!answer.headers.contains_key(name), "{path}: {name}");
            }
            assert!(!answer.body.contains("Index of"), "{path}");
        }
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn security_37_what_can_be_downloaded_is_a_file_and_nothing_can_be_uploaded(db: PgPool) {
    let portal = whole(db).await;
    let mut browser = signed_in(&portal, &["auditors"]).await;
    for path in ["/api/v1/audit/events.csv", "/api/v1/audit/events.jsonl"] {
        let evil = format!("{path}?text=x%0d%0aSet-Cookie:a%00");
        for path in [path, &evil] {
            let answer = browser.get(path).await;
            if answer.status != StatusCode::OK {
                assert!(answer.status.is_client_error(), "{path}: {answer:?}");
                continue;
            }
            let header = |name: header::HeaderName| answer.headers[name].to_str().expect("text");
            let named = header(header::CONTENT_DISPOSITION);
            assert!(
                named.starts_with("attachment; filename=\"groundcrew-audit"),
                "{named}"
            );
            assert_eq!(header(header::CONTENT_SECURITY_POLICY), "sandbox", "{path}");
            assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
        }
        // Another site can neither show nor link it.
        let link = [("sec-fetch-site", "cross-site")];
        let answer = browser.send(Method::GET, path, None, &link).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    let upload = [
        ("content-type", "multipart/form-data; boundary=x"),
        ("sec-fetch-site", "same-origin"),
        ("origin", PUBLIC_URL),
    ];
    let body = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../../x.svg\"\r\n\r\n<svg/>\r\n--x--";
    for function in FUNCTIONS {
        let sent = Some(body.to_owned());
        let answer = browser
            .send(Method::POST, function.path, sent, &upload)
            .await;
        assert!(
            answer.status.is_client_error(),
            "{}: {}",
            function.path,
            answer.status
        );
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn metrics_know_routes_by_their_pattern(db: PgPool) {
    let handle = server::web::metrics::handle();
    let portal = whole(db).await;
    let mut browser = signed_in(&portal, &["admins"]).await;
    browser
        .get("/people/018f4d6e-0000-7000-8000-00000000beef")
        .await;
    browser.get("/livez").await;
    let shown = handle.render();
    assert!(shown.contains("route=\"/livez\""), "{shown}");
    assert!(shown.contains("route=\"/people/{id}\""), "{shown}");
    assert!(!shown.contains("beef"), "an address is not a label");
}
