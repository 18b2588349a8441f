//! The host's half: the router the server mounts, and what stands between it and the pages.

mod doors;
mod functions;
mod guard;
mod input;
mod options;
mod router;
mod shell;
#[cfg(test)]
mod tests;

pub use doors::{Encoding, FUNCTIONS, Function, PUBLIC};
pub use options::{AppOptions, PageNonce};
pub use router::router;

pub use crate::jobs::draw::log::chunk as log_rows;
