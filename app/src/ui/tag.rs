//! Small labels: a word, a tier, a severity, a number, a key.

use crate::prelude::*;

use super::{Glyph, Icon, classes};

/// A neutral label.
#[component]
pub fn Tag(
    /// The word.
    #[prop(into)]
    text: String,
    /// A picture before it.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// For versions and names of the machine.
    #[prop(optional)]
    mono: bool,
) -> AnyView {
    view! {
        <span class=classes(["tag", if mono { "tag--mono" } else { "" }])>
            {icon.map(|glyph| view! { <Icon glyph /> })}
            {text}
        </span>
    }
    .into_any()
}

/// The tier of an environment. Production is the only filled one.
#[component]
pub fn Tier(
    /// `preview`, `dev`, `test`, `staging` or `production`.
    #[prop(into)]
    tier: String,
) -> AnyView {
    view! {
        <span class="tier" data-tier=tier>
            {tier.clone()}
        </span>
    }
    .into_any()
}

/// The severity of an incident, 1 is the worst.
#[component]
pub fn Severity(
    /// 1 to 4.
    level: u8,
) -> AnyView {
    view! {
        <span class="sev" data-sev=level.to_string()>
            {format!("SEV{level}")}
        </span>
    }
    .into_any()
}

/// A number beside a word.
#[component]
pub fn Count(
    /// The number.
    value: u64,
    /// What it counts, for those who only hear it: " awaiting your approval".
    #[prop(optional, into)]
    what: Option<String>,
) -> AnyView {
    view! {
        <span class="count">
            {value.to_string()}
            {what.map(|what| view! { <span class="sr-only">" "{what}</span> })}
        </span>
    }
    .into_any()
}

/// A key of the keyboard.
#[component]
pub fn Kbd(
    /// What is printed on it.
    #[prop(into)]
    key: String,
) -> AnyView {
    view! { <kbd class="kbd">{key}</kbd> }.into_any()
}
