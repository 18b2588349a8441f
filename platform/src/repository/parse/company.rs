//! `groundcrew.yaml`: what holds for the whole company.

use super::{ConfiguredIssuer, api_version, issuers};
use crate::repository::{
    Organisation,
    source::Source,
    walk::{Map, unknown},
    yaml::Node,
};

pub(super) fn read(
    source: &mut Source,
    root: &Node,
    configured: Option<&[ConfiguredIssuer]>,
    teams_known: bool,
    into: &mut Organisation,
) {
    let Some(mut map) = Map::of(source, root, "groundcrew.yaml") else {
        return;
    };
    api_version(source, &mut map);
    let name = map.need(source, "name", "people see it on every page");
    if let Some(name) = name.and_then(|node| node.text(source, "the name")) {
        name.clone_into(&mut into.name);
    }
    if let Some(node) = map.need(
        source,
        "currency",
        "budgets and costs are counted in one currency",
    ) && let Some(code) = node.text(source, "the currency")
    {
        if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) {
            code.clone_into(&mut into.currency);
        } else {
            let why = "a currency is three capital letters (ISO 4217), such as EUR";
            source.find(
                node.at,
                "E-CURRENCY",
                format!("\"{code}\" is no currency"),
                why,
            );
        }
    }
    if let Some(node) = map.need(source, "zone", "windows and freezes are told in it")
        && let Some(zone) = node.text(source, "the zone")
    {
        if jiff::tz::TimeZone::get(zone).is_ok() {
            zone.clone_into(&mut into.zone);
        } else {
            let why = "a zone is an IANA name, such as Europe/Berlin";
            source.find(node.at, "E-ZONE", format!("no time zone \"{zone}\""), why);
        }
    }
    if let Some(node) = map.need(
        source,
        "default_owner",
        "what nobody owns belongs to this team",
    ) && let Some(owner) = node.text(source, "the default owner")
    {
        let teams: Vec<&str> = into.teams.keys().map(String::as_str).collect();
        if teams_known && !teams.contains(&owner) {
            unknown(
                source,
                node.at,
                "E-TEAM",
                "team",
                owner,
                "teams.yaml",
                &teams,
            );
        }
        owner.clone_into(&mut into.default_owner);
    }
    let listed = map.take("issuers");
    into.issuers = match listed {
        Some(node) => issuers::read(source, node, configured, into),
        None => issuers::implied(source, map.at, configured, into),
    };
    map.close(source, "groundcrew.yaml");
}
