//! People: who somebody is here.

mod admin;
mod server;
mod show;

pub(crate) use show::show;
