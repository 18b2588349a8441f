//! The pages: drawn on the server.

use crate::prelude::*;

use super::server;
use crate::sheet;

/// All jobs.
pub(crate) fn list() -> AnyView {
    sheet::page("Jobs", |place| Box::pin(server::listed(place)))
}

/// What waits.
pub(crate) fn queue() -> AnyView {
    sheet::page("Queue", |place| Box::pin(server::queued(place)))
}

/// One job.
pub(crate) fn show() -> AnyView {
    sheet::page("Job", |place| Box::pin(server::shown(place)))
}

/// A job by hand.
pub(crate) fn new() -> AnyView {
    sheet::page("Run a job", |place| Box::pin(server::form(place)))
}
