//! The audit chain: who did what to which thing, when, from where.
//!
//! An event is written in the transaction of its cause, or the cause does not happen. Each event's
//! hash takes in the one before; checkpoints, signed outside the database, pin the whole.

pub mod kind;
pub mod report;
pub mod view;

#[cfg(not(target_arch = "wasm32"))]
pub mod canonical;
#[cfg(not(target_arch = "wasm32"))]
pub mod chain;
#[cfg(not(target_arch = "wasm32"))]
pub mod checkpoint;
#[cfg(not(target_arch = "wasm32"))]
pub mod event;
#[cfg(not(target_arch = "wasm32"))]
pub mod export;
#[cfg(not(target_arch = "wasm32"))]
pub mod filter;
#[cfg(not(target_arch = "wasm32"))]
pub mod merkle;
#[cfg(not(target_arch = "wasm32"))]
pub mod note;
#[cfg(not(target_arch = "wasm32"))]
pub mod ops;
#[cfg(not(target_arch = "wasm32"))]
pub mod verify;
#[cfg(not(target_arch = "wasm32"))]
pub mod verify_export;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
