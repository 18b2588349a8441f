//! Search as a page: a form of the address, so that it works without script and can be shared.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::hit::{Hit, pages};
use crate::{
    context,
    ui::{Button, Card, Empty, Glyph, Look, PageHead, Row, Rows, SearchField, Section, Toolbar},
};

/// The page.
pub(crate) fn page() -> AnyView {
    let query = use_query_map();
    let text = Memo::new(move |_| query.read().get("q").unwrap_or_default().trim().to_owned());
    view! {
        <Title text="Search" />
        <div class="page page--narrow">
            <PageHead title="Search" />
            <Toolbar label="Pages and people" action="/search">
                <SearchField
                    id="search-text"
                    label="Search pages and people"
                    placeholder="Search pages and people"
                    value=text.get_untracked()
                />
                <Button kind="submit" look=Look::Primary>
                    "Search"
                </Button>
            </Toolbar>
            {move || view! { <Found text=text.get() /> }}
        </div>
    }
    .into_any()
}

#[component]
fn Found(text: String) -> impl IntoView {
    let pages = pages(&text, &context::me());
    if pages.is_empty() {
        return view! {
            <Card>
                <Empty glyph=Glyph::Search title=format!("Nothing is called “{text}”")>
                    "Pages are found by their titles and what they are about, people by their names."
                </Empty>
            </Card>
        }
        .into_any();
    }
    let title = if text.is_empty() {
        "All pages"
    } else {
        "Pages"
    };
    view! { <Group title id="h-pages" hits=pages /> }.into_any()
}

#[component]
fn Group(title: &'static str, id: &'static str, hits: Vec<Hit>) -> impl IntoView {
    let rows: Vec<_> = hits
        .into_iter()
        .map(|hit| view! { <Row title=hit.title href=hit.href icon=hit.glyph /> })
        .collect();
    view! {
        <Section title id>
            <Rows card=true>{rows}</Rows>
        </Section>
    }
    .into_any()
}
