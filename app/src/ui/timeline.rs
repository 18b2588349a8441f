//! What happened and what people said about it, in one list.

use crate::prelude::*;
use platform::time::Timestamp;

use super::{Glyph, Icon, Time, Tone};

/// A list of [`Happened`] and [`Comment`]s, oldest first.
#[component]
pub fn Timeline(
    /// The entries.
    children: Children,
) -> AnyView {
    view! { <ol class="timeline">{children.run()}</ol> }.into_any()
}

/// Something that happened.
#[component]
pub fn Happened(
    /// Its picture.
    glyph: Glyph,
    /// How it is meant.
    #[prop(optional)]
    tone: Tone,
    /// When.
    at: Timestamp,
    /// One sentence: who did what.
    children: Children,
) -> AnyView {
    view! {
        <li>
            <Dot glyph tone />
            <div class="timeline__body">
                <p>{children.run()} " " <Time at /></p>
            </div>
        </li>
    }
    .into_any()
}

/// Something somebody said.
#[component]
pub fn Comment(
    /// Who.
    #[prop(into)]
    author: String,
    /// As what: a team, a role.
    #[prop(optional, into)]
    role: Option<String>,
    /// When.
    at: Timestamp,
    /// What they said, in paragraphs.
    children: Children,
) -> AnyView {
    view! {
        <li>
            <Dot glyph=Glyph::Comment tone=Tone::Neutral />
            <div class="timeline__body">
                <article class="comment">
                    <header>
                        <strong>{author}</strong>
                        {role.map(|role| view! { <span class="muted">{role}</span> })}
                        <Time at />
                    </header>
                    <div>{children.run()}</div>
                </article>
            </div>
        </li>
    }
    .into_any()
}

#[component]
fn Dot(glyph: Glyph, tone: Tone) -> AnyView {
    view! {
        <span class="timeline__dot" data-tone=tone.as_str()>
            <Icon glyph />
        </span>
    }
    .into_any()
}
