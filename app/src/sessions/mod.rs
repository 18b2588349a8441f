//! Sessions: where I am signed in, and how to end it.

mod list;
mod row;
mod server;

pub(crate) use list::list;
