//! Requests forged by other sites: two layers, because server functions have none by design.
//!
//! The first is tower-http's, over everything. It passes requests that carry neither
//! `Sec-Fetch-Site` nor `Origin`; the second does not, where a cookie comes along.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{COOKIE, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::csrf::CsrfLayer;

use super::{Web, host::Site, reports};

/// The first layer: one trusted origin, ours. Reports of browsers come from pages without an origin
/// too; they change nothing.
pub(super) fn layer(site: &Site) -> CsrfLayer {
    CsrfLayer::new()
        .add_trusted_origin(&site.origin)
        .expect("the public address is http or https: checked at start")
        .with_insecure_bypass(|_, uri| uri.path() == reports::PATH)
}

/// The second layer: a request with a cookie that is not a plain read must say that it is ours.
pub(super) async fn cookies(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let read = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let headers = request.headers();
    let refused = !read
        && headers.contains_key(COOKIE)
        && request.uri().path() != reports::PATH
        && !says_ours(headers, &web.site.origin);
    if refused {
        tracing::warn!("refused a request that may be forged");
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

fn says_ours(headers: &HeaderMap, origin: &str) -> bool {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin" | b"none") => true,
        // A proxy or a browser extension may have added it; Origin decides only where it is absent.
        Some(_) => false,
        None => headers.get(ORIGIN).is_some_and(|o| o == origin),
    }
}
