//! Buttons of one well-known picture. The name is there for those who cannot
//! see it, and as a tooltip for those who wonder.

use crate::prelude::*;

use super::{Glyph, Icon, classes};

fn class(small: bool) -> String {
    classes(["iconbtn", if small { "iconbtn--sm" } else { "" }])
}

/// A picture that does something.
#[component]
pub fn IconButton(
    /// The picture.
    glyph: Glyph,
    /// What it does: verb plus object.
    #[prop(into)]
    label: String,
    /// For rows and bars.
    #[prop(optional)]
    small: bool,
    /// A dot that says: something is new here. The label must say it too.
    #[prop(optional)]
    dot: bool,
    /// `button`, or `submit` inside a form.
    #[prop(default = "button")]
    kind: &'static str,
) -> AnyView {
    view! {
        <button class=class(small) type=kind title=label>
            <Icon glyph />
            {dot.then(|| view! { <span class="iconbtn__dot" aria-hidden="true"></span> })}
            <span class="sr-only">{label.clone()}</span>
        </button>
    }
    .into_any()
}

/// A picture that goes somewhere.
#[component]
pub fn IconLink(
    /// The picture.
    glyph: Glyph,
    /// Where it goes, in words.
    #[prop(into)]
    label: String,
    /// Where it goes.
    #[prop(into)]
    href: String,
    /// For rows and bars.
    #[prop(optional)]
    small: bool,
) -> AnyView {
    view! {
        <a class=class(small) href=href title=label>
            <Icon glyph />
            <span class="sr-only">{label.clone()}</span>
        </a>
    }
    .into_any()
}
