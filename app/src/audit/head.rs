//! How the chain stands, above the list.

use crate::prelude::*;
use platform::audit::view::{Alarm, Standing, Verification, VerificationState};

use super::look::digits;
use crate::ui::{Badge, Callout, Glyph, Time, Tone, number};

/// The badge beside the title: the portal's own last word on the chain.
pub(super) fn badge(standing: &Standing) -> AnyView {
    let (tone, glyph, word) = match &standing.verified {
        None => (Tone::Neutral, Glyph::StateEmpty, "Not verified yet"),
        Some(Verification {
            state: VerificationState::Broken,
            ..
        }) => (Tone::Danger, Glyph::Alert, "Chain not sound"),
        Some(_) if standing.alarms().is_empty() => (Tone::Ok, Glyph::Link, "Chain verified"),
        Some(_) => (Tone::Warn, Glyph::Warning, "Verified, see below"),
    };
    view! { <Badge tone glyph word /> }.into_any()
}

/// Size, head, verification, checkpoint.
pub(super) fn facts(standing: &Standing) -> AnyView {
    let verified = standing.verified.clone().and_then(|one| {
        let at = one.ended_at?;
        let upto = format!("Verified up to event {}, ", number(one.events));
        let began = one.begun_at.unwrap_or(at);
        let took = format!(
            ", in {}",
            seconds(at.as_millisecond() - began.as_millisecond())
        );
        Some(view! { <span>{upto} <Time at exact=true /> {took}</span> })
    });
    let checkpoint = standing.checkpoint.map(|seen| {
        let of = format!("Checkpoint of {} events, confirmed ", number(seen.size));
        view! { <span>{of} <Time at=seen.at /></span> }
    });
    let waiting = standing
        .waiting_s
        .map(|s| view! { <span>{format!("Oldest waiting event {s} s")}</span> });
    view! {
        <span>{format!("{} events", number(standing.events))}</span>
        <span>
            "Head " <code title=standing.head.clone()>{digits(&standing.head)}</code>
        </span>
        {verified}
        {checkpoint}
        {waiting}
    }
    .into_any()
}

/// What is red, and what the checkpoints are worth.
pub(super) fn messages(standing: &Standing) -> AnyView {
    let alarms: Vec<_> = standing
        .alarms()
        .into_iter()
        .map(|alarm| {
            let (tone, title) = match alarm {
                Alarm::NotSound { .. } => (Tone::Danger, "The chain is not sound"),
                _ => (Tone::Warn, "The chain needs attention"),
            };
            view! {
                <Callout tone title>
                    {format!("Now {}. Tell whoever runs this portal.", alarm.words())}
                </Callout>
            }
            .into_any()
        })
        .collect();
    let local = standing.checkpoint.is_some_and(|seen| seen.local).then(|| {
        view! {
            <p class="muted small">
                "Checkpoints are signed on this machine, so they do not bind whoever is root here. Run "
                <code>"groundcrew audit sign"</code>
                " elsewhere, with a key and folders this machine cannot write, to bind them too."
            </p>
        }
    });
    view! {
        {alarms}
        {local}
    }
    .into_any()
}

fn seconds(ms: i64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}
