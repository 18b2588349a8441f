//! Asking the provider to see the person again, for one act.

use axum::{
    Form,
    extract::State as Shared,
    http::{Extensions, HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use platform::{Cx, Error, login_flows::FlowKind, sessions::SignInProblem, step_up::Purpose};
use serde::Deserialize;

use super::{
    flow::{begin, fail},
    layer::refuse,
    oidc::Refusal,
    session::Current,
    system,
};
use crate::state::State;

/// The form beside an act that asks for a fresh sign-in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    purpose: String,
    #[serde(default)]
    return_to: String,
}

/// `POST /auth/step-up`: the same provider that signed the person in confirms them.
pub(super) async fn start(
    Shared(state): Shared<State>,
    extensions: Extensions,
    headers: HeaderMap,
    Form(form): Form<Start>,
) -> Response {
    let session = extensions
        .get::<Cx>()
        .and_then(|cx| cx.actor.person())
        .map(|person| person.session);
    let (Some(session), Some(current)) = (session, extensions.get::<Current>()) else {
        return refuse(&Error::Unauthenticated);
    };
    let Some(purpose) = Purpose::parse(&form.purpose) else {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    };
    let cx = system(&state, &extensions);
    let issuer = state
        .auth
        .issuers()
        .iter()
        .find(|issuer| issuer.settings.issuer == current.iss);
    let Some(issuer) = issuer else {
        return fail(
            &cx,
            "unknown",
            Refusal::new(SignInProblem::UnknownIssuer, "issuer"),
        )
        .await;
    };
    if issuer.settings.acr_values.is_empty() {
        let closed = Refusal::new(SignInProblem::StepUpClosed, "acr_values");
        return fail(&cx, &issuer.settings.id, closed).await;
    }
    let kind = FlowKind::StepUp {
        session,
        purpose: purpose.to_string(),
    };
    begin(&state, &cx, &headers, issuer, kind, &form.return_to).await
}
