//! Files people take away: logs as text, versions of a state. Always an attachment under a name of
//! ours, never shown.

use std::io;

use axum::{
    Extension, Form, Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::stream;
use platform::{Cx, Error, logs, policy::Action, stacks};
use serde::Deserialize;
use uuid::Uuid;

use crate::state::State;

/// Methods and addresses with the action each is decided by: what the walk over all doors reads.
pub const DOWNLOADS: [(&str, &str, Action); 2] = [
    ("GET", "/downloads/logs/{attempt}", Action::LogView),
    (
        "POST",
        "/downloads/states/{stack}/{serial}",
        Action::StateDownload,
    ),
];

/// Everything under `/downloads`, to be put inside the layer that signs in.
pub fn routes() -> Router<State> {
    Router::new()
        .route("/downloads/logs/{attempt}", get(log))
        .route("/downloads/states/{stack}/{serial}", post(state))
}

/// The whole log as it is now, every byte. Packed as it is stored where the browser takes gzip.
async fn log(
    Extension(cx): Extension<Cx>,
    Path(attempt): Path<Uuid>,
    headers: HeaderMap,
) -> Response {
    let whole = match logs::ops::whole(&cx, attempt).await {
        Ok(whole) => whole,
        Err(error) => return refused(&error),
    };
    let name = format!(
        "JOB-{}-{}-{}.log",
        whole.job,
        plain(&whole.step),
        whole.attempt
    );
    let packed = takes_gzip(&headers);
    // An error in the middle breaks the connection off: the client sees a file that did not end.
    let pieces = stream::unfold(whole.pieces, move |mut pieces| async move {
        let piece = pieces.recv().await?;
        let bytes = piece.map_err(io::Error::other).and_then(|piece| {
            if packed {
                Ok(piece.packed)
            } else {
                piece.unpack()
            }
        });
        Some((bytes, pieces))
    });
    let mut response = file(
        Body::from_stream(pieces),
        "text/plain; charset=utf-8",
        &name,
    );
    if packed {
        let gzip = HeaderValue::from_static("gzip");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, gzip);
        let vary = HeaderValue::from_static("accept-encoding");
        response.headers_mut().insert(header::VARY, vary);
    }
    response
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Why {
    reason: String,
}

/// A version of a state in clear, after a fresh sign-in, with a reason.
async fn state(
    Extension(cx): Extension<Cx>,
    Path((stack, serial)): Path<(Uuid, i64)>,
    Form(why): Form<Why>,
) -> Response {
    match stacks::ops::download(&cx, stack, serial, &why.reason).await {
        Ok(bytes) => {
            let name = format!("{stack}-{serial}.tfstate");
            file(Body::from(bytes), "application/json", &name)
        }
        Err(error) => refused(&error),
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| {
            let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
            let never = matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000");
            name.trim().eq_ignore_ascii_case("gzip") && !never
        })
}

/// Of a step's name, what may stand in the name of a file.
fn plain(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(60)
        .collect()
}

fn file(body: Body, kind: &'static str, name: &str) -> Response {
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
        body,
    )
        .into_response()
}

/// The status alone; the web layer makes the document.
fn refused(error: &Error) -> Response {
    StatusCode::from_u16(error.status())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        .into_response()
}
