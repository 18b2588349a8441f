//! What the portal knows and does.
//!
//! Nouns (types, parsing, pure rules) compile for the browser and the host; operations (authorise,
//! validate, write, record) only for the host. Nothing here knows axum, Leptos or a process.
//!
//! Reading order is the order of the modules below.

pub mod error;
pub mod policy;

pub mod audit;
pub mod health;
pub mod jobs;
pub mod limits;
pub mod login_flows;
pub mod logs;
pub mod people;
pub mod plans;
pub mod repository;
pub mod sessions;
pub mod stacks;
pub mod step_up;
pub mod time;
pub mod workers;

#[cfg(not(target_arch = "wasm32"))]
pub mod addresses;
#[cfg(not(target_arch = "wasm32"))]
pub mod cx;
#[cfg(not(target_arch = "wasm32"))]
pub mod database;
#[cfg(not(target_arch = "wasm32"))]
pub mod secrets;
#[cfg(not(target_arch = "wasm32"))]
pub mod wake;
#[cfg(not(target_arch = "wasm32"))]
pub use cx::Cx;
pub use error::{Error, Result};
