//! What a server function may be sent, and what it may answer to a form without script.
//!
//! `server_fn` decodes JSON and CBOR whatever the Content-Type says, so no preflight would protect
//! them: here the type must be the declared one. It also answers a form by a redirect to the
//! Referer, foreign ones too, with the error in the URL: a foreign Referer is dropped before, and
//! the error taken out after.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{CONTENT_TYPE, LOCATION, REFERER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

use super::{Web, host::Site};

/// Where server functions live.
pub(super) const PREFIX: &str = "/fn/";

/// Paths of functions that take JSON; all others take a form.
const JSON: &[&str] = &[];

/// Checks the type, cleans the Referer, cleans the Location.
pub(super) async fn layer(
    State(web): State<Arc<Web>>,
    mut request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with(PREFIX) {
        return next.run(request).await;
    }
    if *request.method() == Method::POST && !has_declared_type(&request) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let ours = request
        .headers()
        .get(REFERER)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|referer| is_ours(referer, &web.site));
    if !ours {
        request.headers_mut().remove(REFERER);
    }
    let mut response = next.run(request).await;
    if let Some(clean) = response.headers().get(LOCATION).and_then(without_error) {
        response.headers_mut().insert(LOCATION, clean);
    }
    response
}

fn has_declared_type(request: &Request) -> bool {
    let declared = if JSON.contains(&request.uri().path()) {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    let sent = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|v| v.to_str().ok());
    sent.and_then(|sent| sent.split(';').next())
        .is_some_and(|sent| sent.trim().eq_ignore_ascii_case(declared))
}

fn is_ours(referer: &str, site: &Site) -> bool {
    Url::parse(referer).is_ok_and(|url| url.origin().ascii_serialization() == site.origin)
}

/// The same address without the parameters `server_fn` puts errors into, if there are any.
fn without_error(location: &HeaderValue) -> Option<HeaderValue> {
    let location = location.to_str().ok()?;
    let (rest, fragment) = location.split_once('#').unwrap_or((location, ""));
    let (path, query) = rest.split_once('?')?;
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.starts_with("__path=") && !pair.starts_with("__err="))
        .collect();
    let mut clean = path.to_owned();
    if !kept.is_empty() {
        clean = clean + "?" + &kept.join("&");
    }
    if !fragment.is_empty() {
        clean = clean + "#" + fragment;
    }
    HeaderValue::try_from(clean).ok()
}
