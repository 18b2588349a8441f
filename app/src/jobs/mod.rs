//! Jobs: the work that carries requests and runbook steps out.

mod list;

pub(crate) use list::list;
