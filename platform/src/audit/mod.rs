//! The audit chain: who did what to which thing, when, from where.
//!
//! An event is written in the transaction of its cause, or the cause does not happen.

#[cfg(not(target_arch = "wasm32"))]
pub mod event;
#[cfg(not(target_arch = "wasm32"))]
pub mod ops;
