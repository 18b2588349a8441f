//! What somebody is here: teams and roles, one row each.

use crate::prelude::*;
use platform::people::Grants;

use crate::{
    context,
    ui::{Avatar, Card, Glyph, Icon, Section},
    viewer::{portal_role, team_role},
};

/// The rail of Home.
#[component]
pub(super) fn Roles() -> AnyView {
    view! {
        <Section title="My teams and roles" id="h-roles">
            <GrantList grants=context::me().grants />
            <p class="muted small">
                "From the groups your identity provider named when you signed in. Something missing? Ask for the group, then sign in again."
            </p>
        </Section>
    }
    .into_any()
}

/// Teams, portal-wide roles and functions in a card.
#[component]
pub(crate) fn GrantList(grants: Grants) -> AnyView {
    let viewer = context::viewer();
    let teams = grants.teams.iter().map(|(name, roles)| {
        let title = viewer.team(name);
        let words: Vec<_> = roles.iter().map(|role| team_role(*role)).collect();
        view! {
            <li>
                <Avatar name=title.clone() team=true />
                <div class="rows__main">
                    <span class="rows__title">{title}</span>
                    <span class="rows__sub">{words.join(", ")}</span>
                </div>
            </li>
        }
        .into_any()
    });
    let whole = if viewer.company.is_empty() {
        "The whole portal"
    } else {
        viewer.company.as_str()
    };
    let roles = grants
        .roles
        .iter()
        .map(|role| row(Glyph::Shield, portal_role(*role).to_owned(), whole));
    let functions = grants.functions.iter().map(|name| {
        row(
            Glyph::StateCheck,
            format!("Approver for {name}"),
            "Where a rule asks for it",
        )
    });
    let mut rows: Vec<_> = teams.chain(roles).chain(functions).collect();
    if rows.is_empty() {
        rows.push(row(
            Glyph::Info,
            "No team and no role".to_owned(),
            "Nothing is mapped to their groups",
        ));
    }
    view! {
        <Card>
            <ul class="rows rows--tight">{rows}</ul>
        </Card>
    }
    .into_any()
}

fn row(glyph: Glyph, title: String, sub: &str) -> AnyView {
    view! {
        <li>
            <Icon glyph />
            <div class="rows__main">
                <span class="rows__title">{title}</span>
                <span class="rows__sub">{sub.to_owned()}</span>
            </div>
        </li>
    }
    .into_any()
}
