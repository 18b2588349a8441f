//! Around every server function: its encoding and its one argument are checked before, its error
//! becomes a status after. Forms sent without script are answered by a redirect to where they came
//! from, on this portal, with a code and a reference and no text.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{
        HeaderValue, Method, StatusCode,
        header::{ACCEPT, CONTENT_TYPE, LOCATION, REFERER, RETRY_AFTER},
        request::Parts,
    },
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use platform::Error;
use server_fn::{codec::JsonEncoding, error::SERVER_FN_ERROR_HEADER};

use super::{
    AppOptions,
    doors::{self, Encoding},
    input,
    router::accepts_html,
};
use crate::{AppError, links};

const BODY_LIMIT: usize = 1024 * 1024;

pub(super) async fn functions(
    State(options): State<AppOptions>,
    request: Request,
    next: Next,
) -> Response {
    let Some(function) = doors::function(request.uri().path()) else {
        return next.run(request).await;
    };
    let expected: &[Method] = match function.encoding {
        Encoding::Query => &[Method::GET, Method::HEAD],
        Encoding::Form | Encoding::Json => &[Method::POST],
    };
    if !expected.contains(request.method()) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let (mut parts, body) = request.into_parts();
    let back = accepts_html(&parts.headers).then(|| origin_page(&parts, &options.origin));
    // server_fn would follow any referer, and put the error into its query.
    parts
        .headers
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    parts.headers.remove(REFERER);
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if let Err(status) = acceptable(function.encoding, &parts, &body) {
        return status.into_response();
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (response, error) = with_status(response).await;
    match back {
        None => response,
        Some(back) => Redirect::to(&target(&back, &response, error)).into_response(),
    }
}

/// Whether the request is encoded as declared and holds the one argument and nothing else.
fn acceptable(encoding: Encoding, parts: &Parts, body: &Bytes) -> Result<(), StatusCode> {
    let given = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|given| given.to_str().ok())
        .and_then(|given| given.split(';').next())
        .map(|given| given.trim().to_ascii_lowercase());
    let declared = match encoding {
        Encoding::Query => {
            return input::form(parts.uri.query().unwrap_or_default().as_bytes());
        }
        Encoding::Form => "application/x-www-form-urlencoded",
        Encoding::Json => "application/json",
    };
    if given.as_deref() != Some(declared) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    match encoding {
        Encoding::Json => input::json(body),
        Encoding::Form | Encoding::Query => input::form(body),
    }
}

/// Gives an error of ours its status. `server_fn` answers 500 to all of them.
async fn with_status(response: Response) -> (Response, Option<AppError>) {
    if !response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return (response, None);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, BODY_LIMIT).await.unwrap_or_default();
    let error = <JsonEncoding as server_fn::Decodes<AppError>>::decode(bytes.clone())
        .unwrap_or_else(|_| AppError {
            error: Error::Internal,
            trace: String::new(),
        });
    parts.status =
        StatusCode::from_u16(error.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Error::TooMany { retry_after_s } = error.error {
        parts
            .headers
            .insert(RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    (Response::from_parts(parts, Body::from(bytes)), Some(error))
}

/// The page of ours a form was sent from.
fn origin_page(parts: &Parts, origin: &str) -> String {
    parts
        .headers
        .get(REFERER)
        .and_then(|referer| referer.to_str().ok())
        .and_then(|referer| referer.strip_prefix(origin))
        .filter(|path| links::is_local(path) && !path.starts_with("/fn/"))
        .map_or_else(|| "/".to_owned(), without_outcome)
}

/// Takes the outcome of an earlier form out of an address.
fn without_outcome(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let outcome = |pair: &&str| {
        !["error=", "ref=", "done="]
            .iter()
            .any(|key| pair.starts_with(key))
            && !pair.is_empty()
    };
    let kept: Vec<&str> = query.split('&').filter(outcome).collect();
    if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    }
}

/// Where a form without script goes next.
fn target(back: &str, response: &Response, error: Option<AppError>) -> String {
    match error {
        Some(AppError {
            error: Error::Unauthenticated,
            ..
        }) => links::sign_in(back),
        Some(error) => {
            let joint = if back.contains('?') { '&' } else { '?' };
            let reference = links::encode(&error.trace);
            format!("{back}{joint}error={}&ref={reference}", error.error.code())
        }
        None => response
            .headers()
            .get(LOCATION)
            .and_then(|location| location.to_str().ok())
            .filter(|location| links::is_local(location))
            .unwrap_or(back)
            .to_owned(),
    }
}
