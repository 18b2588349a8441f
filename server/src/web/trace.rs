//! Trace id, span, log line and metrics of every request.
//!
//! The id is always our own: what a client sends as a trace or request id is not believed. The
//! query is logged by its keys only, and no header is logged.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Uri},
    middleware::Next,
    response::Response,
};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceState};
use tracing::Instrument;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// Names one request in logs, traces, error pages and audit events: 32 lower-case hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceId(pub Arc<str>);

/// Header of the answer that carries the trace id.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

impl TraceId {
    /// A new one: 128 random bits.
    fn mint() -> (Self, u128) {
        let bits = u128::from_ne_bytes(super::csp::random_16());
        (Self(format!("{bits:032x}").into()), bits)
    }
}

/// Mints the id, opens the span, logs the outcome, counts it.
pub(super) async fn layer(mut request: Request, next: Next) -> Response {
    let (id, bits) = TraceId::mint();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    // What machines call is counted, not told line by line: shims speak many times a second.
    let quiet = crate::work::is_for_machines(request.uri().path());
    let span = tracing::info_span!(
        "request",
        trace_id = %id.0,
        method = %method,
        route,
        path = request.uri().path(),
        query = keys(request.uri()),
    );
    adopt(&span, bits);
    request.extensions_mut().insert(id.clone());
    async move {
        let start = Instant::now();
        let mut response = next.run(request).await;
        let took = start.elapsed();
        let status = response.status();
        super::metrics::answered(&method, &route, status, took);
        let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), ms, "answered");
        } else if quiet {
            tracing::debug!(status = status.as_u16(), ms, "answered");
        } else {
            tracing::info!(status = status.as_u16(), ms, "answered");
        }
        let value = HeaderValue::from_str(&id.0).expect("hex digits make a header value");
        response.headers_mut().insert(HEADER, value);
        response
    }
    .instrument(span)
    .await
}

/// Names of the query's parameters, never their values.
fn keys(uri: &Uri) -> String {
    let query = uri.query().unwrap_or_default();
    let names = query
        .split('&')
        .filter_map(|pair| pair.split('=').next())
        .filter(|name| !name.is_empty())
        .map(|name| name.chars().take(40).collect::<String>());
    names.take(20).collect::<Vec<_>>().join(",")
}

/// Gives the exported trace the same id as the log lines.
pub(crate) fn adopt(span: &tracing::Span, bits: u128) {
    let half = u64::try_from(bits >> 64).expect("64 bits are left") | 1;
    let parent = SpanContext::new(
        bits.into(),
        SpanId::from(half),
        TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    // Without an exporter there is nothing to adopt, which is no error.
    let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_logged_by_its_keys() {
        let uri: Uri = "/x?code=secret&state=s&&flag".parse().expect("a URI");
        assert_eq!(keys(&uri), "code,state,flag");
    }
}
