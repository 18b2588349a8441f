//! What a person sees.
//!
//! Pages and server functions parse, call one operation of `platform`, and
//! render. The server takes [`router`]; the browser calls `hydrate`.
//! Reading order is the order of the modules below.
#![recursion_limit = "256"]
#![expect(
    unreachable_pub,
    reason = "the component macro writes `pub` into what it makes"
)]

pub mod routes;
pub mod ui;

mod answer;
mod app;
mod browser;
mod context;
mod error;
mod layout;
mod links;
mod no_access;
mod not_found;
mod page;
mod prelude;
mod problem;
mod sheet;
mod view;
mod viewer;
mod wire;

mod admin;
mod approvals;
mod audit;
mod catalog;
mod environments;
mod home;
mod incidents;
mod insights;
mod jobs;
mod people;
mod requests;
mod runbooks;
mod search;
mod sessions;
mod sign_in;
mod stacks;
mod workers;

#[cfg(not(target_arch = "wasm32"))]
pub mod host;
#[cfg(target_arch = "wasm32")]
mod hydrate;

pub use app::App;
pub use error::AppError;
#[cfg(not(target_arch = "wasm32"))]
pub use host::{AppOptions, PageNonce, router};
pub use viewer::{IssuerLink, Viewer};
