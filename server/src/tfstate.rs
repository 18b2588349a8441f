//! Terraform's HTTP backend: `GET`, `POST`, `LOCK`, `UNLOCK /state/{stack}`. The password is the
//! attempt's token.
//!
//! A write that is refused is 409: the tool stops at it and leaves `errored.tfstate`, which its
//! shim keeps as evidence.

use axum::{
    Extension, Json, Router,
    body::Bytes,
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing::any,
};
use http_body_util::BodyExt as _;
use platform::{
    Cx, Error,
    policy::Action,
    stacks::ops::{self, LockInfo},
};
use serde::Deserialize;
use uuid::Uuid;

use crate::work::calls::refused;

/// The action all of it is decided by.
pub const ACTION: Action = Action::AttemptState;

/// `/state/{stack}`, to be put behind the layer that knows tokens.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/state/{stack}", any(state))
}

#[derive(Deserialize)]
struct Which {
    /// Id of the lock the tool holds.
    #[serde(rename = "ID")]
    id: Option<String>,
}

async fn state(
    Extension(cx): Extension<Cx>,
    Path(stack): Path<Uuid>,
    Query(which): Query<Which>,
    request: Request,
) -> Response {
    let method = request.method().as_str().to_owned();
    // The web layer bounds the body, and says 413 itself.
    let Ok(body) = request.into_body().collect().await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let body = body.to_bytes();
    let done = match &*method {
        "GET" => read(&cx, stack).await,
        "POST" => write(&cx, stack, which.id.as_deref(), &body).await,
        "LOCK" => lock(&cx, stack, &body).await,
        "UNLOCK" => unlock(&cx, stack, &body).await,
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    done.unwrap_or_else(|error| refused(&error))
}

async fn read(cx: &Cx, stack: Uuid) -> Result<Response, Error> {
    Ok(match ops::read_state(cx, stack).await? {
        Some(bytes) => ([("content-type", "application/json")], bytes).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

async fn write(cx: &Cx, stack: Uuid, lock: Option<&str>, body: &[u8]) -> Result<Response, Error> {
    match ops::write_state(cx, stack, lock, body).await {
        Ok(()) => Ok(StatusCode::OK.into_response()),
        Err(Error::Gone) => Err(Error::conflict(
            "this attempt holds the stack no more: what it did since is found out by a reconcile",
        )),
        Err(error) => Err(error),
    }
}

async fn lock(cx: &Cx, stack: Uuid, body: &Bytes) -> Result<Response, Error> {
    let info: LockInfo =
        serde_json::from_slice(body).map_err(|_| Error::invalid("lock", "is no lock info"))?;
    Ok(match ops::lock(cx, stack, info).await? {
        Ok(()) => StatusCode::OK.into_response(),
        Err(other) => (StatusCode::LOCKED, Json(other)).into_response(),
    })
}

async fn unlock(cx: &Cx, stack: Uuid, body: &Bytes) -> Result<Response, Error> {
    let info: Option<LockInfo> = serde_json::from_slice(body).ok();
    ops::unlock(cx, stack, info.as_ref().map(|info| &*info.id)).await?;
    Ok(StatusCode::OK.into_response())
}
