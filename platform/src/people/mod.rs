//! People: who may sign in, and what they are here.
//!
//! A person is an (issuer, subject) pair and nothing else; name and e-mail are display. Roles come
//! from the groups the identity provider named at the last sign-in, mapped by the platform
//! repository as it stands now.

#[cfg(not(target_arch = "wasm32"))]
pub mod ops;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::actor::{AttemptActor, WorkerActor};
use crate::time::Timestamp;

/// Names one person: one (issuer, subject).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(pub Uuid);

/// What somebody is in one team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TeamRole {
    /// Requests, changes and retires the team's environments.
    Developer,
    /// Approves changes of the team.
    TeamLead,
    /// Runs runbooks, acts in incidents.
    OnCall,
}

/// What somebody is for the whole portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Owns templates, policies, workers, calendars.
    PlatformEngineer,
    /// Reads evidence, verifies the chain; changes nothing.
    Auditor,
    /// Identity mapping, tokens, integrations.
    Admin,
}

impl TeamRole {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Developer, Self::TeamLead, Self::OnCall];

    /// From the word in files.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == word)
    }

    /// The word in files, tables and events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::TeamLead => "team_lead",
            Self::OnCall => "on_call",
        }
    }
}

impl Role {
    /// All of them.
    pub const ALL: &[Self] = &[Self::PlatformEngineer, Self::Auditor, Self::Admin];

    /// From the word in files.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == word)
    }

    /// The word in files, tables and events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PlatformEngineer => "platform_engineer",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }
}

/// Everything the mapping grants one person at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grants {
    /// Portal-wide roles.
    pub roles: BTreeSet<Role>,
    /// Team name to the roles held in it.
    pub teams: BTreeMap<String, BTreeSet<TeamRole>>,
    /// Functions such as security, finance, manager.
    pub functions: BTreeSet<String>,
}

/// What somebody is to the team that owns an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Not in it.
    #[default]
    Outside,
    /// In it, with any role.
    Member,
    /// Its lead.
    Lead,
}

impl Grants {
    /// Nothing is granted: such a person is signed in, and told why they see nothing.
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty() && self.teams.is_empty() && self.functions.is_empty()
    }

    /// Holds this portal-wide role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Holds this role in this team.
    pub fn is(&self, role: TeamRole, team: &str) -> bool {
        self.teams
            .get(team)
            .is_some_and(|roles| roles.contains(&role))
    }

    /// Holds this role in any team.
    pub fn is_anywhere(&self, role: TeamRole) -> bool {
        self.teams.values().any(|roles| roles.contains(&role))
    }
}

/// How the groups of the last sign-in arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupsClaim {
    /// A list of strings.
    Present,
    /// The claim was not in the token.
    Missing,
    /// The claim was there with another type than a list of strings.
    WrongType,
    /// The provider said there are too many groups to list.
    TooMany,
}

/// The signed-in person, as the request sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// Name for display; never matches, merges or authorises.
    pub name: String,
    /// What the mapping grants now.
    pub grants: Grants,
    /// How the groups arrived at the last sign-in.
    pub groups_claim: GroupsClaim,
    /// Public label of the session in use (never its id).
    pub session: Uuid,
    /// How and when the identity provider saw the person.
    pub authentication: Authentication,
}

/// What the identity provider said of the sign-in itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// Authentication context class, when the provider names one.
    pub acr: Option<String>,
    /// Methods used (RFC 8176 names).
    pub amr: Vec<String>,
    /// When the person last proved who they are, seconds since 1970.
    pub auth_time: Option<i64>,
}

impl GroupsClaim {
    /// The word in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::WrongType => "wrong_type",
            Self::TooMany => "too_many",
        }
    }

    /// The claim of this word; the table's check lets no other in.
    pub fn of_name(name: &str) -> Self {
        match name {
            "present" => Self::Present,
            "wrong_type" => Self::WrongType,
            "too_many" => Self::TooMany,
            _ => Self::Missing,
        }
    }

    /// Why a person without roles has none, in words for them; nothing when the groups are known.
    pub const fn why_no_roles(self) -> &'static str {
        match self {
            Self::Present => "None of your groups is mapped to a role here.",
            Self::Missing => "Your identity provider did not say which groups you are in.",
            Self::WrongType => {
                "Your identity provider sent your groups in a form this portal does not take: it expects a list of names."
            }
            Self::TooMany => {
                "You are in more groups than your identity provider puts into a sign-in. Ask for the groups of this portal only to be sent."
            }
        }
    }
}

impl Grants {
    /// Every right as one word, sorted: what is compared to say that roles changed.
    pub fn words(&self) -> Vec<String> {
        let mut words: Vec<String> = self.roles.iter().map(|role| role.name().into()).collect();
        for (team, roles) in &self.teams {
            words.extend(roles.iter().map(|role| format!("{team}:{}", role.name())));
        }
        words.extend(self.functions.iter().map(|name| format!("function:{name}")));
        words.sort();
        words
    }
}

/// A person in a list or a search: what everybody may know of everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Who.
    pub id: PersonId,
    /// Name for display.
    pub name: String,
}

/// A person's entry in the directory: what everybody with a role may know of everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Who.
    pub id: PersonId,
    /// Name for display.
    pub name: String,
    /// What the mapping makes of the groups of their last sign-in.
    pub grants: Grants,
}

/// A person as an admin sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Who.
    pub id: PersonId,
    /// Name for display.
    pub name: String,
    /// Issuer that signs them in.
    pub issuer: String,
    /// Groups as of the last sign-in.
    pub groups: Vec<String>,
    /// How they arrived.
    pub groups_claim: GroupsClaim,
    /// When they last signed in.
    pub last_sign_in_at: Timestamp,
    /// Since when they are disabled.
    pub disabled_at: Option<Timestamp>,
}

/// Who acts. Comes from one layer, once per request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is signed in.
    Anonymous,
    /// A person with a live session.
    Person(Box<Person>),
    /// The portal itself, by the name of the part that acts (`sign-in`, `sync`, `reaper`).
    System(&'static str),
    /// A worker, by its token.
    Worker(Box<WorkerActor>),
    /// One attempt of a step, by its token.
    Attempt(Box<AttemptActor>),
}

impl Actor {
    /// The person, where a person acts.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Anonymous | Self::System(_) | Self::Worker(_) | Self::Attempt(_) => None,
        }
    }

    /// The worker, where a worker acts.
    pub fn worker(&self) -> Option<&WorkerActor> {
        match self {
            Self::Worker(worker) => Some(worker),
            _ => None,
        }
    }

    /// The attempt, where an attempt acts.
    pub fn attempt(&self) -> Option<&AttemptActor> {
        match self {
            Self::Attempt(attempt) => Some(attempt),
            _ => None,
        }
    }

    /// What the actor is in a team.
    pub fn place_in(&self, team: &str) -> Place {
        let Some(grants) = self.person().map(|person| &person.grants) else {
            return Place::Outside;
        };
        match grants.teams.get(team) {
            Some(roles) if roles.contains(&TeamRole::TeamLead) => Place::Lead,
            Some(roles) if !roles.is_empty() => Place::Member,
            _ => Place::Outside,
        }
    }
}
