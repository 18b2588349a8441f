//! Workers: processes that run attempts, and what their machines say.

#[cfg(not(target_arch = "wasm32"))]
mod draw;
mod server;

use crate::{prelude::*, sheet};

/// All workers.
pub(crate) fn list() -> AnyView {
    sheet::page("Workers", |place| Box::pin(server::listed(place)))
}
