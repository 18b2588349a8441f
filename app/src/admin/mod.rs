//! Admin: how the platform repository stands, who may sign in, and what groups mean here.

mod mapping;
mod repository;
mod server;
mod show;

pub(crate) use show::show;
