//! The frame around every page of whoever is signed in: sidebar, top bar, and what concerns the
//! whole session.

mod banners;
mod brand;
mod crumbs;
mod notice;
mod notifications;
mod shortcuts;
mod sidebar;
mod theme;
mod topbar;
mod user_menu;

pub(crate) use brand::Mark;
pub(crate) use crumbs::chosen_team;

use crate::prelude::*;
use leptos_router::hooks::use_location;

use crate::{browser, search::Palette};

/// The frame. The page is its child.
#[component]
pub(crate) fn Frame(
    /// The page.
    children: Children,
) -> AnyView {
    let palette_open = RwSignal::new(false);
    let shortcuts_open = RwSignal::new(false);
    shortcuts::listen(palette_open, shortcuts_open);
    let path = use_location().pathname;
    Effect::new(move |_| {
        path.track();
        browser::close_popovers();
    });
    view! {
        <a
            class="skip"
            href="#main"
            on:click=|event| {
                event.prevent_default();
                browser::focus("#main");
            }
        >
            "Skip to content"
        </a>
        <div class="app">
            <sidebar::Sidebar shortcuts_open />
            <topbar::Topbar palette_open />
            <main class="main" id="main" tabindex="-1">
                <banners::Banners />
                <notice::Notice />
                {children.run()}
            </main>
        </div>
        <Palette open=palette_open />
        <shortcuts::Sheet open=shortcuts_open />
    }
    .into_any()
}
