//! The table itself.

use super::{Action, Relation};
use crate::people::{Actor, Place, Role, TeamRole};

/// Who a row speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Anybody with a live session, roles or not.
    SignedIn,
    /// Anybody who holds at least one role, team or function.
    Member,
    /// The person the object belongs to.
    Owner,
    /// The person whose request came with this very session.
    Bearer,
    /// Anybody in the team that owns the object.
    OwnerTeam,
    /// The lead of the team that owns the object.
    OwnerLead,
    /// The person on call for any team.
    OnCall,
    /// Holders of a portal-wide role.
    Role(Role),
    /// A worker, by its token, within its pool.
    Worker,
    /// The attempt the object belongs to, by its token.
    Attempt,
    /// The portal itself.
    System,
}

/// One way to be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub who: Who,
    /// Only after a fresh sign-in for this act.
    pub step_up: bool,
}

/// One row: an action and every way to be allowed it.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The act.
    pub action: Action,
    /// Alternatives; none means nobody.
    pub grants: &'static [Grant],
}

const fn now(who: Who) -> Grant {
    Grant {
        who,
        step_up: false,
    }
}

const fn fresh(who: Who) -> Grant {
    Grant { who, step_up: true }
}

const AUDITOR: Who = Who::Role(Role::Auditor);
const ADMIN: Who = Who::Role(Role::Admin);
const PLATFORM: Who = Who::Role(Role::PlatformEngineer);

/// The row of an action. A match, so that an action without a row does not compile.
pub const fn rule(action: Action) -> Rule {
    let grants: &'static [Grant] = match action {
        Action::PortalView | Action::SessionList => const { &[now(Who::SignedIn)] },
        Action::Search | Action::PersonView | Action::JobList | Action::StackList => {
            const { &[now(Who::Member)] }
        }
        Action::PersonAdmin => const { &[now(ADMIN)] },
        Action::PersonDisable => const { &[fresh(ADMIN)] },
        Action::SessionEnd => const { &[now(Who::Bearer), fresh(Who::Owner), fresh(ADMIN)] },
        Action::SessionKeep
        | Action::AuditKeep
        | Action::JobKeep
        | Action::LogKeep
        | Action::SecretRewrap => const { &[now(Who::System)] },
        Action::AuditRead | Action::AuditExport => const { &[now(AUDITOR)] },
        Action::AuditVerify => const { &[now(AUDITOR), now(Who::System)] },
        Action::RepositorySync | Action::JobCreate | Action::WorkerAdd => {
            const { &[now(PLATFORM), now(Who::System)] }
        }
        Action::RepositoryView | Action::AdminView => const { &[now(PLATFORM), now(ADMIN)] },
        Action::JobView | Action::LogView | Action::StackView => {
            const {
                &[
                    now(Who::OwnerTeam),
                    now(Who::OnCall),
                    now(PLATFORM),
                    now(AUDITOR),
                    now(Who::System),
                ]
            }
        }
        Action::JobCancel => {
            const {
                &[
                    now(Who::Owner),
                    now(Who::OwnerLead),
                    now(Who::OnCall),
                    now(PLATFORM),
                ]
            }
        }
        Action::JobRetry => const { &[now(Who::Owner), now(Who::OwnerLead), now(PLATFORM)] },
        Action::ReconcileDecide => const { &[now(Who::OwnerLead), now(PLATFORM)] },
        Action::StackBreakLock | Action::StateDownload => const { &[fresh(PLATFORM)] },
        Action::StateView | Action::WorkerView | Action::WorkerDrain | Action::WorkerRevoke => {
            const { &[now(PLATFORM)] }
        }
        Action::WorkerHello | Action::WorkerClaim => const { &[now(Who::Worker)] },
        Action::AttemptReport | Action::AttemptState => const { &[now(Who::Attempt)] },
    };
    Rule { action, grants }
}

impl Who {
    /// Whether this actor, in this relation to the object, is meant.
    pub fn includes(self, actor: &Actor, relation: Relation) -> bool {
        match (self, actor) {
            (Self::System, actor) => matches!(actor, Actor::System(_)),
            (Self::Worker, actor) => actor.worker().is_some(),
            (Self::Attempt, actor) => actor.attempt().is_some() && relation.own,
            (_, Actor::Anonymous | Actor::System(_) | Actor::Worker(_) | Actor::Attempt(_)) => {
                false
            }
            (Self::SignedIn, Actor::Person(_)) => true,
            (Self::Member, Actor::Person(person)) => !person.grants.is_empty(),
            (Self::Owner, Actor::Person(_)) => relation.own,
            (Self::Bearer, Actor::Person(_)) => relation.own && relation.current,
            (Self::OwnerTeam, Actor::Person(_)) => relation.team != Place::Outside,
            (Self::OwnerLead, Actor::Person(_)) => relation.team == Place::Lead,
            (Self::OnCall, Actor::Person(person)) => person.grants.is_anywhere(TeamRole::OnCall),
            (Self::Role(role), Actor::Person(person)) => person.grants.has(role),
        }
    }

    /// In words, for "needs …".
    pub const fn words(self) -> &'static str {
        match self {
            Self::SignedIn => "a session",
            Self::Member => "a role in this portal",
            Self::Owner => "to be its owner",
            Self::Bearer => "the session itself",
            Self::Role(Role::PlatformEngineer) => "the role platform engineer",
            Self::Role(Role::Auditor) => "the role auditor",
            Self::Role(Role::Admin) => "the role admin",
            Self::OwnerTeam => "to be in its team",
            Self::OwnerLead => "to lead its team",
            Self::OnCall => "to be on call for a team",
            Self::Worker => "the token of a worker",
            Self::Attempt => "the token of the attempt itself",
            Self::System => "the portal itself",
        }
    }
}

impl Rule {
    /// The condition that is missing, in words.
    pub fn missing(&self) -> String {
        let mut words: Vec<&str> = self
            .grants
            .iter()
            .filter(|g| g.who != Who::System)
            .map(|g| g.who.words())
            .collect();
        words.dedup();
        if words.is_empty() {
            return "this is done by the portal itself".to_owned();
        }
        format!("needs {}", words.join(" or "))
    }
}
