//! Search as a page: a form of the address, so that it works without script and can be shared.

use crate::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    hit::{Hit, pages},
    server::{Query, find, people_hits},
};
use crate::{
    answer::ask,
    context,
    page::missing,
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
fn Found(text: String) -> AnyView {
    let pages = pages(&text, &context::me());
    if text.is_empty() {
        return view! { <Group title="All pages" id="h-pages" hits=pages /> }.into_any();
    }
    let asked = text.clone();
    let people = ask(
        || (),
        move |()| {
            find(Query {
                text: asked.clone(),
            })
        },
    );
    people.drawn(
        || ().into_any(),
        move |people| match people {
            Ok(found) => both(pages.clone(), people_hits(found), &text),
            Err(error) => {
                let pages = both(pages.clone(), Vec::new(), &text);
                view! { <div class="stack stack--md">{missing(error)} {pages}</div> }.into_any()
            }
        },
    )
}

fn both(pages: Vec<Hit>, people: Vec<Hit>, text: &str) -> AnyView {
    if pages.is_empty() && people.is_empty() {
        let nothing = format!("Nothing is called “{text}”");
        return view! {
            <Card>
                <Empty glyph=Glyph::Search title=nothing>
                    "Pages are found by their titles and what they are about, people by the beginning of a name once they have signed in."
                </Empty>
            </Card>
        }
        .into_any();
    }
    let group =
        |title, id, hits: Vec<Hit>| (!hits.is_empty()).then(|| view! { <Group title id hits /> });
    view! {
        <div class="stack stack--md">
            {group("Pages", "h-pages", pages)} {group("People", "h-people", people)}
        </div>
    }
    .into_any()
}

#[component]
fn Group(title: &'static str, id: &'static str, hits: Vec<Hit>) -> AnyView {
    let rows: Vec<_> = hits
        .into_iter()
        .map(|hit| view! { <Row title=hit.title href=hit.href icon=hit.glyph /> }.into_any())
        .collect();
    view! {
        <Section title id>
            <Rows card=true>{rows}</Rows>
        </Section>
    }
    .into_any()
}
