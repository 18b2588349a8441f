//! Streams of events: a log as it grows, a job as it changes.
//!
//! However many watch one log or one job, each server asks the database once for what is new. Each
//! stream stands on a session: it is authorised when it opens, when the person's rights change and
//! every 30 seconds, and ends within five seconds of the session.

mod hub;
mod job;
mod log;
mod sessions;

use std::{convert::Infallible, time::Duration};

use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::get,
};
use futures::Stream;
use platform::{Error, policy::Action};
use serde::Deserialize;

pub use sessions::{Streams, watch};

use crate::{state::State, web::shutdown};

/// Addresses with the action each is decided by: what the walk over all doors reads.
pub const STREAMS: [(&str, Action); 2] = [
    ("/streams/logs/{attempt}", Action::LogView),
    ("/streams/jobs/{job}", Action::JobView),
];

/// Between two signs of life of a silent stream.
const ALIVE: Duration = Duration::from_secs(15);

/// Everything under `/streams`, to be put inside the layer that signs in.
pub fn routes() -> Router<State> {
    Router::new()
        .route("/streams/logs/{attempt}", get(log::follow))
        .route("/streams/jobs/{job}", get(job::follow))
}

/// Where a stream goes on: the number in `Last-Event-ID`, or `after` in the address where a page
/// opens it for the first time.
struct After(Option<u64>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    after: Option<u64>,
}

impl<S: Sync> FromRequestParts<S> for After {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        const LAST: HeaderName = HeaderName::from_static("last-event-id");
        let query = axum::extract::Query::<Query>::try_from_uri(&parts.uri)
            .map_err(|_| StatusCode::BAD_REQUEST)?;
        let mut said = parts.headers.get_all(LAST).into_iter();
        match (said.next(), said.next()) {
            (None, _) => Ok(Self(query.after)),
            (Some(id), None) => id
                .to_str()
                .ok()
                .filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|id| id.parse().ok())
                .map(|id| Self(Some(id)))
                .ok_or(StatusCode::BAD_REQUEST),
            _ => Err(StatusCode::BAD_REQUEST),
        }
    }
}

/// The answer: events until they end, the server stops, or the reader goes away.
fn answer(
    state: &State,
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
) -> Response {
    let events = shutdown::until(events, &state.web.shutdown);
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(ALIVE))
        .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that collects would break it.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response
}

/// The status alone; the web layer makes the document.
fn refused(error: &Error) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match error {
        Error::TooMany { retry_after_s } => {
            (status, [(header::RETRY_AFTER, retry_after_s.to_string())]).into_response()
        }
        _ => status.into_response(),
    }
}
