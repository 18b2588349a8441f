//! No answer leads abroad.

use axum::http::{Method, StatusCode, header};

use super::{ORIGIN, request, text, without_database};

#[tokio::test]
async fn security_31_a_handler_that_redirects_abroad_is_a_500() {
    let probes = without_database();
    for to in [
        "https://evil.example/",
        "//evil.example",
        "/%5Cevil.example".replace("%5C", "\\").as_str(),
        "https://portal.example.evil.example/",
        "https://id.example/elsewhere",
        "javascript:alert(1)",
    ] {
        let path = format!("/redirect?to={}", to.replace('\\', "%5C"));
        let answer = probes.get(&path, &[]).await;
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR, "{to}");
        assert!(!answer.headers().contains_key(header::LOCATION), "{to}");
    }
    for to in ["/home", "https://portal.example/x"] {
        let answer = probes.get(&format!("/redirect?to={to}"), &[]).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{to}");
    }
}

#[tokio::test]
async fn security_31_a_function_never_sees_a_foreign_referer() {
    let probes = without_database();
    for referer in [
        "https://evil.example/",
        "/\\evil.example",
        "https://portal.example.evil/",
        "x",
    ] {
        let headers = [
            ("referer", referer),
            ("origin", ORIGIN),
            ("accept", "text/html"),
        ];
        let answer = probes
            .send(request(Method::POST, "/fn/probe/act", &headers, ""))
            .await;
        assert_eq!(text(answer).await, "acted; referer None", "{referer}");
    }
    let headers = [("referer", "https://portal.example/x"), ("origin", ORIGIN)];
    let answer = probes
        .send(request(Method::POST, "/fn/probe/act", &headers, ""))
        .await;
    assert!(text(answer).await.contains("portal.example/x"));
}
