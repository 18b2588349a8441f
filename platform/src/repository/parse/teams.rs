//! `teams.yaml`: teams, their budgets, and which groups hold which roles.

use std::collections::{BTreeMap, BTreeSet};

use super::api_version;
use crate::{
    people::{Role, TeamRole},
    repository::{
        Budget, Organisation, Over, Team,
        source::{At, Source},
        walk::{Map, unknown},
        yaml::{Node, Value},
    },
};

pub(super) fn read(source: &mut Source, root: &Node, into: &mut Organisation) {
    let Some(mut map) = Map::of(source, root, "teams.yaml") else {
        return;
    };
    api_version(source, &mut map);
    if let Some(node) = map.take("functions")
        && let Some(functions) = Map::of(source, node, "functions")
    {
        for (name, at, node) in functions.entries() {
            name_is_well_formed(source, *at, "function", name);
            into.functions
                .insert(name.clone(), groups(source, node, name));
        }
    }
    if let Some(node) = map.take("roles")
        && let Some(roles) = Map::of(source, node, "roles")
    {
        into.roles = by_role(source, &roles, "roles", Role::ALL, Role::parse, Role::name);
    }
    let why = "a portal without a team has nobody to serve";
    if let Some(node) = map.need(source, "teams", why)
        && let Some(teams) = Map::of(source, node, "teams")
    {
        for (name, at, node) in teams.entries() {
            name_is_well_formed(source, *at, "team", name);
            if let Some(team) = read_team(source, node, &into.functions) {
                into.teams.insert(name.clone(), team);
            }
        }
        if teams.entries().next().is_none() {
            source.find(node.at, "E-EMPTY", "there is no team", why);
        }
    }
    map.close(source, "teams.yaml");
}

fn read_team(
    source: &mut Source,
    node: &Node,
    functions: &BTreeMap<String, BTreeSet<String>>,
) -> Option<Team> {
    let mut map = Map::of(source, node, "a team")?;
    let mut team = Team::default();
    let title = map.need(source, "title", "people see it instead of the name");
    if let Some(title) = title.and_then(|node| node.text(source, "a title")) {
        title.clone_into(&mut team.title);
    }
    if let Some(node) = map.take("services") {
        let words = node.words(source, "services");
        team.services = words.into_iter().map(|(word, _)| word.to_owned()).collect();
    }
    if let Some(node) = map.take("budget") {
        team.budget = read_budget(source, node, functions);
    }
    let why = "a team is the groups that hold its roles";
    if let Some(node) = map.need(source, "roles", why)
        && let Some(roles) = Map::of(source, node, "roles of a team")
    {
        let known = TeamRole::ALL;
        team.roles = by_role(
            source,
            &roles,
            "a team",
            known,
            TeamRole::parse,
            TeamRole::name,
        );
    }
    map.close(source, "a team");
    Some(team)
}

fn read_budget(
    source: &mut Source,
    node: &Node,
    functions: &BTreeMap<String, BTreeSet<String>>,
) -> Option<Budget> {
    let mut map = Map::of(source, node, "a budget")?;
    let why = "it says how much a team may spend in a month, in cents";
    let month = map
        .need(source, "month", why)
        .and_then(|node| node.number(source, "E-BUDGET", "a month's budget in cents"));
    let over = match map.take("over") {
        None => Some(Over::Deny),
        Some(node) => node.text(source, "over").and_then(|word| {
            let names: Vec<&str> = functions.keys().map(String::as_str).collect();
            match word.strip_prefix("function:") {
                Some(name) if functions.contains_key(name) => Some(Over::Function(name.to_owned())),
                Some(name) => {
                    unknown(
                        source,
                        node.at,
                        "E-BUDGET",
                        "function",
                        name,
                        "teams.yaml",
                        &names,
                    );
                    None
                }
                None if word == "deny" => Some(Over::Deny),
                None => {
                    let why = "over is deny, or function: and the name of one";
                    source.find(node.at, "E-BUDGET", format!("\"{word}\" stands here"), why);
                    None
                }
            }
        }),
    };
    map.close(source, "a budget");
    Some(Budget {
        month: month?,
        over: over?,
    })
}

/// Groups by role; a role that does not exist is a finding.
fn by_role<R: Copy + Ord>(
    source: &mut Source,
    map: &Map<'_>,
    what: &str,
    all: &[R],
    parse: fn(&str) -> Option<R>,
    word: fn(R) -> &'static str,
) -> BTreeMap<R, BTreeSet<String>> {
    let mut found = BTreeMap::new();
    for (name, at, node) in map.entries() {
        if let Some(role) = parse(name) {
            found.insert(role, groups(source, node, name));
        } else {
            let known: Vec<&str> = all.iter().map(|role| word(*role)).collect();
            unknown(source, *at, "E-ROLE", "role", name, what, &known);
        }
    }
    found
}

fn groups(source: &mut Source, node: &Node, role: &str) -> BTreeSet<String> {
    let words = node.words(source, "groups");
    if words.is_empty() && matches!(&node.value, Value::List(items) if items.is_empty()) {
        let why = "a role that no group holds is held by nobody";
        let hint = "Name a group of the identity provider, or leave the line out.";
        source.find_with(
            node.at,
            "E-EMPTY",
            format!("no group for {role}"),
            why,
            hint,
        );
    }
    words.into_iter().map(|(word, _)| word.to_owned()).collect()
}

fn name_is_well_formed(source: &mut Source, at: At, noun: &str, name: &str) {
    let mut bytes = name.bytes();
    let first = bytes.next().is_some_and(|b| b.is_ascii_lowercase());
    let rest =
        bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_');
    if !first || !rest || !(2..=40).contains(&name.len()) {
        let why = "a name is 2 to 40 small letters, digits and dashes, a letter first";
        source.find(
            at,
            "E-NAME",
            format!("\"{name}\" is no name for a {noun}"),
            why,
        );
    }
}
