//! What runs: one binary, its web layer, its sign-in.
//!
//! Reading order is the order of the modules below.

pub mod api;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod commands;
pub mod config;
pub mod data;
pub mod database;
pub mod downloads;
pub mod embedded_postgres;
pub mod ground;
pub mod listen;
pub mod migrate;
pub mod outgoing;
pub mod readiness;
pub mod router;
pub mod serve;
pub mod state;
pub mod streams;
pub mod sync;
pub mod telemetry;
pub mod tfstate;
pub mod web;
pub mod work;
