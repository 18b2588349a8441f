//! One event in full: its canonical bytes, its hashes, its note.

use crate::prelude::*;
use leptos_router::hooks::use_params_map;
use platform::{
    Error,
    audit::view::{Detail, Entry, Note},
};

use super::{
    look,
    server::{Which, show},
};
use crate::{
    AppError,
    answer::ask,
    page::loaded,
    ui::{
        Badge, ButtonLink, Code, CopyLine, Fact, Facts, Glyph, PageHead, Section, Time, Tone,
        number,
    },
};

/// The page.
pub(crate) fn page() -> AnyView {
    let params = use_params_map();
    let seq = Memo::new(move |_| {
        params
            .read()
            .get("id")
            .and_then(|seq| seq.parse::<i64>().ok())
    });
    let event = ask(
        move || seq.get(),
        |seq| async move {
            match seq {
                Some(seq) => show(Which { seq }).await,
                None => Err(AppError::from(Error::NotFound)),
            }
        },
    );
    loaded("Event", event, |detail| {
        view! { <Whole detail /> }.into_any()
    })
}

#[component]
fn Whole(detail: Detail) -> AnyView {
    let Detail {
        entry,
        canonical,
        prev_hash,
        digest,
        fits,
        note,
    } = detail;
    let badge = move || {
        if fits {
            view! { <Badge tone=Tone::Ok glyph=Glyph::Link word="Fits the chain" /> }
        } else {
            view! { <Badge tone=Tone::Danger glyph=Glyph::Alert word="Does not fit the chain" /> }
        }
    };
    let seq = entry.seq;
    let actions = move || {
        let before = (seq > 1).then(|| {
            view! { <ButtonLink href=format!("/audit/{}", seq - 1)>"Event before"</ButtonLink> }
        });
        view! {
            {before}
            <ButtonLink href=format!("/audit/{}", seq + 1)>"Event after"</ButtonLink>
            <ButtonLink href="/audit">"All events"</ButtonLink>
        }
    };
    let label = look::label(&entry.action).map(|label| format!(", {}", label.to_lowercase()));
    let (actor, object) = (look::actor(&entry), look::object(&entry));
    let outcome = look::outcome(&entry.outcome);
    let Entry {
        recorded_at,
        action,
        hash,
        ..
    } = entry;
    view! {
        <div class="page">
            <PageHead title=format!("Event {}", number(seq)) badge actions />
            <div class="audit__grid">
                <Facts>
                    <Fact term="Recorded">
                        <Time at=recorded_at exact=true />
                    </Fact>
                    <Fact term="Actor">{actor}</Fact>
                    <Fact term="Action">
                        <code>{action}</code>
                        {label}
                    </Fact>
                    <Fact term="Object">{object}</Fact>
                    <Fact term="Result">{outcome}</Fact>
                </Facts>
                <Facts>
                    <Fact term="Previous">
                        <CopyLine what="previous hash" value=prev_hash />
                    </Fact>
                    <Fact term="Payload">
                        <CopyLine what="payload digest" value=digest />
                    </Fact>
                    <Fact term="Hash">
                        <CopyLine what="hash" value=hash />
                    </Fact>
                </Facts>
            </div>
            <Section title="Personal data" id="h-note">
                {notes(note)}
            </Section>
            <Section title="Canonical form" id="h-canonical">
                <Code label="Canonical form" text=canonical bar="RFC 8785, narrowed" />
            </Section>
        </div>
    }
    .into_any()
}

fn notes(note: Note) -> AnyView {
    match note {
        Note::None => view! { <p class="muted">"This event never had any."</p> }.into_any(),
        Note::Gone => view! {
            <p class="muted">
                "It was erased, or was sealed under a key this server does not hold. The chain keeps its hash."
            </p>
        }
        .into_any(),
        Note::Open(pairs) => {
            let facts: Vec<_> = pairs
                .into_iter()
                .map(|(term, text)| view! { <Fact term>{text}</Fact> }.into_any())
                .collect();
            view! { <Facts>{facts}</Facts> }.into_any()
        }
    }
}
