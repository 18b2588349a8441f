//! Forms sent to server functions without script come back to us.
//!
//! `server_fn` would answer them by a redirect to the Referer, foreign ones too, with the error in
//! the URL. The application answers them itself and checks encodings; this stands around it, for
//! the function somebody mounts elsewhere: a foreign Referer is dropped before, the error taken out
//! of the Location after.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderValue,
        header::{LOCATION, REFERER},
    },
    middleware::Next,
    response::Response,
};
use url::Url;

use super::{Web, host::Site};

/// Where server functions live.
pub(super) const PREFIX: &str = "/fn/";

/// Cleans the Referer, cleans the Location.
pub(super) async fn layer(
    State(web): State<Arc<Web>>,
    mut request: Request,
    next: Next,
) -> Response {
    if !request.uri().path().starts_with(PREFIX) {
        return next.run(request).await;
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
