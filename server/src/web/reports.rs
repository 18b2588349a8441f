//! Where browsers report what the content security policy blocked.

use axum::{Router, body::Bytes, http::StatusCode, routing::post};
use serde_json::Value;

use crate::state::State;

/// Public; changes nothing; counted, logged, limited.
pub const PATH: &str = "/reports/csp";

/// The sink.
pub fn routes() -> Router<State> {
    Router::new().route(PATH, post(csp))
}

/// Both forms are understood: the array of the Reporting API and the older single object.
async fn csp(body: Bytes) -> StatusCode {
    let Ok(report) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    let reports = report.as_array().cloned().unwrap_or_else(|| vec![report]);
    for report in reports.iter().take(20) {
        let body = report.get("body").or_else(|| report.get("csp-report"));
        let text = |new: &str, old: &str| {
            let value = body.and_then(|body| body.get(new).or_else(|| body.get(old)));
            let text = value.and_then(Value::as_str).unwrap_or_default();
            let bare = text.split(['?', '#']).next().unwrap_or_default();
            bare.chars().take(200).collect::<String>()
        };
        metrics::counter!("groundcrew_csp_reports_total").increment(1);
        tracing::warn!(
            directive = text("effectiveDirective", "effective-directive"),
            blocked = text("blockedURL", "blocked-uri"),
            document = text("documentURL", "document-uri"),
            source = text("sourceFile", "source-file"),
            "a browser reports a violation of the content security policy",
        );
    }
    StatusCode::NO_CONTENT
}
