//! A state in a page header: picture and word in a tinted box.

use crate::prelude::*;

use super::{Glyph, Icon, Tone};

/// Picture and word of the state of the thing a page is about.
#[component]
pub fn Badge(
    /// How the state is meant.
    #[prop(optional)]
    tone: Tone,
    /// Its picture.
    glyph: Glyph,
    /// Its word.
    #[prop(into)]
    word: String,
    /// Whether the picture turns, for work in progress.
    #[prop(optional)]
    spin: bool,
) -> AnyView {
    view! {
        <span class="badge" data-tone=tone.as_str()>
            <Icon glyph spin />
            {word}
        </span>
    }
    .into_any()
}
