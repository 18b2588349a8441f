//! The calls of `platform::jobs::wire`: each parses, calls one operation, answers.

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{Path, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use platform::{
    Cx, Error,
    jobs::{
        ops,
        wire::{Finish, Hello, PlanKept, PlanMade, Renew, Renewed, Start, Welcome},
    },
    policy::Action,
    wake::Word,
    workers,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{claim, intake};
use crate::state::State;

/// Methods and addresses with the action each is decided by: what the walk over all doors reads.
pub const CALLS: [(&str, &str, Action); 11] = [
    ("POST", "/work/v1/hello", Action::WorkerHello),
    ("POST", "/work/v1/claim", Action::WorkerClaim),
    (
        "POST",
        "/work/v1/attempts/{id}/start",
        Action::AttemptReport,
    ),
    (
        "POST",
        "/work/v1/attempts/{id}/renew",
        Action::AttemptReport,
    ),
    (
        "PUT",
        "/work/v1/attempts/{id}/log/{seq}",
        Action::AttemptReport,
    ),
    (
        "PUT",
        "/work/v1/attempts/{id}/journal/{seq}",
        Action::AttemptReport,
    ),
    ("PUT", "/work/v1/attempts/{id}/plan", Action::AttemptReport),
    (
        "PUT",
        "/work/v1/attempts/{id}/plan/file",
        Action::AttemptReport,
    ),
    (
        "GET",
        "/work/v1/attempts/{id}/plan/file",
        Action::AttemptReport,
    ),
    (
        "PUT",
        "/work/v1/attempts/{id}/evidence/{name}",
        Action::AttemptReport,
    ),
    (
        "POST",
        "/work/v1/attempts/{id}/finish",
        Action::AttemptReport,
    ),
];

/// Everything under `/work/v1`.
pub(super) fn routes() -> Router<State> {
    Router::new()
        .route("/work/v1/hello", post(hello))
        .route("/work/v1/claim", post(claim::claim))
        .route("/work/v1/attempts/{id}/start", post(start))
        .route("/work/v1/attempts/{id}/renew", post(renew))
        .route("/work/v1/attempts/{id}/log/{seq}", put(intake::log))
        .route("/work/v1/attempts/{id}/journal/{seq}", put(intake::journal))
        .route("/work/v1/attempts/{id}/plan", put(plan))
        .route(
            "/work/v1/attempts/{id}/plan/file",
            get(plan_file).put(put_plan_file),
        )
        .route(
            "/work/v1/attempts/{id}/evidence/{name}",
            put(intake::evidence),
        )
        .route("/work/v1/attempts/{id}/finish", post(finish))
}

/// An error as machines read it: status, and what is in the way.
pub(crate) fn refused(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(error)).into_response()
}

/// What the calls answer.
pub(super) type Answer<T> = Result<T, Refused>;

/// An error of an operation, as an answer.
pub(super) struct Refused(pub(super) Error);

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        refused(&self.0)
    }
}

/// Reads JSON, whatever the content type says: the caller is one program.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::invalid("body", error.to_string()))
}

/// The attempt of the address must be the one of the token.
pub(super) fn own(cx: &Cx, id: Uuid) -> Result<(), Error> {
    match cx.actor.attempt() {
        Some(attempt) if attempt.id == id => Ok(()),
        _ => Err(Error::forbidden("needs the token of the attempt itself")),
    }
}

async fn hello(Extension(cx): Extension<Cx>, body: Bytes) -> Answer<Json<Welcome>> {
    let said: Hello = read(&body)?;
    Ok(Json(workers::ops::hello(&cx, &said).await?))
}

async fn start(
    Extension(cx): Extension<Cx>,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Answer<Json<Renewed>> {
    own(&cx, id)?;
    let said: Start = read(&body)?;
    let renewed = ops::gate(&cx, said).await?;
    changed(&cx);
    Ok(Json(renewed))
}

async fn renew(
    Extension(cx): Extension<Cx>,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Answer<Json<Renewed>> {
    own(&cx, id)?;
    let said: Renew = read(&body)?;
    Ok(Json(ops::renew(&cx, &said).await?))
}

async fn plan(
    Extension(cx): Extension<Cx>,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Answer<Json<PlanKept>> {
    own(&cx, id)?;
    let said: PlanMade = read(&body)?;
    Ok(Json(ops::keep_plan(&cx, said).await?))
}

async fn put_plan_file(
    Extension(cx): Extension<Cx>,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Answer<StatusCode> {
    own(&cx, id)?;
    ops::put_plan_file(&cx, &body).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn plan_file(Extension(cx): Extension<Cx>, Path(id): Path<Uuid>) -> Answer<Vec<u8>> {
    own(&cx, id)?;
    Ok(ops::plan_file(&cx).await?)
}

async fn finish(
    Shared(state): Shared<State>,
    Extension(cx): Extension<Cx>,
    Path(id): Path<Uuid>,
    body: Bytes,
) -> Answer<StatusCode> {
    own(&cx, id)?;
    let said: Finish = read(&body)?;
    ops::finish(&cx, said).await?;
    changed(&cx);
    // Whoever follows the log learns of its end.
    state.wakes.say(Word::Log(id));
    Ok(StatusCode::NO_CONTENT)
}

/// The job of the attempt looks different now.
fn changed(cx: &Cx) {
    if let Some(attempt) = cx.actor.attempt() {
        cx.wake.say(platform::cx::Woken::Job(attempt.job));
    }
}
