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
            | Self::AdminView => false,
            Self::PersonDisable
            | Self::SessionEnd
            | Self::SessionKeep
            | Self::AuditExport
            | Self::AuditVerify
            | Self::AuditKeep
            | Self::RepositorySync => true,
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
        }
    }
}
