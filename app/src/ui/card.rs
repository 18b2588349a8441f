//! A frame around things that belong together, and the head of a section.

use crate::prelude::*;

use super::classes;

/// A frame.
#[component]
pub fn Card(
    /// Whether the content keeps a distance from the frame.
    #[prop(optional)]
    pad: bool,
    /// Whether the content is cut at the rounded corners.
    #[prop(optional)]
    clip: bool,
    /// What is inside.
    children: Children,
) -> AnyView {
    let pad = if pad { "card--pad" } else { "" };
    let clip = if clip { "card--clip" } else { "" };
    view! { <div class=classes(["card", pad, clip])>{children.run()}</div> }.into_any()
}

/// The head of a card: a title, and actions at its end.
#[component]
pub fn CardHead(
    /// The title.
    #[prop(into)]
    title: String,
    /// The id of the title, for `aria-labelledby`.
    #[prop(optional, into)]
    id: Option<String>,
    /// Actions.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    view! {
        <div class="card__head">
            <h2 id=id>{title}</h2>
            {children.map(Children::run)}
        </div>
    }
    .into_any()
}

/// The foot of a card: what is shown, how many, further pages.
#[component]
pub fn CardFoot(
    /// What is inside.
    children: Children,
) -> AnyView {
    view! { <div class="card__foot">{children.run()}</div> }.into_any()
}

/// A section of a page with its title; `aside` stands at the end of the head.
#[component]
pub fn Section(
    /// The title.
    #[prop(into)]
    title: String,
    /// A unique id; the title carries it.
    #[prop(into)]
    id: String,
    /// A number after the title.
    #[prop(optional, into)]
    count: Option<u64>,
    /// A link or a short remark at the end of the head.
    #[prop(optional, into)]
    aside: Option<ViewFn>,
    /// What is inside.
    children: Children,
) -> AnyView {
    view! {
        <section aria-labelledby=id>
            <div class="section__head">
                <h2 id=id.clone()>
                    {title} {count.map(|value| view! { " "<super::Count value /> })}
                </h2>
                {aside.map(|aside| aside.run())}
            </div>
            {children.run()}
        </section>
    }
    .into_any()
}
