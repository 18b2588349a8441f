//! What the Admin page shows: how the repository stands, and what its mapping grants to whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Organisation, Status};
use crate::people::{Role, TeamRole};

/// How the platform repository stands and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// How it stands.
    pub status: Status,
    /// Display name of the company.
    pub company: String,
    /// Teams by name.
    pub teams: BTreeMap<String, TeamOverview>,
    /// Portal-wide roles to the groups that hold them.
    pub roles: BTreeMap<Role, BTreeSet<String>>,
    /// Functions to the groups that hold them.
    pub functions: BTreeMap<String, BTreeSet<String>>,
    /// Identity providers whose people may hold roles.
    pub issuers: Vec<IssuerOverview>,
}

/// One team and the groups behind its roles.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamOverview {
    /// Title for people.
    pub title: String,
    /// Roles to groups.
    pub roles: BTreeMap<TeamRole, BTreeSet<String>>,
}

/// One identity provider and the most its people can hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerOverview {
    /// Its id.
    pub id: String,
    /// Issuer URL.
    pub issuer: String,
    /// Portal-wide roles.
    pub roles: BTreeSet<Role>,
    /// Roles in teams.
    pub team_roles: BTreeSet<TeamRole>,
    /// Functions.
    pub functions: BTreeSet<String>,
}

impl Overview {
    /// Brings both together.
    pub fn of(organisation: &Organisation, status: Status) -> Self {
        let teams = organisation.teams.iter().map(|(name, team)| {
            let shown = TeamOverview {
                title: team.title.clone(),
                roles: team.roles.clone(),
            };
            (name.clone(), shown)
        });
        let issuers = organisation.issuers.iter().map(|issuer| IssuerOverview {
            id: issuer.id.clone(),
            issuer: issuer.issuer.clone(),
            roles: issuer.ceiling.roles.clone(),
            team_roles: issuer.ceiling.team_roles.clone(),
            functions: issuer.ceiling.functions.clone(),
        });
        Self {
            status,
            company: organisation.name.clone(),
            teams: teams.collect(),
            roles: organisation.roles.clone(),
            functions: organisation.functions.clone(),
            issuers: issuers.collect(),
        }
    }
}
