//! An address that leads nowhere, and where it may have meant to lead.

use crate::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::{
    context, links,
    routes::nearest,
    ui::{ButtonLink, Card, Empty, Glyph, Look},
};

/// The page.
pub(crate) fn page() -> AnyView {
    context::set_status(404);
    let path = use_location().pathname.get_untracked();
    let nearest = nearest(&path, &context::me());
    let words: String = path
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    let search = links::search(words.trim());
    let text = match nearest {
        Some(page) => format!("Nothing is at {path}. Did you mean {}?", page.title),
        None => format!("Nothing is at {path}. It was removed, or the address is not quite right."),
    };
    let actions = move || {
        view! {
            {nearest
                .map(|page| {
                    view! {
                        <ButtonLink href=page.path look=Look::Primary icon=page.glyph>
                            {format!("Go to {}", page.title)}
                        </ButtonLink>
                    }
                })}
            <ButtonLink href=search.clone() icon=Glyph::Search>
                "Search"
            </ButtonLink>
            <ButtonLink href="/">"Go to Home"</ButtonLink>
        }
    };
    view! {
        <Title text="Not found" />
        <div class="page">
            <Card>
                <Empty glyph=Glyph::Search title="This page does not exist" page=true actions>
                    {text}
                </Empty>
            </Card>
        </div>
    }
    .into_any()
}
