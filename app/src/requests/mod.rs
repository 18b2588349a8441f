//! Requests: changes from the form to the result.

mod list;

pub(crate) use list::list;
