//! Mixed rows: things that are not records of one kind.

use crate::prelude::*;

use super::{Glyph, Icon, Tone, classes};

/// A list of [`Row`]s.
#[component]
pub fn Rows(
    /// Whether the list is its own card; else put it into one.
    #[prop(optional)]
    card: bool,
    /// Less height per row.
    #[prop(optional)]
    tight: bool,
    /// The first thing a person should see: pictures carry the tone.
    #[prop(optional)]
    attention: bool,
    /// The rows.
    children: Children,
) -> AnyView {
    let class = classes([
        if card { "card" } else { "" },
        "rows",
        if tight { "rows--tight" } else { "" },
        if attention { "attention" } else { "" },
    ]);
    view! { <ul class=class>{children.run()}</ul> }.into_any()
}

/// One row: title, what else is to know, and what can be done at its end.
#[component]
pub fn Row(
    /// What it is.
    #[prop(into)]
    title: String,
    /// Where its page is.
    #[prop(optional, into)]
    href: Option<String>,
    /// A picture before it.
    #[prop(optional, into)]
    icon: Option<Glyph>,
    /// How its state is meant.
    #[prop(optional)]
    tone: Tone,
    /// Short remarks under the title.
    #[prop(optional, into)]
    sub: Vec<String>,
    /// At the end: when, a status, a button.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    let title = match href {
        Some(href) => view! { <a class="rows__title" href=href>{title}</a> }.into_any(),
        None => view! { <span class="rows__title">{title}</span> }.into_any(),
    };
    let sub = (!sub.is_empty()).then(|| {
        let remarks: Vec<_> = sub
            .into_iter()
            .map(|remark| view! { <span>{remark}</span> }.into_any())
            .collect();
        view! { <span class="rows__sub">{remarks}</span> }
    });
    view! {
        <li data-tone=tone.as_str()>
            {icon.map(|glyph| view! { <Icon glyph /> })}
            <div class="rows__main">{title} {sub}</div>
            {children.map(Children::run)}
        </li>
    }
    .into_any()
}
