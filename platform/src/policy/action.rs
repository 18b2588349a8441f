//! Everything the portal can be asked to do.

use serde::{Deserialize, Serialize};

/// A closed list: what is not here cannot be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// See the portal's own pages: Home, navigation, who I am.
    PortalView,
    /// Find pages and people in the palette.
    Search,
    /// See a person's directory entry: name, teams, roles.
    PersonView,
    /// See a person as an admin does: groups, last sign-in, sessions.
    PersonAdmin,
    /// Stop a person from using the portal, or let them back in.
    PersonDisable,
    /// See one's own sessions.
    SessionList,
    /// End a session: one's own; an admin ends anyone's.
    SessionEnd,
    /// Open, rotate or end sessions on the identity provider's word.
    SessionKeep,
    /// Read the audit chain with Audit fields.
    AuditRead,
    /// Take the audit chain away as a file.
    AuditExport,
    /// Check the chain.
    AuditVerify,
    /// Move pending events onto the chain, sign checkpoints.
    AuditKeep,
    /// Bring the platform repository in.
    RepositorySync,
    /// See how the platform repository stands.
    RepositoryView,
    /// See the Admin page.
    AdminView,
    /// See which jobs there are: title, team, state.
    JobList,
    /// See a job in full: steps, attempts, plans, outputs that are no secrets.
    JobView,
    /// Read, search and download the log of an attempt.
    LogView,
    /// Hand a job in.
    JobCreate,
    /// Stop a job.
    JobCancel,
    /// Run a failed job again from the step that failed.
    JobRetry,
    /// Keep the queue moving: expire leases, promote what is ready, take up leadership.
    JobKeep,
    /// Decide on a step whose end is not known.
    ReconcileDecide,
    /// See which stacks there are.
    StackList,
    /// See a stack: who holds it, its history.
    StackView,
    /// Take a stack from whoever holds it.
    StackBreakLock,
    /// See the versions of a stack's state.
    StateView,
    /// Take a version of a stack's state away.
    StateDownload,
    /// See workers, their labels, load and warnings.
    WorkerView,
    /// Make a worker and its token.
    WorkerAdd,
    /// Give a worker no more work, or again.
    WorkerDrain,
    /// End a worker's token.
    WorkerRevoke,
    /// Say hello as a worker.
    WorkerHello,
    /// Take steps of one's pool.
    WorkerClaim,
    /// Start, renew, log, plan and finish one's own attempt.
    AttemptReport,
    /// Read, lock and write the state of the stack one holds.
    AttemptState,
    /// Make and drop the days of the log.
    LogKeep,
    /// Seal what is sealed under a newer key.
    SecretRewrap,
}

impl Action {
    /// All actions, for the matrix test and the documentation.
    pub const ALL: &[Self] = &[
        Self::PortalView,
        Self::Search,
        Self::PersonView,
        Self::PersonAdmin,
        Self::PersonDisable,
        Self::SessionList,
        Self::SessionEnd,
        Self::SessionKeep,
        Self::AuditRead,
        Self::AuditExport,
        Self::AuditVerify,
        Self::AuditKeep,
        Self::RepositorySync,
        Self::RepositoryView,
        Self::AdminView,
        Self::JobList,
        Self::JobView,
        Self::LogView,
        Self::JobCreate,
        Self::JobCancel,
        Self::JobRetry,
        Self::JobKeep,
        Self::ReconcileDecide,
        Self::StackList,
        Self::StackView,
        Self::StackBreakLock,
        Self::StateView,
        Self::StateDownload,
        Self::WorkerView,
        Self::WorkerAdd,
        Self::WorkerDrain,
        Self::WorkerRevoke,
        Self::WorkerHello,
        Self::WorkerClaim,
        Self::AttemptReport,
        Self::AttemptState,
        Self::LogKeep,
        Self::SecretRewrap,
    ];

    /// Whether it changes something, or takes something away: such an act is on the record when it
    /// is refused. Reads are not.
    pub const fn acts(self) -> bool {
        match self {
            Self::PortalView
            | Self::Search
            | Self::PersonView
            | Self::PersonAdmin
            | Self::SessionList
            | Self::AuditRead
            | Self::RepositoryView
            | Self::AdminView
            | Self::JobList
            | Self::JobView
            | Self::LogView
            | Self::StackList
            | Self::StackView
            | Self::StateView
            | Self::WorkerView => false,
            Self::PersonDisable
            | Self::SessionEnd
            | Self::SessionKeep
            | Self::AuditExport
            | Self::AuditVerify
            | Self::AuditKeep
            | Self::RepositorySync
            | Self::JobCreate
            | Self::JobCancel
            | Self::JobRetry
            | Self::JobKeep
            | Self::ReconcileDecide
            | Self::StackBreakLock
            | Self::StateDownload
            | Self::WorkerAdd
            | Self::WorkerDrain
            | Self::WorkerRevoke
            | Self::WorkerHello
            | Self::WorkerClaim
            | Self::AttemptReport
            | Self::AttemptState
            | Self::LogKeep
            | Self::SecretRewrap => true,
        }
    }

    /// Name in documentation, audit events and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PortalView => "portal.view",
            Self::Search => "search",
            Self::PersonView => "person.view",
            Self::PersonAdmin => "person.admin",
            Self::PersonDisable => "person.disable",
            Self::SessionList => "session.list",
            Self::SessionEnd => "session.end",
            Self::SessionKeep => "session.keep",
            Self::AuditRead => "audit.read",
            Self::AuditExport => "audit.export",
            Self::AuditVerify => "audit.verify",
            Self::AuditKeep => "audit.keep",
            Self::RepositorySync => "repository.sync",
            Self::RepositoryView => "repository.view",
            Self::AdminView => "admin.view",
            Self::JobList => "job.list",
            Self::JobView => "job.view",
            Self::LogView => "log.view",
            Self::JobCreate => "job.create",
            Self::JobCancel => "job.cancel",
            Self::JobRetry => "job.retry",
            Self::JobKeep => "job.keep",
            Self::ReconcileDecide => "reconcile.decide",
            Self::StackList => "stack.list",
            Self::StackView => "stack.view",
            Self::StackBreakLock => "stack.break_lock",
            Self::StateView => "state.view",
            Self::StateDownload => "state.download",
            Self::WorkerView => "worker.view",
            Self::WorkerAdd => "worker.add",
            Self::WorkerDrain => "worker.drain",
            Self::WorkerRevoke => "worker.revoke",
            Self::WorkerHello => "worker.hello",
            Self::WorkerClaim => "worker.claim",
            Self::AttemptReport => "attempt.report",
            Self::AttemptState => "attempt.state",
            Self::LogKeep => "log.keep",
            Self::SecretRewrap => "secret.rewrap",
        }
    }
}
