//! Who looks at the page, and what they may be offered. Decides nothing: the
//! operations do.

use std::collections::BTreeMap;

use platform::people::{Grants, GroupsClaim, Person, Role, TeamRole};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Who looks at the page; written into it once, so that nothing jumps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The signed-in person.
    pub me: Option<Me>,
    /// Ways to sign in; only told to whoever is not signed in.
    pub issuers: Vec<IssuerLink>,
    /// Name of the company, empty until the platform repository says it.
    pub company: String,
    /// Titles of the teams by name.
    pub teams: BTreeMap<String, String>,
    /// The last verification found the audit chain altered; told to members only.
    pub chain_is_broken: bool,
    /// Version of the portal.
    pub version: String,
    /// Trace id of the request that brought the page.
    pub trace: String,
}

/// An identity provider on the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerLink {
    /// Its id in the settings, sent by the sign-in form.
    pub id: String,
    /// Its name for people.
    pub title: String,
}

/// The signed-in person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// Names the person in links.
    pub id: Uuid,
    /// Name for display.
    pub name: String,
    /// What the mapping grants.
    pub grants: Grants,
    /// How the groups arrived at the last sign-in.
    pub groups: GroupsClaim,
}

impl Default for Me {
    fn default() -> Self {
        Self {
            id: Uuid::nil(),
            name: String::new(),
            grants: Grants::default(),
            groups: GroupsClaim::Missing,
        }
    }
}

impl From<&Person> for Me {
    fn from(person: &Person) -> Self {
        Self {
            id: person.id.0,
            name: person.name.clone(),
            grants: person.grants.clone(),
            groups: person.groups_claim,
        }
    }
}

impl Viewer {
    /// Title of a team, or its name where it has none.
    pub fn team(&self, name: &str) -> String {
        self.teams
            .get(name)
            .cloned()
            .unwrap_or_else(|| name.to_owned())
    }

    /// "Team lead of Payments", "Auditor": what the person is here, one phrase each.
    pub fn standing(&self, grants: &Grants) -> Vec<String> {
        let teams = grants.teams.iter().flat_map(|(team, roles)| {
            roles
                .iter()
                .map(|role| format!("{} of {}", team_role(*role), self.team(team)))
        });
        let roles = grants
            .roles
            .iter()
            .map(|role| portal_role(*role).to_owned());
        let functions = grants
            .functions
            .iter()
            .map(|name| format!("Approver for {name}"));
        teams.chain(roles).chain(functions).collect()
    }
}

/// The word for a role in a team.
pub(crate) fn team_role(role: TeamRole) -> &'static str {
    match role {
        TeamRole::Developer => "Developer",
        TeamRole::TeamLead => "Team lead",
        TeamRole::OnCall => "On-call engineer",
    }
}

/// The word for a role in the whole portal.
pub(crate) fn portal_role(role: Role) -> &'static str {
    match role {
        Role::PlatformEngineer => "Platform engineer",
        Role::Auditor => "Auditor",
        Role::Admin => "Admin",
    }
}
