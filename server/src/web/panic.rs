//! A panic in a handler: a generic 500 for the person, the cause in the log, the process lives.

use std::any::Any;

use axum::{
    body::Body,
    http::{Response, StatusCode},
    response::IntoResponse,
};
use tower_http::catch_panic::CatchPanicLayer;

/// What makes the answer.
type Handler = fn(Box<dyn Any + Send>) -> Response<Body>;

/// Catches panics. What was said and where is logged by the hook of [`crate::telemetry`], inside
/// the span of the request, so that the trace id leads there.
pub(super) fn layer() -> CatchPanicLayer<Handler> {
    CatchPanicLayer::custom(answer as Handler)
}

fn answer(_: Box<dyn Any + Send>) -> Response<Body> {
    metrics::counter!("groundcrew_panics_total").increment(1);
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
