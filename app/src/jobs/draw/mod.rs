//! What the pages of jobs say, drawn on the server.

pub(crate) mod address;
pub(crate) mod ask;
pub(crate) mod head;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod look;
pub(crate) mod new;
pub(crate) mod queue;
mod reconcile;
pub(crate) mod show;
pub(crate) mod steps;
pub(crate) mod words;
