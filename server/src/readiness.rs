//! Whether the ground carries: database reachable, schema as expected.
//!
//! Until it does, and whenever it does not, requests are answered 503 at once instead of each
//! waiting for a database that is not there.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::{
    extract::{Request, State as Shared},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::state::State;

/// Open: requests are let through.
#[derive(Debug, Default)]
pub struct Readiness(AtomicBool);

impl Readiness {
    /// Open from the start, for tests that bring their own database.
    pub fn open() -> Self {
        Self(AtomicBool::new(true))
    }

    /// Whether requests are let through.
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Lets requests through, or not. Answers whether that is new.
    pub fn set(&self, open: bool) -> bool {
        self.0.swap(open, Ordering::Relaxed) != open
    }
}

/// Answers 503 while the ground does not carry. Health and assets need no database.
pub async fn gate(Shared(state): Shared<State>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let needs_none = matches!(path, "/livez" | "/readyz") || path.starts_with("/pkg/");
    if needs_none || state.readiness.is_open() {
        next.run(request).await
    } else {
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    }
}
