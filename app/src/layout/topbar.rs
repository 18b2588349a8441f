//! Where am I, search, what happened, who am I.

use crate::prelude::*;

use super::{crumbs::Crumbs, notifications::Notifications, user_menu::UserMenu};
use crate::ui::{Glyph, Icon};

/// The top bar.
#[component]
pub(super) fn Topbar(
    /// Opens the palette.
    palette_open: RwSignal<bool>,
) -> AnyView {
    view! {
        <header class="topbar">
            <button class="iconbtn menu-btn" type="button" popovertarget="nav">
                <Icon glyph=Glyph::Menu />
                <span class="sr-only">"Open navigation"</span>
            </button>
            <Crumbs />
            <a
                class="search-trigger"
                href="/search"
                aria-keyshortcuts="Control+K Meta+K"
                on:click=move |event| {
                    if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                        event.prevent_default();
                        palette_open.set(true);
                    }
                }
            >
                <Icon glyph=Glyph::Search />
                <span>"Search or jump to"</span>
                <kbd class="kbd">"Ctrl K"</kbd>
            </a>
            <Notifications />
            <UserMenu />
        </header>
    }
    .into_any()
}
