//! The chain as files.

use crate::prelude::*;
use platform::audit::view::Filter;

use super::address;
use crate::ui::{Glyph, Menu, MenuLink};

/// What can be taken away: for people, as evidence of what matches, as evidence of all.
#[component]
pub(super) fn Exports(
    /// The filter in use.
    filter: Filter,
) -> AnyView {
    let all = Filter::default();
    let some = (!filter.is_empty()).then(|| {
        view! {
            <MenuLink
                href=address::file("events.jsonl", &filter)
                icon=Glyph::ShieldCheck
                attr:download=""
                attr:rel="external"
            >
                "Evidence of this filter, with proofs"
            </MenuLink>
        }
    });
    view! {
        <Menu id="export" label="Export" icon=Glyph::Download>
            <MenuLink
                href=address::file("events.csv", &filter)
                icon=Glyph::File
                attr:download=""
                attr:rel="external"
            >
                "CSV of this filter, not evidence"
            </MenuLink>
            {some}
            <MenuLink
                href=address::file("events.jsonl", &all)
                icon=Glyph::ShieldCheck
                attr:download=""
                attr:rel="external"
            >
                "The whole chain, signed manifest"
            </MenuLink>
        </Menu>
    }
    .into_any()
}
