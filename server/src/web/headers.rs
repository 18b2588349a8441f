//! Headers on every answer, errors and assets included.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, SERVER,
            STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};
use url::Url;

use super::csp;
use crate::auth::Auth;

/// The same on every answer.
const ALWAYS: [(HeaderName, &str); 8] = [
    (
        STRICT_TRANSPORT_SECURITY,
        "max-age=63072000; includeSubDomains",
    ),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // `no-referrer` would make Chromium send `Origin: null` on our own forms.
    (REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
    (
        HeaderName::from_static("reporting-endpoints"),
        "csp=\"/reports/csp\"",
    ),
];

/// Everything a browser can switch off, off; copying by a button (trace ids) stays. Names Chromium does
/// not know would be errors in its console, so only those it knows.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), \
    clipboard-read=(), clipboard-write=(self), display-capture=(), encrypted-media=(), \
    fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), \
    identity-credentials-get=(), idle-detection=(), local-fonts=(), magnetometer=(), \
    microphone=(), midi=(), payment=(), picture-in-picture=(), \
    publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), \
    serial=(), storage-access=(), usb=(), window-management=(), xr-spatial-tracking=()";

/// Mints the nonce for the handlers, sets the headers on their answer.
pub(super) async fn layer(
    State(auth): State<Arc<Auth>>,
    mut request: Request,
    next: Next,
) -> Response {
    let nonce = csp::mint();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        // `no-referrer` on the callback of a sign-in is stricter than ours and stays.
        if name != REFERRER_POLICY || !headers.contains_key(REFERRER_POLICY) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    // A download brings its own, stricter policy (`sandbox`).
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(
            CONTENT_SECURITY_POLICY,
            csp::policy(&nonce, &form_targets(&auth)),
        );
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.remove(SERVER);
    charset(headers);
    response
}

/// Where forms may lead: the issuers of the settings, and the endpoints they named, which may stand
/// elsewhere.
fn form_targets(auth: &Auth) -> Vec<Url> {
    let configured = auth.configured();
    let issuers = configured.iter().filter_map(|issuer| issuer.parse().ok());
    issuers.chain(auth.browser_endpoints()).collect()
}

/// Text without a charset is UTF-8.
fn charset(headers: &mut HeaderMap) {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()) else {
        return;
    };
    if kind.starts_with("text/") && !kind.contains("charset") {
        let value = HeaderValue::try_from(format!("{kind}; charset=utf-8"))
            .expect("a header value with ASCII behind it is one");
        headers.insert(CONTENT_TYPE, value);
    }
}
