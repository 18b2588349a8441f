//! Integration tests: one binary, a module a topic.

mod audit;
mod auth_flows;
mod auth_sign_in;
mod auth_tokens;
mod house;
mod idp;
mod rooms;
mod support;
mod web;
