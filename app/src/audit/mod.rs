//! Audit: who did what to which thing, and whether the record of it still stands.

mod address;
mod exports;
mod head;
mod list;
mod look;
pub(crate) mod server;
mod show;
mod toolbar;
mod verification;

pub(crate) use list::page as list;
pub(crate) use show::page as show;
