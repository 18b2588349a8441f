//! Environments: what is provisioned, and for how long.

mod list;

pub(crate) use list::list;
