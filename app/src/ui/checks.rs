//! Results of policy: warnings first, passes last.

use crate::prelude::*;

use super::callout::glyph_of;
use super::{Glyph, Icon, Tone, classes};

/// A list of [`Check`]s.
#[component]
pub fn Checks(
    /// Without a distance to the sides, for rails.
    #[prop(optional)]
    bare: bool,
    /// The checks.
    children: Children,
) -> AnyView {
    view! { <ul class=classes(["checks", if bare { "checks--bare" } else { "" }])>{children.run()}</ul> }.into_any()
}

/// What one check found.
#[component]
pub fn Check(
    /// How it ended.
    tone: Tone,
    /// What it found.
    #[prop(into)]
    title: String,
    /// The word at the end: "Warning", "Passed".
    #[prop(optional, into)]
    word: Option<String>,
    /// Why, and by which rule.
    #[prop(optional, into)]
    sub: Option<String>,
) -> AnyView {
    let glyph = if tone == Tone::Ok {
        Glyph::StateCheck
    } else {
        glyph_of(tone)
    };
    view! {
        <li data-tone=tone.as_str()>
            <Icon glyph />
            <span>{title}</span>
            {word.map(|word| view! { <span class="word">{word}</span> })}
            {sub.map(|sub| view! { <span class="sub">{sub}</span> })}
        </li>
    }
    .into_any()
}
