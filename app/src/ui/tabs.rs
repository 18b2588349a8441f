//! Saved views and lists, and two to four views that exclude each other. Each
//! has its address.

use crate::prelude::*;

use super::Count;

/// One view.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    /// Its word.
    pub word: String,
    /// Its address.
    pub href: String,
    /// How many are in it.
    pub count: Option<u64>,
    /// Whether it is the one that is shown.
    pub current: bool,
}

/// Lists of a page.
#[component]
pub fn Tabs(
    /// What is listed: "Request lists".
    #[prop(into)]
    label: String,
    /// The lists.
    tabs: Vec<Tab>,
) -> AnyView {
    view! { <nav class="tabs" aria-label=label>{links(tabs)}</nav> }.into_any()
}

/// Ways to look at the same thing.
#[component]
pub fn Segmented(
    /// What is chosen: "View".
    #[prop(into)]
    label: String,
    /// The ways.
    tabs: Vec<Tab>,
) -> AnyView {
    view! { <nav class="segmented" aria-label=label>{links(tabs)}</nav> }.into_any()
}

fn links(tabs: Vec<Tab>) -> AnyView {
    tabs.into_iter()
        .map(|tab| {
            view! {
                <a href=tab.href aria-current=tab.current.then_some("page")>
                    {tab.word}
                    {tab.count.map(|value| view! { " "<Count value /> })}
                </a>
            }
            .into_any()
        })
        .collect::<Vec<_>>()
        .into_any()
}
