//! Runbooks: what to do when it happens.

mod list;

pub(crate) use list::list;
