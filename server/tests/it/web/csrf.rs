//! Requests forged by other sites.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};

use super::{ORIGIN, request, without_database};

const FORGED: [&[(&str, &str)]; 7] = [
    &[
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ],
    &[
        ("sec-fetch-site", "same-site"),
        ("origin", "https://sister.example"),
    ],
    &[("sec-fetch-site", "cross-site"), ("origin", "null")],
    &[("origin", "null")],
    &[("origin", "https://evil.example")],
    &[("origin", "http://portal.example")],
    &[],
];

const TYPES: [Option<&str>; 5] = [
    Some("application/x-www-form-urlencoded"),
    Some("application/json"),
    Some("application/cbor"),
    Some("text/plain"),
    None,
];

#[tokio::test]
async fn security_28_forged_requests_with_a_cookie_are_refused() {
    let probes = without_database();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in ["/fn/probe/act", "/echo", "/nothing"] {
            for forged in FORGED {
                for kind in TYPES {
                    let mut headers = forged.to_vec();
                    headers.push(("cookie", "__Host-groundcrew=x"));
                    headers.extend(kind.map(|kind| ("content-type", kind)));
                    let answer = probes
                        .send(request(method.clone(), path, &headers, "a=b"))
                        .await;
                    assert_eq!(
                        answer.status(),
                        StatusCode::FORBIDDEN,
                        "{method} {path} {headers:?}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn security_28_our_own_forms_pass_and_so_do_programs_without_a_cookie() {
    let probes = without_database();
    let ours: [&[(&str, &str)]; 5] = [
        &[
            ("sec-fetch-site", "same-origin"),
            ("origin", ORIGIN),
            ("cookie", "a=b"),
        ],
        &[("sec-fetch-site", "none"), ("cookie", "a=b")],
        &[("origin", ORIGIN), ("cookie", "a=b")],
        &[("origin", ORIGIN)],
        &[],
    ];
    for headers in ours {
        let answer = probes
            .send(request(Method::POST, "/fn/probe/act", headers, "a=b"))
            .await;
        assert_eq!(answer.status(), StatusCode::OK, "{headers:?}");
    }
}

#[tokio::test]
async fn security_28_without_a_cookie_a_foreign_origin_is_refused_too() {
    let probes = without_database();
    for forged in FORGED.iter().filter(|headers| !headers.is_empty()) {
        let answer = probes
            .send(request(Method::POST, "/fn/probe/act", forged, "a=b"))
            .await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{forged:?}");
    }
}

#[tokio::test]
async fn security_29_another_site_reads_pages_by_links_only() {
    let probes = without_database();
    let link = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-dest", "document"),
    ];
    assert_eq!(probes.get("/page", &link).await.status(), StatusCode::OK);
    assert_eq!(
        probes.get("/fn/probe/read", &link).await.status(),
        StatusCode::FORBIDDEN
    );
    for (mode, dest) in [
        ("no-cors", "image"),
        ("cors", "empty"),
        ("navigate", "iframe"),
    ] {
        let headers = [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", mode),
            ("sec-fetch-dest", dest),
        ];
        let answer = probes.get("/page", &headers).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{mode} {dest}");
    }
}

#[tokio::test]
async fn security_28_reports_of_browsers_come_from_anywhere() {
    let probes = without_database();
    let headers = [
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("cookie", "a=b"),
    ];
    let answer = probes
        .send(request(Method::POST, "/reports/csp", &headers, "[]"))
        .await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let get = request(Method::GET, "/reports/csp", &[], Body::empty());
    assert_eq!(
        probes.send(get).await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}
