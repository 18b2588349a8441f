//! What another site may GET: pages, by a link. Nothing else, and nothing in a frame.
//!
//! Browsers without these headers, and tools, pass: a GET changes nothing.

use axum::{
    extract::Request,
    http::{HeaderMap, Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// First path segments behind which there is no page.
const NO_PAGES: [&str; 11] = [
    "fn",
    "api",
    "events",
    "streams",
    "downloads",
    "pkg",
    "reports",
    "livez",
    "readyz",
    "work",
    "state",
];

/// Elements that would show us inside something.
const FRAMES: [&str; 5] = ["iframe", "frame", "embed", "object", "fencedframe"];

/// Refuses the rest with 403.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let get = matches!(*request.method(), Method::GET | Method::HEAD);
    if get && refused(request.uri().path(), request.headers()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

fn refused(path: &str, headers: &HeaderMap) -> bool {
    let said = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let dest = said("sec-fetch-dest");
    if dest.is_some_and(|dest| FRAMES.contains(&dest)) {
        return true;
    }
    match said("sec-fetch-site") {
        None | Some("same-origin" | "none") => false,
        Some(_) => {
            let link = said("sec-fetch-mode") == Some("navigate") && dest == Some("document");
            !(link && is_page(path))
        }
    }
}

/// Whether a person can open this address.
pub(super) fn is_page(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next();
    let download = path.ends_with("/export") || path.ends_with("/download");
    !download && first.is_none_or(|first| !NO_PAGES.contains(&first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(path: &str, site: &str, mode: &str, dest: &str) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("sec-fetch-site", site),
            ("sec-fetch-mode", mode),
            ("sec-fetch-dest", dest),
        ] {
            headers.insert(name, value.parse().expect("a header value"));
        }
        refused(path, &headers)
    }

    #[test]
    fn security_29_another_site_may_link_to_pages_and_nothing_else() {
        for site in ["cross-site", "same-site"] {
            assert!(!refuses("/sessions", site, "navigate", "document"));
            assert!(!refuses("/", site, "navigate", "document"));
            assert!(refuses("/fn/search/find", site, "navigate", "document"));
            assert!(refuses("/audit/export", site, "navigate", "document"));
            assert!(refuses("/events/me", site, "cors", "empty"));
            assert!(refuses("/sessions", site, "no-cors", "image"));
            assert!(refuses("/sessions", site, "navigate", "iframe"));
        }
        assert!(refuses("/sessions", "same-origin", "navigate", "iframe"));
        assert!(!refuses("/fn/search/find", "same-origin", "cors", "empty"));
        assert!(!refuses("/sessions", "none", "navigate", "document"));
        assert!(!refused("/fn/search/find", &HeaderMap::new()));
    }
}
