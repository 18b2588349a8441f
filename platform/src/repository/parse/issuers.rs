//! `issuers:` in `groundcrew.yaml`: what each identity provider may say of people.

use super::ConfiguredIssuer;
use crate::{
    people::{Role, TeamRole},
    repository::{
        Ceiling, Issuer, Organisation,
        source::{At, Source},
        walk::{Map, unknown},
        yaml::{Node, Value},
    },
};

/// Without `issuers:` the only provider there is may say everything; of several none may.
pub(super) fn implied(
    source: &mut Source,
    at: At,
    configured: Option<&[ConfiguredIssuer]>,
    organisation: &Organisation,
) -> Vec<Issuer> {
    let all = configured.unwrap_or_default();
    if all.len() > 1 {
        let ids: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
        let what = format!(
            "{} identity providers are set up, and issuers is missing",
            all.len()
        );
        let why = "what each of them may say of people must be written down";
        let hint = format!(
            "Add issuers: with {} and a ceiling for each.",
            ids.join(", ")
        );
        source.find_with(at, "E-ISSUER", what, why, hint);
    }
    all.iter()
        .map(|one| Issuer {
            id: one.id.clone(),
            issuer: one.issuer.clone(),
            ceiling: everything(organisation),
        })
        .collect()
}

fn everything(organisation: &Organisation) -> Ceiling {
    Ceiling {
        roles: Role::ALL.iter().copied().collect(),
        team_roles: TeamRole::ALL.iter().copied().collect(),
        functions: organisation.functions.keys().cloned().collect(),
    }
}

pub(super) fn read(
    source: &mut Source,
    node: &Node,
    configured: Option<&[ConfiguredIssuer]>,
    organisation: &Organisation,
) -> Vec<Issuer> {
    let Some(map) = Map::of(source, node, "issuers") else {
        return Vec::new();
    };
    let mut issuers = Vec::new();
    for (id, at, node) in map.entries() {
        let Some(mut map) = Map::of(source, node, "an issuer") else {
            continue;
        };
        let settings = configured.map(|all| all.iter().find(|one| one.id == *id));
        if settings == Some(None) {
            let known: Vec<&str> = configured
                .unwrap_or_default()
                .iter()
                .map(|one| one.id.as_str())
                .collect();
            unknown(
                source,
                *at,
                "E-ISSUER",
                "identity provider",
                id,
                "the settings",
                &known,
            );
        }
        let known = settings.flatten().map(|one| one.issuer.as_str());
        let written = map.take("issuer");
        if let Some(node) = written
            && let Some(url) = node.text(source, "the issuer")
            && let Some(known) = known
            && url != known
        {
            let why = format!("the settings say {known}, and the two must be equal byte for byte");
            source.find(node.at, "E-ISSUER", "another issuer under this name", why);
        }
        let why = "nobody this provider signs in may hold more than it says";
        let ceiling = map
            .need(source, "ceiling", why)
            .map_or_else(Ceiling::default, |node| {
                read_ceiling(source, node, organisation)
            });
        map.close(source, "an issuer");
        let written = written.and_then(|node| match &node.value {
            Value::Scalar(text, _) => Some(text.as_str()),
            _ => None,
        });
        issuers.push(Issuer {
            id: id.clone(),
            issuer: known.or(written).unwrap_or_default().to_owned(),
            ceiling,
        });
    }
    issuers
}

fn read_ceiling(source: &mut Source, node: &Node, organisation: &Organisation) -> Ceiling {
    if let Value::Scalar(word, _) = &node.value
        && word == "all"
    {
        return everything(organisation);
    }
    let mut ceiling = Ceiling::default();
    for (word, at) in node.words(source, "a ceiling (or the word all)") {
        if let Some(role) = Role::parse(word) {
            ceiling.roles.insert(role);
        } else if let Some(role) = TeamRole::parse(word) {
            ceiling.team_roles.insert(role);
        } else if organisation.functions.contains_key(word) {
            ceiling.functions.insert(word.to_owned());
        } else {
            let mut known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
            known.extend(TeamRole::ALL.iter().map(|role| role.name()));
            known.extend(organisation.functions.keys().map(String::as_str));
            unknown(source, at, "E-ROLE", "role", word, "a ceiling", &known);
        }
    }
    ceiling
}
