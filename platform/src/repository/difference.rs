//! What a new version of the mapping changes in who may do what.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ceiling, Issuer, Organisation};

/// Every place where groups were added or taken away: `team.payments.developer`, `role.admin`,
/// `function.security`, `ceiling.corp`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Place to groups that hold it now and did not before.
    pub added: BTreeMap<String, BTreeSet<String>>,
    /// Place to groups that held it before and do not now.
    pub removed: BTreeMap<String, BTreeSet<String>>,
}

impl Difference {
    /// Nobody gains, nobody loses.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Somebody may do more than before.
    pub fn loosens(&self) -> bool {
        !self.added.is_empty()
    }
}

/// Compares two versions.
pub fn difference(before: &Organisation, after: &Organisation) -> Difference {
    let (old, new) = (places(before), places(after));
    Difference {
        added: beyond(&new, &old),
        removed: beyond(&old, &new),
    }
}

/// What stands in the first and not in the second.
fn beyond(
    have: &BTreeMap<String, BTreeSet<String>>,
    lack: &BTreeMap<String, BTreeSet<String>>,
) -> BTreeMap<String, BTreeSet<String>> {
    let none = BTreeSet::new();
    have.iter()
        .filter_map(|(place, groups)| {
            let others = lack.get(place).unwrap_or(&none);
            let more: BTreeSet<String> = groups.difference(others).cloned().collect();
            (!more.is_empty()).then(|| (place.clone(), more))
        })
        .collect()
}

fn places(of: &Organisation) -> BTreeMap<String, BTreeSet<String>> {
    let roles = of
        .roles
        .iter()
        .map(|(role, groups)| (format!("role.{}", role.name()), groups.clone()));
    let functions = of
        .functions
        .iter()
        .map(|(name, groups)| (format!("function.{name}"), groups.clone()));
    let teams = of.teams.iter().flat_map(|(team, is)| {
        is.roles
            .iter()
            .map(move |(role, groups)| (format!("team.{team}.{}", role.name()), groups.clone()))
    });
    let ceilings = of
        .issuers
        .iter()
        .map(|Issuer { id, ceiling, .. }| (format!("ceiling.{id}"), words(ceiling)));
    roles
        .chain(functions)
        .chain(teams)
        .chain(ceilings)
        .collect()
}

fn words(ceiling: &Ceiling) -> BTreeSet<String> {
    let roles = ceiling.roles.iter().map(|role| role.name().to_owned());
    let team_roles = ceiling.team_roles.iter().map(|role| role.name().to_owned());
    roles
        .chain(team_roles)
        .chain(ceiling.functions.iter().cloned())
        .collect()
}
