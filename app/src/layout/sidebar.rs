//! Navigation. Below 900 pixels it is a drawer the browser opens by itself (`popover`).

use crate::prelude::*;
use leptos_router::hooks::use_location;

use super::{Mark, theme::ThemeSwitch};
use crate::{
    context,
    routes::{PAGES, Page, Place},
    ui::{Glyph, Icon},
};

/// The sidebar.
#[component]
pub(super) fn Sidebar(
    /// Opens the sheet of keyboard shortcuts.
    shortcuts_open: RwSignal<bool>,
) -> AnyView {
    let me = context::me();
    let offered = |group: u8| -> Vec<&'static Page> {
        PAGES
            .iter()
            .filter(|page| page.place == Place::Sidebar(group) && page.offered_to(&me))
            .collect()
    };
    let groups: Vec<_> = (0..=3)
        .map(offered)
        .filter(|group| !group.is_empty())
        .map(|group| {
            let links: Vec<_> = group
                .into_iter()
                .map(|page| view! { <NavLink page /> }.into_any())
                .collect();
            view! { <ul class="nav">{links}</ul> }.into_any()
        })
        .collect();
    view! {
        <nav class="sidebar" id="nav" popover="auto" aria-label="Main">
            <a class="brand" href="/">
                <Mark />
                "Groundcrew"
            </a>
            {groups}
            <div class="sidebar__foot">
                <ThemeSwitch />
                <a
                    class="iconbtn iconbtn--sm"
                    href="/search#keyboard"
                    title="Keyboard shortcuts"
                    on:click=move |event| {
                        event.prevent_default();
                        shortcuts_open.set(true);
                    }
                >
                    <Icon glyph=Glyph::Keyboard />
                    <span class="sr-only">"Keyboard shortcuts"</span>
                </a>
            </div>
        </nav>
    }
    .into_any()
}

#[component]
fn NavLink(page: &'static Page) -> AnyView {
    let location = use_location();
    let current = move || {
        let path = location.pathname.get();
        let here = if page.path == "/" {
            path == "/"
        } else {
            path == page.path || path.starts_with(&format!("{}/", page.path))
        };
        here.then_some("page")
    };
    view! {
        <li>
            <a href=page.path aria-current=current>
                <Icon glyph=page.glyph />
                {page.title}
            </a>
        </li>
    }
    .into_any()
}
