//! Headers on every answer.

use axum::{
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};

use super::{HOST, Probes, request, text, without_database};

/// One answer of each status.
async fn answers(probes: &Probes) -> Vec<(u16, Response)> {
    let mut found = Vec::new();
    for path in [
        "/page",
        "/nothing",
        "/panic",
        "/answer/304",
        "/answer/401",
        "/answer/503",
        "/readyz",
        "/livez",
    ] {
        let answer = probes.get(path, &[("accept", "text/html")]).await;
        found.push((answer.status().as_u16(), answer));
    }
    let mut send = async |request: Request<Body>| {
        let answer = probes.send(request).await;
        found.push((answer.status().as_u16(), answer));
    };
    send(request(Method::POST, "/page", &[], "")).await;
    send(request(Method::POST, "/echo", &[("origin", "null")], "")).await;
    send(request(
        Method::POST,
        "/echo",
        &[],
        vec![b'x'; 1024 * 1024 + 1],
    ))
    .await;
    send(request(
        Method::GET,
        "/page",
        &[("host", "evil.example")],
        "",
    ))
    .await;
    for _ in 0..31 {
        send(request(Method::POST, "/reports/csp", &[], "[]")).await;
    }
    found
}

#[tokio::test]
async fn security_33_every_answer_carries_the_same_headers() {
    let probes = without_database();
    let found = answers(&probes).await;
    let mut statuses: Vec<u16> = found.iter().map(|(status, _)| *status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(
        statuses,
        [200, 204, 304, 401, 403, 404, 405, 413, 421, 429, 500, 503]
    );
    let expected = fixed(found[0].1.headers());
    for (status, answer) in &found {
        assert_eq!(fixed(answer.headers()), expected, "{status}");
    }
    insta::assert_snapshot!(expected, @r#"
cache-control: no-store
content-security-policy: default-src 'none'; script-src 'nonce-NONCE' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'nonce-NONCE'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self' https://id.example; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; report-to csp; report-uri /reports/csp
cross-origin-opener-policy: same-origin
cross-origin-resource-policy: same-origin
permissions-policy: accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(self), display-capture=(), encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()
referrer-policy: same-origin
reporting-endpoints: csp="/reports/csp"
strict-transport-security: max-age=63072000; includeSubDomains
x-content-type-options: nosniff
x-frame-options: DENY
"#);
}

/// The headers that are the same on every answer, with the nonce and the trace id taken out.
fn fixed(headers: &HeaderMap) -> String {
    let varying = [
        "content-type",
        "content-length",
        "allow",
        "retry-after",
        "x-request-id",
        "vary",
        "content-encoding",
    ];
    let mut lines: Vec<String> = headers
        .iter()
        .filter(|(name, _)| !varying.contains(&name.as_str()))
        .map(|(name, value)| {
            let value = value.to_str().expect("text");
            let nonce = nonce(headers).unwrap_or_default();
            format!("{name}: {}", value.replace(&nonce, "NONCE"))
        })
        .collect();
    lines.sort_unstable();
    lines.join("\n")
}

fn nonce(headers: &HeaderMap) -> Option<String> {
    let policy = headers
        .get(header::CONTENT_SECURITY_POLICY)?
        .to_str()
        .ok()?;
    let (_, rest) = policy.split_once("'nonce-")?;
    Some(rest.split_once('\'')?.0.to_owned())
}

#[tokio::test]
async fn security_33_each_answer_has_a_nonce_of_its_own_and_the_page_knows_it() {
    let probes = without_database();
    let first = probes.get("/page", &[]).await;
    let second = probes.get("/page", &[]).await;
    let (one, two) = (nonce(first.headers()), nonce(second.headers()));
    assert!(one.is_some() && one != two);
    let one = one.expect("a nonce");
    let page = text(first).await;
    assert_eq!(page.matches(&one).count(), 1);
    assert!(page.contains(&format!("nonce=\"{one}\"")));
}

#[tokio::test]
async fn security_33_a_preflight_gets_no_permission() {
    let probes = without_database();
    let headers = [
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    for path in ["/echo", "/fn/probe/act", "/nothing", "/page"] {
        let answer = probes
            .send(request(Method::OPTIONS, path, &headers, ""))
            .await;
        let names = answer.headers().keys();
        let cors = names.filter(|name| name.as_str().starts_with("access-control"));
        assert_eq!(cors.count(), 0, "{path}");
    }
}

#[tokio::test]
async fn security_33_no_store_by_default_and_text_has_a_charset() {
    let probes = without_database();
    for path in ["/page", "/seen", "/nothing"] {
        let answer = probes.get(path, &[("accept", "text/html")]).await;
        assert_eq!(
            answer.headers()[header::CACHE_CONTROL],
            "no-store",
            "{path}"
        );
        let kind = answer.headers()[header::CONTENT_TYPE]
            .to_str()
            .expect("text")
            .to_owned();
        assert!(kind.ends_with("charset=utf-8"), "{path}: {kind}");
    }
}

#[tokio::test]
async fn security_41_a_foreign_host_is_421() {
    let probes = without_database();
    for host in [
        "evil.example",
        "portal.example:444",
        "portal.example.",
        "127.0.0.1",
        "",
    ] {
        let answer = probes.get("/page", &[("host", host)]).await;
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{host}");
    }
    for host in [HOST, "PORTAL.example"] {
        let answer = probes.get("/page", &[("host", host)]).await;
        assert_eq!(answer.status(), StatusCode::OK, "{host}");
    }
    // Two names: whoever stands before us may have believed the other one.
    let answer = probes
        .get("/page", &[("host", HOST), ("host", "evil.example")])
        .await;
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    let answer = probes
        .get("https://evil.example/page", &[("host", HOST)])
        .await;
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
    // Probes know the machine by its address.
    let answer = probes.get("/livez", &[("host", "10.0.0.7:8080")]).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn security_58_no_listings_no_version_no_repository() {
    let probes = without_database();
    for path in [
        "/.git",
        "/.git/config",
        "/.env",
        "/pkg/",
        "/metrics",
        "/fn/",
        "/server-status",
    ] {
        let answer = probes.get(path, &[("accept", "text/html")]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        for name in ["server", "x-powered-by"] {
            assert!(!answer.headers().contains_key(name), "{path} {name}");
        }
        let version = env!("CARGO_PKG_VERSION");
        assert!(!text(answer).await.contains(version), "{path}");
    }
}
