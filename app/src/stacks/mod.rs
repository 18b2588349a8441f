//! Stacks: one per resource; who may change it now, and every version of its state.

#[cfg(not(target_arch = "wasm32"))]
mod draw;
mod server;

use crate::{prelude::*, sheet};

/// All stacks.
pub(crate) fn list() -> AnyView {
    sheet::page("Stacks", |place| Box::pin(server::listed(place)))
}

/// One stack.
pub(crate) fn show() -> AnyView {
    sheet::page("Stack", |place| Box::pin(server::shown(place)))
}
