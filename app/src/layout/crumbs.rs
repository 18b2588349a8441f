//! Breadcrumbs. The first is the team whose work is shown; the choice is in the address.

use crate::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use crate::{
    context, links,
    routes::{Page, page_at},
    ui::{Avatar, Glyph, Icon},
};

/// Team scope and the page.
#[component]
pub(super) fn Crumbs() -> AnyView {
    let location = use_location();
    let title =
        move || page_at(&location.pathname.get()).map_or("Not found", |page: &Page| page.title);
    let above = move || {
        let path = location.pathname.get();
        let above = path.rsplit_once('/').and_then(|(above, _)| page_at(above));
        above.map(|page| {
            view! {
                <li>
                    <a href=page.path>{page.title}</a>
                </li>
            }
        })
    };
    view! {
        <nav class="crumbs" aria-label="Breadcrumb">
            <ol>
                <Scope />
                {above}
                <li>
                    <span aria-current="page">{title}</span>
                </li>
            </ol>
        </nav>
    }
    .into_any()
}

/// The team in the address, when the viewer is in it.
pub(crate) fn chosen_team() -> Memo<Option<String>> {
    let query = use_query_map();
    let mine = context::me().grants.teams;
    Memo::new(move |_| {
        query
            .read()
            .get("team")
            .filter(|team| mine.contains_key(team))
    })
}

/// Which team's work is shown. Without teams there is nothing to choose.
#[component]
fn Scope() -> AnyView {
    let viewer = context::viewer();
    let teams: Vec<(String, String)> = context::me()
        .grants
        .teams
        .keys()
        .map(|name| (name.clone(), viewer.team(name)))
        .collect();
    if teams.is_empty() {
        return ().into_any();
    }
    let chosen = chosen_team();
    let named = {
        let viewer = viewer.clone();
        move || {
            chosen
                .get()
                .map_or_else(|| "All teams".to_owned(), |team| viewer.team(&team))
        }
    };
    let picture = move || match chosen.get() {
        Some(team) => view! { <Avatar name=viewer.team(&team) team=true /> }.into_any(),
        None => view! { <Icon glyph=Glyph::Team /> }.into_any(),
    };
    let entries: Vec<_> = std::iter::once((None, "All teams".to_owned()))
        .chain(teams.into_iter().map(|(name, title)| (Some(name), title)))
        .map(|(name, title)| view! { <ScopeEntry name title chosen /> }.into_any())
        .collect();
    view! {
        <li>
            <button class="scope" type="button" popovertarget="scope">
                {picture}
                <span class="scope__name">{named}</span>
                <span class="sr-only">", change team"</span>
                <Icon glyph=Glyph::ChevronDown />
            </button>
            <div class="menu menu--anchor menu--start" id="scope" popover="auto">
                <p class="menu__head muted">"Show work of"</p>
                {entries}
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn ScopeEntry(name: Option<String>, title: String, chosen: Memo<Option<String>>) -> AnyView {
    let location = use_location();
    let path = location.pathname;
    let href = {
        let name = name.clone();
        move || match &name {
            Some(name) => format!("{}?team={}", path.get(), links::encode(name)),
            None => path.get(),
        }
    };
    let current = Memo::new(move |_| chosen.get() == name);
    let icon = move || {
        let glyph = if current.get() {
            Glyph::Check
        } else {
            Glyph::Team
        };
        view! { <Icon glyph /> }
    };
    view! {
        <a href=href aria-current=move || current.get().then_some("true")>
            {icon}
            {title}
        </a>
    }
    .into_any()
}
