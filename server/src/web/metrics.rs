//! What is measured, and the separate listener that shows it.

use std::{sync::OnceLock, time::Duration};

use axum::{
    Router,
    http::{Method, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of the histogram of request times, in seconds.
const BUCKETS: [f64; 11] = [
    0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// The recorder of this process, installed on first use.
///
/// # Panics
/// Never: there are buckets.
pub fn handle() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let times = Matcher::Full("groundcrew_request_seconds".to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(times, &BUCKETS)
            .expect("there are buckets")
            .build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder of metrics is installed; ours stays empty");
        }
        handle
    })
}

/// Counts an answer. The route is the pattern, never the path: its values are few.
pub fn answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let method = if method == Method::GET {
        "GET"
    } else {
        "other"
    };
    let route = route.to_owned();
    metrics::counter!("groundcrew_requests_total", "method" => method,
        "route" => route.clone(), "status" => status.as_u16().to_string())
    .increment(1);
    metrics::histogram!("groundcrew_request_seconds", "method" => method, "route" => route)
        .record(took.as_secs_f64());
}

/// `/metrics`, for a listener of its own.
pub fn routes() -> Router {
    Router::new().route("/metrics", get(show))
}

async fn show() -> impl IntoResponse {
    let handle = handle();
    handle.run_upkeep();
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        handle.render(),
    )
}
