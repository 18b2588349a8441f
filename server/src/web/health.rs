//! Whether the process lives, and whether it can serve.
//!
//! Both are public and say no more than the name of each part and whether it works; causes are in
//! the log.

use axum::{
    Json, Router,
    extract::State as Shared,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use platform::audit::view::Alarm;
use serde::Serialize;

use crate::state::State;

/// What `/readyz` says.
#[derive(Debug, Serialize)]
struct Health {
    /// The portal can serve.
    ready: bool,
    /// All parts work.
    healthy: bool,
    /// Each part and whether it works.
    parts: Parts,
}

#[derive(Debug, Serialize)]
struct Parts {
    database: Word,
    migrations: Word,
    /// No verification found the audit chain altered.
    audit_chain: Word,
    /// The chain is signed.
    audit_checkpoints: Word,
    /// Events reach the chain.
    audit_pending: Word,
    /// No pool stands still although a worker could take something.
    queue: Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Ok,
    Failing,
}

/// `/livez` and `/readyz`.
pub fn routes() -> Router<State> {
    Router::new()
        .route("/livez", get(live))
        .route("/readyz", get(ready))
}

async fn live() -> &'static str {
    "ok\n"
}

async fn ready(Shared(state): Shared<State>) -> Response {
    let word = |works| if works { Word::Ok } else { Word::Failing };
    let found = platform::health::ops::probe(&state.db).await;
    if state.web.shutdown.is_cancelled() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let migrations = found.migrations && state.readiness.is_open();
    let ready = found.database && migrations;
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let alarms = state.readiness.alarms();
    let calm = |part: fn(&Alarm) -> bool| word(!alarms.iter().any(part));
    let parts = Parts {
        database: word(found.database),
        migrations: word(migrations),
        audit_chain: calm(|alarm| matches!(alarm, Alarm::NotSound { .. })),
        audit_checkpoints: calm(|alarm| {
            matches!(alarm, Alarm::NoCheckpoint | Alarm::OldCheckpoint { .. })
        }),
        audit_pending: calm(|alarm| matches!(alarm, Alarm::Waiting { .. })),
        queue: word(state.readiness.stuck().is_empty()),
    };
    let healthy = ready && alarms.is_empty() && state.readiness.stuck().is_empty();
    let said = Health {
        ready,
        healthy,
        parts,
    };
    (status, Json(said)).into_response()
}
