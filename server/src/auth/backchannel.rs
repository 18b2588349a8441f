//! The provider says that it signed somebody out (OpenID Connect Back-Channel Logout 1.0).

use axum::{
    Form,
    extract::{Path, State as Shared},
    http::{Extensions, StatusCode, header},
    response::{IntoResponse, Response},
};
use platform::{
    Error,
    limits::{self, Counted},
    sessions::ops,
};
use serde::Deserialize;

use super::{layer::refuse, logout_token, system};
use crate::state::State;

/// What the provider posts.
#[derive(Deserialize)]
pub(super) struct Told {
    logout_token: String,
}

/// `POST /auth/backchannel/{issuer}`: 200 when done, 400 when it does not hold, never a cookie.
pub(super) async fn logout(
    Shared(state): Shared<State>,
    Path(issuer): Path<String>,
    extensions: Extensions,
    form: Result<Form<Told>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Some(issuer) = state.auth.issuer(&issuer) else {
        return no_store(StatusCode::BAD_REQUEST);
    };
    let cx = system(&state, &extensions);
    if let Err(error) = limits::ops::count(&cx, Counted::BackChannel, &issuer.settings.id).await {
        return refuse(&error);
    }
    let Ok(Form(told)) = form else {
        return no_store(StatusCode::BAD_REQUEST);
    };
    let logout = match logout_token::verify(issuer, &told.logout_token, cx.clock.now()).await {
        Ok(logout) => logout,
        Err(rule) => return refused(&issuer.settings.id, rule),
    };
    match ops::end_by_provider(&cx, &logout).await {
        Ok(ended) => {
            tracing::info!(issuer = issuer.settings.id, ended, "back-channel logout");
            no_store(StatusCode::OK)
        }
        Err(Error::Conflict { .. }) => refused(&issuer.settings.id, "jti"),
        Err(error) => refuse(&error),
    }
}

fn refused(issuer: &str, rule: &str) -> Response {
    tracing::warn!(issuer, rule, "back-channel logout refused");
    no_store(StatusCode::BAD_REQUEST)
}

fn no_store(status: StatusCode) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")]).into_response()
}
