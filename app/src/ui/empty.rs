//! Nothing to show, and why; or nothing to show yet.

use crate::prelude::*;

use super::{Glyph, Icon, IconSize};

/// Says why a place is empty, and where to begin.
#[component]
pub fn Empty(
    /// A picture of what is missing.
    glyph: Glyph,
    /// What is the case: "No environments yet".
    #[prop(into)]
    title: String,
    /// Whether it is the whole page, so that the title is its `h1`.
    #[prop(optional)]
    page: bool,
    /// What a person tells support.
    #[prop(optional_no_strip, into)]
    trace: Option<String>,
    /// Buttons.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
    /// One or two sentences.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    let title = if page {
        view! { <h1>{title}</h1> }.into_any()
    } else {
        view! { <h2>{title}</h2> }.into_any()
    };
    view! {
        <div class="empty">
            <Icon glyph size=IconSize::Huge />
            {title}
            {children.map(|children| view! { <p>{children.run()}</p> })}
            {trace.map(|trace| view! { <p class="mono tiny">"trace "{trace}</p> })}
            {actions.map(|actions| view! { <div class="row">{actions.run()}</div> })}
        </div>
    }
    .into_any()
}
