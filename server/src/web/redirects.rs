//! No answer leads abroad.
//!
//! A redirect goes to a local path, our own origin, or an endpoint of a configured issuer. Anything
//! else is a mistake of ours that somebody can use: it becomes a 500 and an alarm.

use axum::{
    extract::{Request, State as Shared},
    http::{StatusCode, header::LOCATION},
    middleware::Next,
    response::{IntoResponse, Response},
};
use url::Url;

use super::host::Site;
use crate::state::State;

/// Looks at every Location, whatever the status. A switch of protocols is refused as well.
pub async fn layer(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        tracing::error!(alarm = "upgrade", "an answer wanted to switch protocols");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let mut locations = response.headers().get_all(LOCATION).into_iter();
    let fine = locations.all(|value| {
        value.to_str().is_ok_and(|location| {
            allowed(location, &state.web.site, &state.auth.browser_endpoints())
        })
    });
    if fine {
        return response;
    }
    metrics::counter!("groundcrew_foreign_redirects_total").increment(1);
    tracing::error!(alarm = "redirect", "an answer wanted to lead abroad");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Whether a browser may be sent there.
pub fn allowed(location: &str, site: &Site, issuers: &[Url]) -> bool {
    if is_local(location) {
        return true;
    }
    let Ok(url) = Url::parse(location) else {
        return false;
    };
    let bare = url.username().is_empty() && url.password().is_none();
    let ours = || url.origin().ascii_serialization() == site.origin;
    let issuer = || {
        issuers
            .iter()
            .any(|endpoint| endpoint.origin() == url.origin() && endpoint.path() == url.path())
    };
    bare && (ours() || issuer())
}

/// A path of ours: one slash, then neither a slash nor a backslash; no backslash or control
/// character anywhere, because browsers read those as something else.
pub fn is_local(location: &str) -> bool {
    let mut chars = location.chars();
    chars.next() == Some('/')
        && !matches!(chars.next(), Some('/' | '\\'))
        && !location.chars().any(|c| c.is_control() || c == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn security_31_only_local_paths_our_origin_and_issuers() {
        let site = Site::of(&Url::parse("https://portal.example").expect("a URL"));
        let issuers = [Url::parse("https://id.example/authorize").expect("a URL")];
        let allowed = |location: &str| allowed(location, &site, &issuers);
        for good in [
            "/",
            "/a?b=c#d",
            "https://portal.example/x",
            "https://id.example/authorize?state=1",
        ] {
            assert!(allowed(good), "{good}");
        }
        for bad in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/a\\b",
            "/\tb",
            "relative",
            "javascript:alert(1)",
            "https://portal.example.evil.example/",
            "https://me@portal.example/",
            "https://portal.example:444/",
            "http://portal.example/",
            "https://id.example/other",
        ] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
