//! Who may sign in, and which groups hold which roles: as the platform repository says, not as a
//! form here could.

use std::collections::BTreeSet;

use crate::prelude::*;
use platform::repository::{IssuerOverview, Overview};

use crate::{
    ui::{Callout, Column, Section, Table, Tag, Td, Th, Tone, Tr},
    viewer::{portal_role, team_role},
};

/// Identity providers and the most their people can hold.
#[component]
pub(super) fn Issuers(issuers: Vec<IssuerOverview>) -> AnyView {
    let columns = vec![
        Column::new("Provider"),
        Column::new("Issuer"),
        Column::new("Its people may hold"),
    ];
    let none = issuers.is_empty().then(|| {
        view! {
            <Callout tone=Tone::Warn title="No identity provider may grant roles">
                "Whoever signs in holds nothing. List the provider under issuers in groundcrew.yaml."
            </Callout>
        }
    });
    let rows: Vec<_> = issuers.into_iter().map(issuer).collect();
    let table = (!rows.is_empty()).then(|| {
        view! {
            <Table caption="Identity providers" columns>
                {rows}
            </Table>
        }
    });
    view! {
        <Section
            title="Identity providers"
            id="h-issuers"
            aside=|| view! { <span class="small muted">"groundcrew.yaml"</span> }
        >
            {none}
            {table}
        </Section>
    }
    .into_any()
}

fn issuer(issuer: IssuerOverview) -> AnyView {
    let roles = issuer
        .roles
        .iter()
        .map(|role| portal_role(*role).to_owned());
    let team_roles = issuer
        .team_roles
        .iter()
        .map(|role| team_role(*role).to_owned());
    let functions = issuer
        .functions
        .iter()
        .map(|name| format!("Approver for {name}"));
    let held: Vec<String> = team_roles.chain(roles).chain(functions).collect();
    let held = if held.is_empty() {
        "nothing".to_owned()
    } else {
        held.join(", ")
    };
    view! {
        <Tr>
            <Th>{issuer.id}</Th>
            <Td label="Issuer">
                <span class="mono">{issuer.issuer}</span>
            </Td>
            <Td label="Its people may hold">{held}</Td>
        </Tr>
    }
    .into_any()
}

/// Teams, roles and functions with the groups behind them.
#[component]
pub(super) fn Mapping(overview: Overview) -> AnyView {
    let mut rows: Vec<AnyView> = Vec::new();
    for (name, team) in &overview.teams {
        for (role, groups) in &team.roles {
            let what = format!("{} of {}", team_role(*role), team.title);
            rows.push(row(&what, name, groups));
        }
    }
    for (role, groups) in &overview.roles {
        rows.push(row(portal_role(*role), "the whole portal", groups));
    }
    for (function, groups) in &overview.functions {
        rows.push(row(
            &format!("Approver for {function}"),
            "where a rule asks for it",
            groups,
        ));
    }
    let columns = vec![Column::new("Role"), Column::new("Groups that hold it")];
    view! {
        <Section
            title="Teams and roles"
            id="h-mapping"
            aside=|| view! { <span class="small muted">"teams.yaml, groundcrew.yaml"</span> }
        >
            <Table caption="Roles and the groups that hold them" columns compact=true>
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn row(what: &str, scope: &str, groups: &BTreeSet<String>) -> AnyView {
    let tags: Vec<_> = groups
        .iter()
        .map(|group| view! { <Tag text=group.clone() mono=true /> " " }.into_any())
        .collect();
    let tags = if tags.is_empty() {
        "nobody".into_any()
    } else {
        tags.into_any()
    };
    let (what, scope) = (what.to_owned(), scope.to_owned());
    view! {
        <Tr>
            <Th sub=scope>{what}</Th>
            <Td label="Groups that hold it">{tags}</Td>
        </Tr>
    }
    .into_any()
}
