//! What may be sent, and how much.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use futures::stream;

use super::{request, text, without_database};

#[tokio::test]
async fn security_30_other_methods_and_trace_are_405() {
    let probes = without_database();
    for method in ["TRACE", "CONNECT", "PROPFIND", "get"] {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let answer = probes.send(request(method.clone(), "/page", &[], "")).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    for (method, path) in [
        (Method::POST, "/page"),
        (Method::DELETE, "/fn/probe/act"),
        (Method::PUT, "/fn/probe/read"),
        (Method::GET, "/fn/probe/act"),
    ] {
        let answer = probes.send(request(method.clone(), path, &[], "")).await;
        assert_eq!(
            answer.status(),
            StatusCode::METHOD_NOT_ALLOWED,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn security_30_a_big_body_is_413_announced_or_not() {
    let probes = without_database();
    let exact = vec![b'x'; 1024 * 1024];
    let answer = probes
        .send(request(Method::POST, "/echo", &[], exact.clone()))
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    let length = [("content-length", "1048577")];
    let answer = probes
        .send(request(Method::POST, "/echo", &length, ""))
        .await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    // In pieces, without a length.
    let pieces = stream::iter([exact, vec![b'y']].map(Ok::<_, std::io::Error>));
    let answer = probes
        .send(request(
            Method::POST,
            "/echo",
            &[],
            Body::from_stream(pieces),
        ))
        .await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let report = vec![b'x'; 64 * 1024 + 1];
    let answer = probes
        .send(request(Method::POST, "/reports/csp", &[], report))
        .await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn security_41_what_outsiders_say_of_forwarding_reaches_nobody() {
    let probes = without_database();
    let headers = [
        ("x-forwarded-for", "10.9.9.9"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "http"),
        ("x-real-ip", "10.9.9.9"),
        ("forwarded", "for=10.9.9.9"),
    ];
    let seen = text(probes.get("/seen", &headers).await).await;
    assert_eq!(seen, "203.0.113.9 host");
}

#[tokio::test]
async fn a_report_in_either_form_is_counted() {
    let probes = without_database();
    let old = r#"{"csp-report":{"document-uri":"https://portal.example/x?secret=1","effective-directive":"script-src","blocked-uri":"inline"}}"#;
    let new = r#"[{"type":"csp-violation","body":{"documentURL":"https://portal.example/","effectiveDirective":"img-src","blockedURL":"https://evil.example/a.png"}}]"#;
    for body in [old, new] {
        let answer = probes
            .send(request(Method::POST, "/reports/csp", &[], body))
            .await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }
    let answer = probes
        .send(request(Method::POST, "/reports/csp", &[], "no"))
        .await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
}
