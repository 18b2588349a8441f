//! Labels and their values: a list for rails, a bar under a page header.

use crate::prelude::*;

/// A list of [`Fact`]s.
#[component]
pub fn Facts(
    /// The facts.
    children: Children,
) -> AnyView {
    view! { <dl class="facts">{children.run()}</dl> }.into_any()
}

/// One label and its value.
#[component]
pub fn Fact(
    /// The label.
    #[prop(into)]
    term: String,
    /// The value.
    children: Children,
) -> AnyView {
    view! {
        <dt>{term}</dt>
        <dd>{children.run()}</dd>
    }
    .into_any()
}

/// The facts a page's reader came for, side by side.
#[component]
pub fn FactBar(
    /// [`BarFact`]s.
    children: Children,
) -> AnyView {
    view! { <dl class="factbar">{children.run()}</dl> }.into_any()
}

/// One fact of a [`FactBar`].
#[component]
pub fn BarFact(
    /// The label.
    #[prop(into)]
    term: String,
    /// A remark under the value.
    #[prop(optional, into)]
    sub: Option<String>,
    /// The value.
    children: Children,
) -> AnyView {
    view! {
        <div>
            <dt>{term}</dt>
            <dd>{children.run()}</dd>
            {sub.map(|sub| view! { <dd class="sub">{sub}</dd> })}
        </div>
    }
    .into_any()
}
