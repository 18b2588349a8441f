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

/// The second layer: a request that is not a plain read must say that it is ours when it brings a
/// cookie, and must not say that it is somebody else's when it does not. (The first layer compares
/// hosts without the scheme: it would take `http://` of our name for us.)
pub(super) async fn cookies(State(web): State<Arc<Web>>, request: Request, next: Next) -> Response {
    let read = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let headers = request.headers();
    let refused = !read
        && request.uri().path() != reports::PATH
        && match claim(headers, &web.site.origin) {
            Some(ours) => !ours,
            None => headers.contains_key(COOKIE),
        };
    if refused {
        tracing::warn!("refused a request that may be forged");
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

/// Whether the request says it is ours; nothing when it does not say. The browser's own word on the
/// site counts before Origin.
fn claim(headers: &HeaderMap, origin: &str) -> Option<bool> {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let site = site.map(|site| matches!(site, b"same-origin" | b"none"));
    site.or_else(|| headers.get(ORIGIN).map(|said| said == origin))
}
