//! Who may do what: one table, default deny.
//!
//! `Action` is closed; every public operation, server function and route maps to exactly one action
//! or stands in a reviewed list of public entry points. No row in [`allowed`]: denied. Admin is not
//! a superuser.

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    people::{Actor, Role},
};

/// Everything the portal can be asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Action {
    /// See the portal's own pages: Home, navigation, who I am.
    PortalView,
    /// Find pages and people in the palette.
    Search,
    /// See one's own sessions.
    SessionList,
    /// End a session: one's own; an admin ends anyone's.
    SessionEnd,
    /// Open, rotate or end sessions on the identity provider's word.
    SessionKeep,
    /// Stop a person from using the portal.
    PersonDisable,
    /// Read the audit chain with Audit fields.
    AuditRead,
    /// Take the audit chain away as a file.
    AuditExport,
    /// Check the chain.
    AuditVerify,
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
        Self::SessionList,
        Self::SessionEnd,
        Self::SessionKeep,
        Self::PersonDisable,
        Self::AuditRead,
        Self::AuditExport,
        Self::AuditVerify,
        Self::RepositorySync,
        Self::RepositoryView,
        Self::AdminView,
    ];

    /// Name in documentation, audit events and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PortalView => "portal.view",
            Self::Search => "search",
            Self::SessionList => "session.list",
            Self::SessionEnd => "session.end",
            Self::SessionKeep => "session.keep",
            Self::PersonDisable => "person.disable",
            Self::AuditRead => "audit.read",
            Self::AuditExport => "audit.export",
            Self::AuditVerify => "audit.verify",
            Self::RepositorySync => "repository.sync",
            Self::RepositoryView => "repository.view",
            Self::AdminView => "admin.view",
        }
    }
}

/// What the actor is to the object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relation {
    /// The object is the actor's own (their session, their token).
    pub own: bool,
}

impl Relation {
    /// The act has no object, or the object stands in no relation to the actor.
    pub const NONE: Self = Self { own: false };

    /// The object belongs to the actor when `own`.
    pub const fn own(own: bool) -> Self {
        Self { own }
    }
}

/// The table. Says yes, or which condition is missing.
pub fn decide(actor: &Actor, action: Action, relation: Relation) -> Result<()> {
    let person = match actor {
        Actor::Anonymous => return Err(Error::Unauthenticated),
        Actor::System(_) => {
            return if matches!(
                action,
                Action::SessionKeep | Action::RepositorySync | Action::AuditVerify
            ) {
                Ok(())
            } else {
                Err(Error::forbidden("this is for people"))
            };
        }
        Actor::Person(person) => person,
    };
    let role = |needed: Role| person.grants.has(needed);
    let (allowed, missing) = match action {
        Action::PortalView | Action::SessionList => (true, ""),
        Action::Search => (!person.grants.is_empty(), "a role in this portal"),
        Action::SessionEnd => (
            relation.own || role(Role::Admin),
            "your own session, or the role admin",
        ),
        Action::PersonDisable => (role(Role::Admin), "the role admin"),
        Action::AuditRead | Action::AuditExport | Action::AuditVerify => {
            (role(Role::Auditor), "the role auditor")
        }
        Action::AdminView => (
            role(Role::Admin) || role(Role::PlatformEngineer),
            "the role admin or platform engineer",
        ),
        Action::RepositoryView | Action::RepositorySync => (
            role(Role::PlatformEngineer) || role(Role::Admin) && action == Action::RepositoryView,
            "the role platform engineer",
        ),
        Action::SessionKeep => (false, "the portal itself"),
    };
    if allowed {
        Ok(())
    } else {
        Err(Error::forbidden(format!("needs {missing}")))
    }
}
