//! Approvals: what waits for a decision.

mod list;

pub(crate) use list::list;
