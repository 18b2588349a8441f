//! Values of the machine: to copy, or hidden. `style/static/page.js` does the
//! copying; without a script the button is not there.

use crate::prelude::*;

use super::{Glyph, Icon, IconButton};

/// A value and a button that copies it.
#[component]
pub fn CopyLine(
    /// What it is: "trace id".
    #[prop(into)]
    what: String,
    /// The value.
    #[prop(into)]
    value: String,
) -> AnyView {
    view! {
        <span class="copyline">
            <code>{value.clone()}</code>
            <CopyButton what value />
        </span>
    }
    .into_any()
}

/// A button that copies a value.
#[component]
pub fn CopyButton(
    /// What it copies: "trace id".
    #[prop(into)]
    what: String,
    /// The value.
    #[prop(into)]
    value: String,
) -> AnyView {
    view! {
        <IconButton
            glyph=Glyph::Copy
            label=format!("Copy {what}")
            small=true
            attr:data-copy=value
        />
    }
    .into_any()
}

/// A secret: that it exists, never what it is.
#[component]
pub fn Masked(
    /// What else is known: "rotated 6 days ago".
    #[prop(optional, into)]
    note: Option<String>,
) -> AnyView {
    view! {
        <span class="copyline">
            <Icon glyph=Glyph::Lock tone=super::Tone::Neutral />
            <span class="sr-only">"hidden"</span>
            <code class="masked" aria-hidden="true">
                "••••••••••••"
            </code>
            {note.map(|note| view! { <span class="tiny muted">{note}</span> })}
        </span>
    }
    .into_any()
}
