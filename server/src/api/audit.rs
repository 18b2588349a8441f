//! `/api/v1/audit`: the chain as files.

use axum::{
    Extension,
    body::Body,
    extract::Query,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use futures::stream;
use platform::{
    Cx, Error,
    audit::{
        ops::{self, Format},
        view::Filter,
    },
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes of this noun. They need no state: [`Cx`] stands in the request's extensions.
pub fn routes<S: Clone + Send + Sync + 'static>() -> OpenApiRouter<S> {
    OpenApiRouter::new()
        .routes(routes!(json_lines))
        .routes(routes!(csv))
}

/// Which events. Without any filter the file proves that nothing is left out.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
struct Which {
    /// Id of the actor.
    actor: String,
    /// Name of an action.
    action: String,
    /// `success`, `denied` or `failure`.
    outcome: String,
    /// Id of the target.
    target: String,
    /// Recorded at or after: a date, or date and time, in UTC.
    from: String,
    /// Recorded before; a date includes its day.
    to: String,
    /// Text in the event's machine fields, or the beginning of a hash.
    text: String,
    /// Go on after this place in the chain; the answer has its own manifest.
    after: i64,
}

/// Events as JSON Lines: evidence.
///
/// Each line holds place, times, hashes and the canonical event; in a filtered file also a proof
/// that the event is in the chain. The last line is a signed manifest; a file without it is cut off.
#[utoipa::path(
    get, path = "/api/v1/audit/events.jsonl", operation_id = "audit_events_jsonl", tag = "audit",
    params(Which),
    responses(
        (status = 200, description = "The events, oldest first", content_type = "application/x-ndjson", body = String),
        (status = 401, description = "Nobody is signed in"),
        (status = 403, description = "Needs the role auditor"),
        (status = 422, description = "A filter is not understood"),
    )
)]
async fn json_lines(Extension(cx): Extension<Cx>, Query(which): Query<Which>) -> Response {
    let name = "groundcrew-audit.jsonl";
    file(&cx, which, Format::JsonLines, "application/x-ndjson", name).await
}

/// Events as CSV, for people and spreadsheets. Proves nothing.
#[utoipa::path(
    get, path = "/api/v1/audit/events.csv", operation_id = "audit_events_csv", tag = "audit",
    params(Which),
    responses(
        (status = 200, description = "The events, oldest first", content_type = "text/csv", body = String),
        (status = 401, description = "Nobody is signed in"),
        (status = 403, description = "Needs the role auditor"),
        (status = 422, description = "A filter is not understood"),
    )
)]
async fn csv(Extension(cx): Extension<Cx>, Query(which): Query<Which>) -> Response {
    let name = "groundcrew-audit-not-evidence.csv";
    file(&cx, which, Format::Csv, "text/csv; charset=utf-8", name).await
}

async fn file(cx: &Cx, which: Which, format: Format, kind: &'static str, name: &str) -> Response {
    let after = which.after;
    let pieces = match ops::export(cx, &which.into(), after, format).await {
        Ok(pieces) => pieces,
        Err(error) => return refused(&error),
    };
    // An error in the middle breaks the connection off: the client sees a file that did not end.
    let pieces = stream::unfold(pieces, |mut pieces| async move {
        pieces.recv().await.map(|piece| (piece, pieces))
    });
    (
        [
            (header::CONTENT_TYPE, kind),
            (
                header::CONTENT_DISPOSITION,
                &*format!("attachment; filename=\"{name}\""),
            ),
            (header::CONTENT_SECURITY_POLICY, "sandbox"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        Body::from_stream(pieces),
    )
        .into_response()
}

/// The status alone; the web layer makes the document.
fn refused(error: &Error) -> Response {
    StatusCode::from_u16(error.status())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        .into_response()
}

impl From<Which> for Filter {
    fn from(which: Which) -> Self {
        Self {
            actor: which.actor,
            action: which.action,
            outcome: which.outcome,
            target: which.target,
            from: which.from,
            to: which.to,
            text: which.text,
        }
    }
}
