//! Which machine acts: once per request, from `Authorization`, for everything behind it.
//!
//! A worker and an attempt bring their token as Bearer; a tool brings its attempt's as the password
//! of Basic, because Terraform knows no other way. Nothing else is looked at: a cookie is refused.

use std::net::IpAddr;

use axum::{
    extract::{Request, State as Shared},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use platform::{people::Actor, workers};

use super::calls::refused;
use crate::{
    auth,
    state::State,
    web::{ClientAddr, TraceId, limits},
};

/// Puts `platform::Cx` of the machine into the request, or refuses.
pub(super) async fn layer(
    Shared(state): Shared<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::COOKIE) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let address = request.extensions().get::<ClientAddr>().map(|addr| addr.0);
    let token = token(headers);
    let found = match token {
        Some(token) => workers::ops::find_by_token(&state.db, &token).await,
        None => Ok(None),
    };
    let actor = match found {
        Ok(Some(actor)) => actor,
        Ok(None) => return unknown(&state, address).await,
        Err(error) => return refused(&error),
    };
    let mut cx = auth::layer::bare(&state, actor);
    if let Some(TraceId(trace)) = request.extensions().get::<TraceId>() {
        cx.trace = trace.clone();
    }
    request.extensions_mut().insert(cx);
    next.run(request).await
}

/// Whether a request brings the token of a machine: such a one opens no page and no REST.
pub fn is_machine(headers: &HeaderMap) -> bool {
    token(headers).is_some_and(|token| {
        token.starts_with(workers::ops::WORKER) || token.starts_with(workers::ops::ATTEMPT)
    })
}

fn token(headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header::AUTHORIZATION).into_iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, rest) = value.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    pair.split_once(':')
        .map(|(_, password)| password.to_owned())
}

/// Counts it by address: whoever guesses is slowed down, and on the record.
async fn unknown(state: &State, address: Option<IpAddr>) -> Response {
    if let Some(address) = address
        && let Err(hit) = state
            .web
            .limits
            .count(limits::Limit::FailedToken, &limits::key(address))
    {
        let cx = auth::layer::bare(state, Actor::System("work"));
        return limits::refuse(cx, hit, Actor::Anonymous).await;
    }
    let challenge = "Basic realm=\"groundcrew\", charset=\"UTF-8\"";
    (
        StatusCode::UNAUTHORIZED,
        [(header::WWW_AUTHENTICATE, challenge)],
    )
        .into_response()
}
