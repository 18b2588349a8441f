//! The page: what needs me first, my work beside who I am.

use crate::prelude::*;
use leptos_meta::Title;

use super::roles::Roles;
use crate::{
    context,
    layout::chosen_team,
    ui::{ButtonLink, Card, Empty, Glyph, PageHead, Section},
};

/// The page.
pub(crate) fn page() -> AnyView {
    let viewer = context::viewer();
    let me = context::me();
    let standing = viewer.standing(&me.grants);
    let meta = move || {
        standing
            .iter()
            .map(|what| view! { <span>{what.clone()}</span> }.into_any())
            .collect::<Vec<_>>()
    };
    let team = chosen_team();
    let environments = move || match team.get() {
        Some(team) => format!("{} environments", viewer.team(&team)),
        None => "My environments".to_owned(),
    };
    let actions = || view! { <ButtonLink href="/catalog">"Browse catalog"</ButtonLink> };
    view! {
        <Title text="Home" />
        <div class="page">
            <PageHead title="Home" meta actions />
            <div class="split">
                <div class="stack">
                    <Waiting
                        title="Needs you"
                        id="h-needs"
                        href="/approvals"
                        link="Open approvals inbox"
                        glyph=Glyph::StateCheck
                        empty="Nothing waits for you"
                        text="Requests to approve, leases that run out, and drift in what your teams own will stand here first."
                    />
                    {move || {
                        view! {
                            <Waiting
                                title=environments()
                                id="h-environments"
                                href="/environments"
                                link="All environments"
                                glyph=Glyph::Environment
                                empty="No environments yet"
                                text="The environments of your teams will stand here with tier, state, lease and monthly cost. The first one begins in the catalog."
                            />
                        }
                    }}
                    <Waiting
                        title="My requests"
                        id="h-requests"
                        href="/requests"
                        link="All requests"
                        glyph=Glyph::Request
                        empty="You have asked for nothing yet"
                        text="What you ask for will stand here until it is done, with the stage it is in and who it waits for."
                    />
                    <Waiting
                        title="Open incidents"
                        id="h-incidents"
                        href="/incidents"
                        link="All incidents"
                        glyph=Glyph::Incident
                        empty="No incident is open"
                        text="Nothing reports to this portal yet: your monitoring and pager know better today."
                    />
                </div>
                <aside class="split__rail" aria-label="About me">
                    <Roles />
                </aside>
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn Waiting(
    #[prop(into)] title: String,
    id: &'static str,
    href: &'static str,
    link: &'static str,
    glyph: Glyph,
    empty: &'static str,
    text: &'static str,
) -> AnyView {
    view! {
        <Section title id aside=move || view! { <a href=href>{link}</a> }>
            <Card>
                <Empty glyph title=empty>
                    {text}
                </Empty>
            </Card>
        </Section>
    }
    .into_any()
}
