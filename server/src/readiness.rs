//! Whether the ground carries: database reachable, schema as expected.
//!
//! Until it does, and whenever it does not, requests are answered 503 at once instead of each
//! waiting for a database that is not there.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use arc_swap::ArcSwap;
use axum::{
    extract::{Request, State as Shared},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use platform::audit::view::Alarm;

use crate::state::State;

/// Open: requests are let through.
#[derive(Debug, Default)]
pub struct Readiness {
    open: AtomicBool,
    alarms: ArcSwap<Vec<Alarm>>,
    stuck: ArcSwap<Vec<String>>,
}

impl Readiness {
    /// Open from the start, for tests that bring their own database.
    pub fn open() -> Self {
        Self {
            open: AtomicBool::new(true),
            alarms: ArcSwap::default(),
            stuck: ArcSwap::default(),
        }
    }

    /// Pools whose queue stands still although a worker could take something.
    pub fn stuck(&self) -> Arc<Vec<String>> {
        self.stuck.load_full()
    }

    /// Notes which pools stand still.
    pub fn set_stuck(&self, pools: Vec<String>) {
        self.stuck.store(Arc::new(pools));
    }

    /// Whether requests are let through.
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// Lets requests through, or not. Answers whether that is new.
    pub fn set(&self, open: bool) -> bool {
        self.open.swap(open, Ordering::Relaxed) != open
    }

    /// What is red about the audit chain, as last seen. Requests are let through all the same.
    pub fn alarms(&self) -> Arc<Vec<Alarm>> {
        self.alarms.load_full()
    }

    /// Notes what is red about the audit chain.
    pub fn set_alarms(&self, alarms: Vec<Alarm>) {
        self.alarms.store(Arc::new(alarms));
    }

    /// No verification found the audit chain altered.
    pub fn chain_is_sound(&self) -> bool {
        let broken = |alarm: &Alarm| matches!(alarm, Alarm::NotSound { .. });
        !self.alarms.load().iter().any(broken)
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
