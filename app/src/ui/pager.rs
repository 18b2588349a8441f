//! Pages of a list: the one before and the one after. Lists are paged by key,
//! so there are no page numbers.

use crate::prelude::*;

use super::Look;
use super::button::button_class;
use super::{ButtonLink, Size};

/// Links to the neighbouring pages; a missing one is shown, but dead.
#[component]
pub fn Pager(
    /// Where the page before is.
    #[prop(optional_no_strip, into)]
    previous: Option<String>,
    /// Where the page after is.
    #[prop(optional_no_strip, into)]
    next: Option<String>,
    /// What "previous" is called here: "Newer".
    #[prop(default = "Previous")]
    previous_word: &'static str,
    /// What "next" is called here: "Older".
    #[prop(default = "Next")]
    next_word: &'static str,
) -> AnyView {
    view! {
        <nav class="pager" aria-label="Pages">
            {step(previous, previous_word, "prev")}
            {step(next, next_word, "next")}
        </nav>
    }
    .into_any()
}

fn step(href: Option<String>, word: &'static str, rel: &'static str) -> AnyView {
    match href {
        Some(href) => {
            view! { <ButtonLink href size=Size::Small attr:rel=rel>{word}</ButtonLink> }.into_any()
        }
        None => view! {
            <span class=button_class(Look::Plain, Size::Small, false) aria-disabled="true">
                {word}
            </span>
        }
        .into_any(),
    }
}
