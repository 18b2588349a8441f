//! Filters above a list: a form of the address, so it works without a script
//! and can be shared.

use crate::prelude::*;

use super::{Glyph, Icon};

/// A bar of filters that sends itself to the same page.
#[component]
pub fn Toolbar(
    /// What is filtered: "Audit events".
    #[prop(into)]
    label: String,
    /// The address of the list.
    #[prop(into)]
    action: String,
    /// A [`SearchField`], chips, buttons.
    children: Children,
) -> AnyView {
    view! {
        <form class="toolbar" role="search" aria-label=label method="get" action=action>
            {children.run()}
        </form>
    }
    .into_any()
}

/// A search box. `/` focuses the one marked as filter of its list.
#[component]
pub fn SearchField(
    /// Its id.
    #[prop(into)]
    id: String,
    /// Its name in the form.
    #[prop(default = "q")]
    name: &'static str,
    /// What it searches, only heard.
    #[prop(into)]
    label: String,
    /// What may be written here: "Actor, object or hash".
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// What is searched for.
    #[prop(optional, into)]
    value: String,
) -> AnyView {
    view! {
        <div class="input-icon toolbar__search">
            <Icon glyph=Glyph::Search />
            <label class="sr-only" for=id.clone()>
                {label}
            </label>
            <input
                class="input"
                id=id
                type="search"
                name=name
                value=value
                placeholder=placeholder
                data-filter=""
            />
            <kbd class="kbd">"/"</kbd>
        </div>
    }
    .into_any()
}
