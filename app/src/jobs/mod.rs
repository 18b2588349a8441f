//! Jobs: the work that carries requests and runbook steps out.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod draw;
mod page;
mod server;

pub(crate) use page::{list, new, queue, show};
