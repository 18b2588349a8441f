//! A message inside a page, and one about the whole session.

use crate::prelude::*;

use super::{Glyph, Icon, Tone};

pub(super) fn glyph_of(tone: Tone) -> Glyph {
    match tone {
        Tone::Ok => Glyph::StateDone,
        Tone::Warn => Glyph::Warning,
        Tone::Danger => Glyph::StateFailed,
        Tone::Info | Tone::Neutral => Glyph::Info,
    }
}

/// What happened, what it means, what to do; with the trace id when it is an
/// error.
#[component]
pub fn Callout(
    /// How it is meant.
    #[prop(optional)]
    tone: Tone,
    /// What happened.
    #[prop(into)]
    title: String,
    /// Another picture than the tone's own.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Whether it appeared because of something the reader just did.
    #[prop(optional)]
    alert: bool,
    /// What a person tells support.
    #[prop(optional_no_strip, into)]
    trace: Option<String>,
    /// Buttons.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
    /// What it means and what to do.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    view! {
        <div class="callout" data-tone=tone.as_str() role=alert.then_some("alert")>
            <Icon glyph=icon.unwrap_or(glyph_of(tone)) />
            <strong>{title}</strong>
            {children.map(|children| view! { <div>{children.run()}</div> })}
            {trace.map(|trace| view! { <p class="tiny mono">"trace "{trace}</p> })}
            {actions.map(|actions| view! { <div class="callout__actions">{actions.run()}</div> })}
        </div>
    }
    .into_any()
}

/// A line above the page: offline, a new version, break-glass is open.
#[component]
pub fn Banner(
    /// How it is meant.
    #[prop(optional)]
    tone: Tone,
    /// Another picture than the tone's own.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// Buttons, at the end of the line.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
    /// The sentence.
    children: Children,
) -> AnyView {
    view! {
        <div class="banner" data-tone=tone.as_str() role="status">
            <Icon glyph=icon.unwrap_or(glyph_of(tone)) />
            <span>{children.run()}</span>
            <span class="spacer"></span>
            {actions.map(|actions| actions.run())}
        </div>
    }
    .into_any()
}
