//! Beginning a sign-in: by the button, in a document of its own.

use axum::{
    Form,
    extract::State as Shared,
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use platform::{
    Cx,
    limits::{self, Counted},
    login_flows::{self, Flow, FlowKind},
    sessions::{SignInProblem, ops},
};
use serde::Deserialize;

use super::{
    cookies,
    layer::refuse,
    oidc::{Issuer, Refusal},
    return_to, system,
};
use crate::state::State;

/// Seconds a flow's cookie lives: as long as its row counts.
const COOKIE_SECONDS: u32 = 600;

/// The sign-in form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    issuer: String,
    #[serde(default)]
    return_to: String,
}

/// `POST /auth/start`: keeps a flow and sends the browser to the provider.
pub(super) async fn start(
    Shared(state): Shared<State>,
    extensions: Extensions,
    headers: HeaderMap,
    Form(form): Form<Start>,
) -> Response {
    let cx = system(&state, &extensions);
    let Some(issuer) = state.auth.issuer(&form.issuer) else {
        let refusal = Refusal::new(SignInProblem::UnknownIssuer, "issuer");
        return fail(&cx, "unknown", refusal).await;
    };
    begin(
        &state,
        &cx,
        &headers,
        issuer,
        FlowKind::SignIn,
        &form.return_to,
    )
    .await
}

/// The rest of a start, for a sign-in and for a fresh one alike.
pub(super) async fn begin(
    state: &State,
    cx: &Cx,
    headers: &HeaderMap,
    issuer: &Issuer,
    kind: FlowKind,
    asked_return_to: &str,
) -> Response {
    if !is_navigation(headers) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let address = address(cx);
    if let Err(error) = limits::ops::count(cx, Counted::Start, &address).await {
        return refuse(&error);
    }
    let step_up = matches!(kind, FlowKind::StepUp { .. });
    let begun = match issuer.begin(step_up).await {
        Ok(begun) => begun,
        Err(refusal) => return fail(cx, &issuer.settings.id, refusal).await,
    };
    let flow = Flow {
        issuer: issuer.settings.id.clone(),
        nonce: begun.nonce,
        pkce_verifier: begun.pkce_verifier,
        return_to: return_to::local(asked_return_to, &state.config.public_url),
        kind,
        began_at: None,
    };
    let browser = platform::secrets::token();
    let held = cookies::flows(headers);
    let halves: Vec<String> = held.iter().map(|(_, half)| half.clone()).collect();
    let standing = match login_flows::ops::begin(cx, &begun.state, &browser, &flow, &halves).await {
        Ok(standing) => standing,
        Err(error) => return refuse(&error),
    };
    let mut response = see_other(begun.url.as_str());
    let answer = response.headers_mut();
    for (name, _) in held.iter().filter(|(_, half)| !standing.contains(half)) {
        answer.append(header::SET_COOKIE, cookies::remove(name));
    }
    answer.append(
        header::SET_COOKIE,
        cookies::set(
            &cookies::flow_name(&begun.state),
            &browser,
            Some(COOKIE_SECONDS),
        ),
    );
    response
}

/// Ends a sign-in that led to nothing: on the record, then to the sign-in page with our text.
pub(super) async fn fail(cx: &Cx, issuer: &str, refusal: Refusal) -> Response {
    tracing::warn!(
        issuer,
        problem = refusal.problem.code(),
        rule = refusal.rule,
        "sign-in failed"
    );
    match ops::sign_in_failed(cx, issuer, refusal.problem, refusal.rule).await {
        Ok(()) => to_sign_in(cx, refusal.problem),
        Err(error) => refuse(&error),
    }
}

/// To the sign-in page, with the problem and the reference under which the log knows more.
pub(super) fn to_sign_in(cx: &Cx, problem: SignInProblem) -> Response {
    see_other(&format!(
        "/sign-in?error={}&ref={}",
        problem.code(),
        cx.trace
    ))
}

/// 303 that is not kept and tells the next page nothing.
pub(super) fn see_other(location: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// What limits count by.
pub(super) fn address(cx: &Cx) -> String {
    cx.origin
        .ip
        .map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
}

/// A form sent by a person in a window of its own; browsers too old to say pass.
fn is_navigation(headers: &HeaderMap) -> bool {
    let says = |name: &str, wanted: &str| headers.get(name).is_none_or(|value| value == wanted);
    says("sec-fetch-mode", "navigate")
        && says("sec-fetch-dest", "document")
        && !headers.contains_key("sec-purpose")
        && !headers.contains_key("purpose")
}
