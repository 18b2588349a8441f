//! A state in a list: picture and word, without a box.

use crate::prelude::*;

use super::{Glyph, Icon, Tone};

/// Picture and word of a state. The colour is never alone.
#[component]
pub fn Status(
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
        <span class="status" data-tone=tone.as_str()>
            <Icon glyph spin />
            {word}
        </span>
    }
    .into_any()
}
