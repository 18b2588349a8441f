//! What an event says, before it becomes canonical bytes.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::{Cx, people::Actor};

/// What happened. Closed: the inventory in the documentation comes from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A session was opened after a sign-in at the identity provider.
    SignIn,
    /// A sign-in did not lead to a session.
    SignInFailed,
    /// A fresh sign-in for a dangerous act.
    StepUp,
    /// The person ended their session by signing out.
    SignOut,
    /// The identity provider ended sessions (back-channel logout).
    BackChannelLogout,
    /// A session ended otherwise: by its owner, an admin, the limit, or a rule.
    SessionEnded,
    /// The roles of a person differ from those at their last sign-in.
    RolesChanged,
    /// A person was disabled or enabled.
    PersonDisabled,
    /// An acting request was refused.
    Denied,
    /// A limit was hit; one event a window.
    LimitHit,
    /// The platform repository was synced, or refused.
    RepositorySynced,
    /// The chain was exported.
    AuditExported,
    /// The chain was read with Audit fields.
    AuditRead,
    /// The chain was verified.
    AuditVerified,
}

impl Kind {
    /// Name of the action in the canonical event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignIn => "session.sign_in",
            Self::SignInFailed => "session.sign_in_failed",
            Self::StepUp => "session.step_up",
            Self::SignOut => "session.sign_out",
            Self::BackChannelLogout => "session.back_channel_logout",
            Self::SessionEnded => "session.ended",
            Self::RolesChanged => "person.roles_changed",
            Self::PersonDisabled => "person.disabled",
            Self::Denied => "denied",
            Self::LimitHit => "limit.hit",
            Self::RepositorySynced => "repository.synced",
            Self::AuditExported => "audit.exported",
            Self::AuditRead => "audit.read",
            Self::AuditVerified => "audit.verified",
        }
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Success,
    /// Refused by policy.
    Denied,
    /// Did not work.
    Failure,
}

/// What it was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Noun: `session`, `person`, `repository`, `chain`.
    pub kind: &'static str,
    /// Its public id (never a session id or a name).
    pub id: String,
    /// Its version, where it has one.
    pub version: Option<String>,
}

/// An event about to be appended. Free text, IP and agent go into `note`, sealed beside the chain.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub kind: Kind,
    /// How it ended.
    pub outcome: Outcome,
    /// Who acts; taken from the context unless the act changes it (a sign-in).
    pub actor: Actor,
    /// What it was about.
    pub target: Option<Target>,
    /// Short machine words only (`reason` = `idle`, `rule` = `nonce`), never values, names or secrets.
    pub detail: BTreeMap<&'static str, String>,
    /// How many alike this stands for.
    pub count: Option<u32>,
    /// Personal data and free text: kept sealed, committed to by hash.
    pub note: BTreeMap<&'static str, String>,
    /// Trace id of the request.
    pub trace: String,
    /// Id of the event, UUID version 7.
    pub id: Uuid,
}

impl Event {
    /// An event of this context: its actor and trace, IP and agent in the note.
    pub fn new(cx: &Cx, kind: Kind, outcome: Outcome) -> Self {
        let mut note = BTreeMap::new();
        if let Some(ip) = cx.origin.ip {
            note.insert("ip", ip.to_string());
        }
        if let Some(agent) = &cx.origin.agent {
            note.insert("agent", agent.clone());
        }
        Self {
            kind,
            outcome,
            actor: cx.actor.clone(),
            target: None,
            detail: BTreeMap::new(),
            count: None,
            note,
            trace: cx.trace.to_string(),
            id: cx.clock.id(),
        }
    }

    /// Says what it was about.
    #[must_use]
    pub fn on(mut self, kind: &'static str, id: impl ToString) -> Self {
        self.target = Some(Target {
            kind,
            id: id.to_string(),
            version: None,
        });
        self
    }

    /// Adds a machine word.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: impl ToString) -> Self {
        self.detail.insert(key, value.to_string());
        self
    }

    /// Says who acts, where it is not the context's actor.
    #[must_use]
    pub fn by(mut self, actor: Actor) -> Self {
        self.actor = actor;
        self
    }
}
