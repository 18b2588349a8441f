//! The head of every page: one `h1`, a badge, a line of facts, at most three
//! actions with the primary one last.

use crate::prelude::*;

/// The head of a page.
#[component]
pub fn PageHead(
    /// The `h1`.
    #[prop(into)]
    title: String,
    /// The state of the thing the page is about.
    #[prop(optional, into)]
    badge: Option<ViewFn>,
    /// Short facts, each its own element.
    #[prop(optional, into)]
    meta: Option<ViewFn>,
    /// Buttons.
    #[prop(optional, into)]
    actions: Option<ViewFn>,
) -> AnyView {
    view! {
        <header class="page-head">
            <div class="page-head__title">
                <h1>{title}</h1>
                {badge.map(|badge| badge.run())}
            </div>
            {actions.map(|actions| view! { <div class="page-head__actions">{actions.run()}</div> })}
            {meta.map(|meta| view! { <div class="page-head__meta">{meta.run()}</div> })}
        </header>
    }
    .into_any()
}
