//! How big a request may be and how long it may take.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    BoxError,
    body::Body,
    extract::Request,
    http::{StatusCode, header::CONTENT_LENGTH},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use platform::jobs::wire::{LOG_CHUNK, PLAN_FILE, STATE};

/// Until the head of the answer. Streams begin at once and are not cut.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);

const KIB: usize = 1024;

/// The most a request to this path may carry.
pub(super) fn limit(path: &str) -> usize {
    match path {
        super::reports::PATH => 64 * KIB,
        _ if path.starts_with("/state/") => STATE,
        _ => path
            .strip_prefix("/work/v1/attempts/")
            .map_or(1024 * KIB, of_attempt),
    }
}

/// What an attempt may hand in, by the part of the address behind its id.
fn of_attempt(path: &str) -> usize {
    match path.split('/').nth(1) {
        Some("log") => LOG_CHUNK,
        Some("plan") => PLAN_FILE,
        Some("evidence") => STATE,
        Some("finish") => 8 * 1024 * KIB,
        _ => 1024 * KIB,
    }
}

/// How long a request to this path may take: what is big comes over slow lines.
fn patience(path: &str) -> Duration {
    if limit(path) > 8 * 1024 * KIB {
        TIMEOUT * 10
    } else {
        TIMEOUT
    }
}

/// 413 for what is too big, whether announced or found out while reading, whatever the handler made
/// of it; 503 for what takes too long.
pub(super) async fn layer(request: Request, next: Next) -> Response {
    let limit = limit(request.uri().path());
    let patience = patience(request.uri().path());
    let announced = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    let exceeded = Arc::new(AtomicBool::new(false));
    let request = request.map(|body| {
        let exceeded = Arc::clone(&exceeded);
        Body::new(Limited::new(body, limit).map_err(move |error: BoxError| {
            if error.is::<LengthLimitError>() {
                exceeded.store(true, Ordering::Relaxed);
            }
            axum::Error::new(error)
        }))
    });
    let answer = tokio::time::timeout(patience, next.run(request)).await;
    if exceeded.load(Ordering::Relaxed) {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    answer.unwrap_or_else(|_| {
        tracing::error!(seconds = patience.as_secs(), "a request took too long");
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    })
}
