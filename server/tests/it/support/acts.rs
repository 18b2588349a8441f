//! Routes of the tests' own: who acts, and the operations pages will offer.

use axum::{
    Extension, Json, Router,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use platform::{Cx, Error, people, people::PersonId, sessions};
use server::state::State;
use uuid::Uuid;

/// Pages, acts and a static file.
pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/", get(|| async { "home" }))
        .route("/sign-in", get(|| async { "sign in" }))
        .route("/pkg/nothing.css", get(|| async { "" }))
        .route("/api/whoami", get(whoami))
        .route("/test/sessions", get(list))
        .route("/test/end/{label}", post(end))
        .route("/test/end-others", post(end_others))
        .route("/test/disable/{person}", post(disable))
        .route("/test/enable/{person}", post(enable))
}

async fn whoami(Extension(cx): Extension<Cx>) -> Response {
    answer(cx.person().cloned())
}

async fn list(Extension(cx): Extension<Cx>) -> Response {
    answer(sessions::ops::list(&cx).await)
}

async fn end(Extension(cx): Extension<Cx>, Path(label): Path<Uuid>) -> Response {
    answer(sessions::ops::end(&cx, label).await)
}

async fn end_others(Extension(cx): Extension<Cx>) -> Response {
    answer(sessions::ops::end_all_others(&cx).await)
}

async fn disable(Extension(cx): Extension<Cx>, Path(person): Path<Uuid>) -> Response {
    answer(people::ops::disable(&cx, PersonId(person)).await)
}

async fn enable(Extension(cx): Extension<Cx>, Path(person): Path<Uuid>) -> Response {
    answer(people::ops::enable(&cx, PersonId(person)).await)
}

fn answer<T: serde::Serialize>(outcome: Result<T, Error>) -> Response {
    match outcome {
        Ok(value) => Json(value).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).expect("a status");
            (status, Json(error)).into_response()
        }
    }
}
