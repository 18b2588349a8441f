//! Incidents: what is broken, and who is on it.

mod list;

pub(crate) use list::list;
