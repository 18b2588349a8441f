//! Integration tests: one binary, a module a topic.

mod audit;
mod audit_keeper;
mod auth_answers;
mod auth_cookies;
mod auth_flows;
mod auth_limits;
mod auth_logout;
mod auth_people;
mod auth_sessions;
mod auth_sign_in;
mod auth_step_up;
mod auth_tokens;
mod canaries;
mod denials;
mod house;
mod idp;
mod rooms;
mod support;
mod web;
mod work;
