//! Every server function there is, how it is called and which action it asks: held to
//! `server_fn_paths()` by a test, and used to check requests before they are read.

use platform::policy::Action;

use crate::routes::Door;

/// How a function's argument arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// In the query of a GET: reads only.
    Query,
    /// As a form, so that it works without script.
    Form,
    /// As JSON, for what is richer than a form.
    Json,
}

/// A server function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its address.
    pub path: &'static str,
    /// How it is called.
    pub encoding: Encoding,
    /// What its operation asks the policy.
    pub door: Door,
}

const fn read(path: &'static str, action: Action) -> Function {
    Function {
        path,
        encoding: Encoding::Query,
        door: Door::Asks(action),
    }
}

const fn act(path: &'static str, action: Action) -> Function {
    Function {
        path,
        encoding: Encoding::Form,
        door: Door::Asks(action),
    }
}

/// Asks as JSON by POST: what is too rich for a form, or writes an event by reading.
const fn ask(path: &'static str, action: Action) -> Function {
    Function {
        path,
        encoding: Encoding::Json,
        door: Door::Asks(action),
    }
}

/// All of them.
pub const FUNCTIONS: &[Function] = &[
    read("/fn/admin/show", Action::RepositoryView),
    act("/fn/admin/sync", Action::RepositorySync),
    ask("/fn/audit/list", Action::AuditRead),
    ask("/fn/audit/show", Action::AuditRead),
    read("/fn/audit/verification", Action::AuditRead),
    act("/fn/audit/verify", Action::AuditVerify),
    act("/fn/jobs/cancel", Action::JobCancel),
    act("/fn/jobs/create", Action::JobCreate),
    act("/fn/jobs/decide", Action::ReconcileDecide),
    read("/fn/jobs/find", Action::LogView),
    act("/fn/jobs/force", Action::JobCancel),
    read("/fn/jobs/form", Action::JobCreate),
    read("/fn/jobs/lines", Action::LogView),
    read("/fn/jobs/list", Action::JobList),
    read("/fn/jobs/queue", Action::JobList),
    act("/fn/jobs/retry", Action::JobRetry),
    read("/fn/jobs/show", Action::JobView),
    read("/fn/people/admin", Action::PersonAdmin),
    act("/fn/people/disable", Action::PersonDisable),
    act("/fn/people/enable", Action::PersonDisable),
    read("/fn/people/sessions", Action::PersonAdmin),
    read("/fn/people/show", Action::PersonView),
    read("/fn/search/find", Action::Search),
    act("/fn/sessions/end", Action::SessionEnd),
    act("/fn/sessions/end_others", Action::SessionEnd),
    read("/fn/sessions/list", Action::SessionList),
    act("/fn/stacks/break_lock", Action::StackBreakLock),
    read("/fn/stacks/list", Action::StackList),
    read("/fn/stacks/show", Action::StackView),
    act("/fn/workers/add", Action::WorkerAdd),
    act("/fn/workers/drain", Action::WorkerDrain),
    read("/fn/workers/list", Action::WorkerView),
    act("/fn/workers/resume", Action::WorkerDrain),
    act("/fn/workers/revoke", Action::WorkerRevoke),
];

/// Pages anybody may open, reviewed: the sign-in page, and nothing else.
pub const PUBLIC: &[&str] = &["/sign-in"];

/// The function at an address.
pub(super) fn function(path: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.path == path)
}
