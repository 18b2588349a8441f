//! The way of an approval: counts, names, and the reason for each stage.

use crate::prelude::*;

use super::{Glyph, Icon, Tone};

/// A list of [`Stage`]s, in the order they are asked.
#[component]
pub fn Stages(
    /// The stages.
    children: Children,
) -> AnyView {
    view! { <ol class="stages">{children.run()}</ol> }.into_any()
}

/// One stage.
#[component]
pub fn Stage(
    /// How far it is.
    tone: Tone,
    /// The picture of that.
    glyph: Glyph,
    /// What is needed: "Needs 1 of team leads of Payments".
    #[prop(into)]
    title: String,
    /// Who, and why, a line each.
    #[prop(into)]
    lines: Vec<String>,
) -> AnyView {
    let lines: Vec<_> = lines
        .into_iter()
        .map(|line| view! { <span class="sub">{line}</span> }.into_any())
        .collect();
    view! {
        <li>
            <Icon glyph tone />
            <div>
                <strong>{title}</strong>
                {lines}
            </div>
        </li>
    }
    .into_any()
}
