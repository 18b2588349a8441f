//! The server's half of the runner: what workers, shims and tools call, and what keeps the queue
//! moving.
//!
//! `token` finds out which machine acts; `calls` are its calls; `wakes` lets whoever waits know at
//! once; `keeper` expires leases, wakes what is ready and keeps the days of the log; `embedded` runs
//! a worker inside the server.

pub mod calls;
mod claim;
pub mod embedded;
mod intake;
pub mod keeper;
mod token;
pub mod wakes;

use axum::{Router, extract::DefaultBodyLimit, middleware};

pub use token::is_machine;
pub use wakes::Wakes;

use crate::{readiness, state::State, tfstate};

/// Everything machines call: `/work/v1` and `/state`. Neither cookie nor session counts here.
pub fn routes(state: &State) -> Router<State> {
    calls::routes()
        .merge(tfstate::routes())
        .layer(middleware::from_fn_with_state(state.clone(), token::layer))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            readiness::gate,
        ))
        // The web layer's limit by path holds.
        .layer(DefaultBodyLimit::disable())
}

/// Whether machines call this path.
pub fn is_for_machines(path: &str) -> bool {
    path.starts_with("/work/") || path.starts_with("/state/")
}
