//! What runs: one binary, its web layer, its sign-in.
//!
//! Reading order is the order of the modules below.

pub mod config;
pub mod outgoing;
pub mod state;
pub mod telemetry;
pub mod web;
