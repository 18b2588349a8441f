//! The platform repository: teams, roles and everything a platform team maintains as code.

mod difference;
mod finding;
#[cfg(not(target_arch = "wasm32"))]
pub mod ops;
mod overview;
#[cfg(not(target_arch = "wasm32"))]
mod parse;
#[cfg(not(target_arch = "wasm32"))]
mod source;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
#[cfg(not(target_arch = "wasm32"))]
mod walk;
#[cfg(not(target_arch = "wasm32"))]
mod yaml;

use std::collections::{BTreeMap, BTreeSet};

pub use difference::{Difference, difference};
pub use finding::{Finding, Status};
pub use overview::{IssuerOverview, Overview, TeamOverview};
#[cfg(not(target_arch = "wasm32"))]
pub use parse::{ConfiguredIssuer, load, version};

use crate::people::{Grants, Role, TeamRole};

/// What one identity provider may say of people here (`issuers:` in `groundcrew.yaml`).
///
/// Groups map per issuer: a group written `id:name` is the group `name` of the issuer `id`; one
/// written without the id of a known issuer belongs to the first issuer of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Short name, written before the colon of its groups.
    pub id: String,
    /// Issuer URL, byte for byte as in its tokens.
    pub issuer: String,
    /// Nobody it signs in holds more than this, whatever groups it names.
    pub ceiling: Ceiling,
}

/// The most an issuer's people can hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ceiling {
    /// Portal-wide roles.
    pub roles: BTreeSet<Role>,
    /// Roles in teams.
    pub team_roles: BTreeSet<TeamRole>,
    /// Functions such as security, finance, manager.
    pub functions: BTreeSet<String>,
}

/// `groundcrew.yaml` and `teams.yaml`, parsed and checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organisation {
    /// Display name of the company.
    pub name: String,
    /// The one currency of budgets and costs (ISO 4217).
    pub currency: String,
    /// Time zone of the company (IANA name).
    pub zone: String,
    /// Team that owns what nobody else does.
    pub default_owner: String,
    /// Teams by name.
    pub teams: BTreeMap<String, Team>,
    /// Portal-wide roles to the groups that hold them.
    pub roles: BTreeMap<Role, BTreeSet<String>>,
    /// Functions (security, finance, manager) to the groups that hold them.
    pub functions: BTreeMap<String, BTreeSet<String>>,
    /// Identity providers whose people may hold roles, the default one first. Others grant nothing.
    pub issuers: Vec<Issuer>,
    /// Content address of the two files, hex SHA-256; names the mapping's version in events.
    pub version: String,
}

/// One team.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Team {
    /// Title for people.
    pub title: String,
    /// Services the team runs.
    pub services: BTreeSet<String>,
    /// What it may spend.
    pub budget: Option<Budget>,
    /// Roles to the groups that hold them.
    pub roles: BTreeMap<TeamRole, BTreeSet<String>>,
}

/// What a team may spend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// In a month, in whole minor units of the company's currency.
    pub month: u64,
    /// What happens to a request that would exceed it.
    pub over: Over,
}

/// What happens over budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    /// The request is refused.
    Deny,
    /// The people of this function are asked as well.
    Function(String),
}

impl Organisation {
    /// What these groups, named by this issuer, grant. An issuer without an entry grants nothing.
    pub fn grants(&self, issuer: &str, groups: &BTreeSet<String>) -> Grants {
        let Some(place) = self.issuers.iter().position(|known| known.issuer == issuer) else {
            return Grants::default();
        };
        let ceiling = &self.issuers[place].ceiling;
        let holds = |names: &BTreeSet<String>| {
            names.iter().any(|name| {
                let (owner, group) = self.owner_of(name);
                owner == place && groups.contains(group)
            })
        };
        let teams = self.teams.iter().filter_map(|(name, team)| {
            let roles: BTreeSet<TeamRole> = team
                .roles
                .iter()
                .filter(|(role, names)| ceiling.team_roles.contains(role) && holds(names))
                .map(|(role, _)| *role)
                .collect();
            (!roles.is_empty()).then(|| (name.clone(), roles))
        });
        Grants {
            roles: self
                .roles
                .iter()
                .filter(|(role, names)| ceiling.roles.contains(role) && holds(names))
                .map(|(role, _)| *role)
                .collect(),
            teams: teams.collect(),
            functions: self
                .functions
                .iter()
                .filter(|(name, names)| ceiling.functions.contains(*name) && holds(names))
                .map(|(name, _)| name.clone())
                .collect(),
        }
    }

    /// Which issuer (place in the list) a mapped group belongs to, and its name there.
    fn owner_of<'a>(&self, name: &'a str) -> (usize, &'a str) {
        name.split_once(':')
            .and_then(|(id, group)| {
                let place = self.issuers.iter().position(|known| known.id == id)?;
                Some((place, group))
            })
            .unwrap_or((0, name))
    }
}
