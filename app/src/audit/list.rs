//! The list of events, newest first.

use crate::prelude::*;
use leptos::ev;
use leptos_router::hooks::use_query_map;
use platform::{
    Error,
    audit::view::{Cursor, Entry, Filter, Page},
};

use super::{
    address,
    exports::Exports,
    head, look,
    server::{Ask, Listed, VerifyNow},
    toolbar::Filters,
    verification,
};
use crate::{
    AppError,
    answer::ask,
    page::{failed, titled},
    problem::Refused,
    ui::{
        Button, ButtonLink, Callout, Card, Cell, Column, Empty, Glyph, PageHead, Pager,
        SkeletonRows, Table, Td, Th, Time, Tone, Tr, number,
    },
};

/// The page.
pub(crate) fn page() -> AnyView {
    let query = use_query_map();
    let asked = Memo::new(move |_| address::read(&query.read()));
    let verify = ServerAction::<VerifyNow>::new();
    let ended = RwSignal::new(0_u32);
    let events = ask(
        move || (asked.get(), verify.version().get(), ended.get()),
        |((filter, cursor), _, _)| async move { super::server::list(Ask { filter, cursor }).await },
    );
    let drawn = events.drawn(
        || view! { <SkeletonRows what="audit events" /> }.into_any(),
        move |events| {
            let (filter, _) = asked.get_untracked();
            match events {
                Ok(listed) => view! { <Whole listed filter verify ended /> }.into_any(),
                Err(AppError {
                    error: Error::Invalid { field, why },
                    ..
                }) => view! { <Misunderstood filter field why /> }.into_any(),
                Err(error) => failed(error, "Audit"),
            }
        },
    );
    titled("Audit", drawn)
}

#[component]
fn Whole(
    listed: Listed,
    filter: Filter,
    verify: ServerAction<VerifyNow>,
    ended: RwSignal<u32>,
) -> AnyView {
    let Listed { page, standing } = listed;
    let exports = filter.clone();
    let send = move |event: ev::SubmitEvent| {
        event.prevent_default();
        verify.dispatch(VerifyNow {});
    };
    let actions = move || {
        let filter = exports.clone();
        view! {
            <form method="post" action="/fn/audit/verify" on:submit=send>
                <Button kind="submit" icon=Glyph::Refresh>
                    "Verify now"
                </Button>
            </form>
            <Exports filter />
        }
    };
    let (badge, facts) = (standing.clone(), standing.clone());
    let (newest, now) = (standing.verification.clone(), standing.now);
    let refused = move || match verify.value().get() {
        Some(Err(error)) => Some(view! { <Refused error /> }),
        _ => None,
    };
    let first_use = standing.events == 0;
    view! {
        <div class="page">
            <PageHead
                title="Audit"
                badge=move || head::badge(&badge)
                meta=move || head::facts(&facts)
                actions
            />
            <div class="stack stack--sm">
                {refused} <verification::Newest newest now ended /> {head::messages(&standing)}
                <Filters filter=filter.clone() />
            </div>
            {if page.entries.is_empty() {
                nothing(first_use)
            } else {
                view! { <Events page filter /> }.into_any()
            }}
        </div>
    }
    .into_any()
}

#[component]
fn Events(page: Page, filter: Filter) -> AnyView {
    let first = page.entries.first().map(|entry| entry.seq);
    let last = page.entries.last().map(|entry| entry.seq);
    let newer = first.filter(|_| page.newer).map(Cursor::NewerThan);
    let older = last.filter(|_| page.older).map(Cursor::OlderThan);
    let newer = newer.map(|cursor| address::write(&filter, cursor));
    let older = older.map(|cursor| address::write(&filter, cursor));
    let matching = if page.matching > Page::MOST && !filter.is_empty() {
        format!("more than {} events match", number(Page::MOST))
    } else if filter.is_empty() {
        format!("{} events", number(page.matching))
    } else {
        format!("{} events match", number(page.matching))
    };
    let foot = move || {
        view! {
            <span class="muted">{matching.clone()}</span>
            <span class="spacer"></span>
            <Pager
                previous=newer.clone()
                next=older.clone()
                previous_word="Newer"
                next_word="Older"
            />
        }
    };
    let columns = vec![
        Column::new("Time (UTC)"),
        Column::new("Actor"),
        Column::new("Action"),
        Column::new("Object"),
        Column::new("Result"),
        Column::new("Hash"),
        Column::actions("Details"),
    ];
    let rows: Vec<_> = page.entries.into_iter().map(row).collect();
    view! {
        <Table caption="Audit events, newest first" columns compact=true wide=true foot>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(entry: Entry) -> AnyView {
    let named = format!("/audit/{}", entry.seq);
    let href = named.clone();
    let label = look::label(&entry.action).map(str::to_owned);
    let (actor, object) = (look::actor(&entry), look::object(&entry));
    let outcome = look::outcome(&entry.outcome);
    let digits = look::digits(&entry.hash);
    let details = format!(" of event {}", entry.seq);
    let Entry {
        recorded_at,
        action,
        hash,
        ..
    } = entry;
    view! {
        <Tr>
            <Th>
                <a class="tnum" href=named>
                    <Time at=recorded_at exact=true />
                </a>
            </Th>
            <Td label="Actor">{actor}</Td>
            <Td label="Action">
                <code title=label>{action}</code>
            </Td>
            <Td label="Object">{object}</Td>
            <Td label="Result">{outcome}</Td>
            <Td label="Hash">
                <code class="muted" title=hash>
                    {digits}
                </code>
            </Td>
            <Td cell=Cell::Actions>
                <a class="btn btn--ghost btn--sm" href=href>
                    "Details"
                    <span class="sr-only">{details}</span>
                </a>
            </Td>
        </Tr>
    }
    .into_any()
}

fn nothing(first_use: bool) -> AnyView {
    if first_use {
        return view! {
            <Card>
                <Empty glyph=Glyph::Audit title="No events yet">
                    "Sign-ins, role changes, exports and every act in this portal are written here, in the same transaction as the change itself."
                </Empty>
            </Card>
        }
        .into_any();
    }
    let clear = || view! { <ButtonLink href="/audit">"Clear filter"</ButtonLink> };
    view! {
        <Card>
            <Empty glyph=Glyph::Filter title="No event matches" actions=clear>
                "Nothing in the chain fits this filter. Ids must be whole; a hash may be its first six digits or more."
            </Empty>
        </Card>
    }
    .into_any()
}

/// A filter that cannot be read: the form stays, with what is wrong.
#[component]
fn Misunderstood(filter: Filter, field: String, why: String) -> AnyView {
    crate::context::set_status(422);
    let clear = || view! { <ButtonLink href="/audit">"Clear filter"</ButtonLink> };
    view! {
        <div class="page">
            <PageHead title="Audit" />
            <Filters filter />
            <Callout tone=Tone::Warn title="The filter is not understood" actions=clear>
                {format!("{field}: {why}")}
            </Callout>
        </div>
    }
    .into_any()
}
