//! The platform repository: teams, roles and everything a platform team maintains as code.

use std::collections::{BTreeMap, BTreeSet};

use crate::people::{Grants, Role, TeamRole};

/// `groundcrew.yaml` and `teams.yaml`, parsed and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// Display name of the company.
    pub name: String,
    /// Teams by name.
    pub teams: BTreeMap<String, Team>,
    /// Portal-wide roles to the groups that hold them.
    pub roles: BTreeMap<Role, BTreeSet<String>>,
    /// Functions (security, finance, manager) to the groups that hold them.
    pub functions: BTreeMap<String, BTreeSet<String>>,
    /// Content address of the two files, hex SHA-256; names the mapping's version in events.
    pub version: String,
}

/// One team.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Team {
    /// Title for people.
    pub title: String,
    /// Roles to the groups that hold them.
    pub roles: BTreeMap<TeamRole, BTreeSet<String>>,
}

impl Organisation {
    /// What these groups grant.
    pub fn grants(&self, groups: &BTreeSet<String>) -> Grants {
        let holds = |names: &BTreeSet<String>| !names.is_disjoint(groups);
        let mut grants = Grants {
            roles: self
                .roles
                .iter()
                .filter(|(_, g)| holds(g))
                .map(|(role, _)| *role)
                .collect(),
            functions: self
                .functions
                .iter()
                .filter(|(_, g)| holds(g))
                .map(|(name, _)| name.clone())
                .collect(),
            ..Grants::default()
        };
        for (name, team) in &self.teams {
            let roles: BTreeSet<TeamRole> = team
                .roles
                .iter()
                .filter(|(_, g)| holds(g))
                .map(|(role, _)| *role)
                .collect();
            if !roles.is_empty() {
                grants.teams.insert(name.clone(), roles);
            }
        }
        grants
    }
}
