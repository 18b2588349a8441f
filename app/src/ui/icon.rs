//! A picture of the sprite, always decoration: the word stands beside it.

use std::sync::OnceLock;

use crate::prelude::*;

use super::{Glyph, Tone, classes};

static SPRITE: OnceLock<String> = OnceLock::new();

/// Says once, at start, where the sprite is served (its name carries a hash of
/// its content). Later calls change nothing. The server knows it from the asset
/// manifest, the browser from `data-icons` of the document element.
pub fn use_sprite(url: impl Into<String>) {
    drop(SPRITE.set(url.into()));
}

fn href(glyph: Glyph) -> String {
    let sprite = SPRITE.get().map_or("/icons.svg", String::as_str);
    format!("{sprite}#i-{}", glyph.name())
}

/// How large a picture is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IconSize {
    /// 16 pixels, beside text.
    #[default]
    Text,
    /// 20 pixels.
    Large,
    /// 28 pixels, alone on an empty page.
    Huge,
}

/// One picture of the sprite, hidden from assistive technology.
#[component]
pub fn Icon(
    /// The picture.
    glyph: Glyph,
    /// Its size.
    #[prop(optional)]
    size: IconSize,
    /// Its colour; without one it takes the colour of the text around it.
    #[prop(optional, into)]
    tone: Option<Tone>,
    /// Whether it turns, for work in progress.
    #[prop(optional)]
    spin: bool,
) -> AnyView {
    let size = match size {
        IconSize::Text => "",
        IconSize::Large => "icon--lg",
        IconSize::Huge => "icon--xl",
    };
    let tone = tone.map_or("", Tone::text_class);
    let class = classes(["icon", size, tone, if spin { "spin" } else { "" }]);
    view! {
        <svg class=class aria-hidden="true">
            <use href=href(glyph)></use>
        </svg>
    }
    .into_any()
}
