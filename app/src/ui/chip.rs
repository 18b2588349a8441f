//! One filter of a list. Filters live in the address, so a set filter is a link
//! to the same list without it.

use crate::prelude::*;

use super::{Glyph, Icon};

/// A filter that is set; following it removes it.
#[component]
pub fn Chip(
    /// What is filtered: "Actor".
    #[prop(into)]
    label: String,
    /// The value that is let through.
    #[prop(into)]
    value: String,
    /// The same list without this filter.
    #[prop(into)]
    href: String,
) -> AnyView {
    let lower = label.to_lowercase();
    view! {
        <a class="chip" data-on="" href=href>
            <span>{label} ": " <b>{value}</b></span>
            <Icon glyph=Glyph::X />
            <span class="sr-only">{format!("Remove {lower} filter")}</span>
        </a>
    }
    .into_any()
}

/// A filter that is not set; it opens a list of values or a small form.
#[component]
pub fn ChipMenu(
    /// A unique id.
    #[prop(into)]
    id: String,
    /// What is filtered: "Actor".
    #[prop(into)]
    label: String,
    /// Links, or a form.
    children: Children,
) -> AnyView {
    view! {
        <div class="menu-wrap">
            <button class="chip" type="button" popovertarget=id.clone()>
                {label}
                <Icon glyph=Glyph::ChevronDown />
            </button>
            <div class="menu menu--anchor menu--start" id=id popover="auto">
                {children.run()}
            </div>
        </div>
    }
    .into_any()
}
