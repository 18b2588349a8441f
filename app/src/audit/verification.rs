//! The newest verification: how far it is, and what it found.

use std::time::Duration;

use leptos::{leptos_dom::helpers::set_interval_with_handle, task::spawn_local};
use platform::{
    audit::view::{Verification, VerificationState as State},
    time::Timestamp,
};

use crate::prelude::*;
use crate::ui::{ButtonLink, Callout, Meter, Tone, number};

/// How often a page that waits for the end asks.
const EVERY: Duration = Duration::from_secs(2);

/// How long a good end is told, in seconds; a bad one is told until another verification ends.
const TOLD_S: i64 = 600;

/// Shows it, and while it is under way asks again; `ended` counts up when it is over. Without script
/// the page is asked for again by hand.
#[component]
pub(super) fn Newest(
    /// It, as the page was made.
    newest: Option<Verification>,
    /// The server's clock then.
    now: Timestamp,
    /// Counts ends.
    ended: RwSignal<u32>,
) -> AnyView {
    let under_way = newest.as_ref().is_some_and(|one| one.state.is_under_way());
    let shown = RwSignal::new(newest);
    if under_way {
        Effect::new(move |_| {
            let ask = move || {
                spawn_local(async move {
                    let Ok(Some(found)) = super::server::verification().await else {
                        return; // asked again in a moment
                    };
                    let over = !found.state.is_under_way();
                    let gone = shown.try_set(Some(found)).is_some();
                    if over && !gone {
                        ended.update(|count| *count += 1);
                    }
                });
            };
            if let Ok(asking) = set_interval_with_handle(ask, EVERY) {
                on_cleanup(move || asking.clear());
            }
        });
    }
    (move || shown.get().and_then(|one| told(one, now))).into_any()
}

fn told(one: Verification, now: Timestamp) -> Option<AnyView> {
    let recent = one
        .ended_at
        .is_some_and(|at| now.as_second() - at.as_second() < TOLD_S);
    let (tone, title, text) = match one.state {
        State::Waiting | State::Running => return Some(under_way(&one)),
        State::Sound if !recent => return None,
        State::Sound => (
            Tone::Ok,
            "The chain is sound",
            format!(
                "{} events, none altered or removed; checkpoints cover {}.",
                number(one.events),
                number(one.covered),
            ),
        ),
        State::Broken => {
            let place = one.first_bad.map(number).unwrap_or_default();
            let why = one.why.unwrap_or_default();
            (
                Tone::Danger,
                "The verification found something wrong",
                format!("First at event {place}: {why}"),
            )
        }
        State::Failed => (
            Tone::Warn,
            "The verification could not be done",
            "Nothing is known about the chain from it; the cause is in the server's log."
                .to_owned(),
        ),
    };
    Some(
        view! {
            <Callout tone title alert=true>
                {text}
            </Callout>
        }
        .into_any(),
    )
}

fn under_way(one: &Verification) -> AnyView {
    let text = if one.events > 0 {
        format!(
            "{} of {} events read.",
            number(one.done),
            number(one.events)
        )
    } else {
        "A server of this portal begins in a moment.".to_owned()
    };
    let percent = i32::try_from(one.done * 100 / one.events.max(1)).unwrap_or(100);
    view! {
        <Callout
            title="Verifying the chain"
            actions=|| view! { <ButtonLink href="/audit">"Look again"</ButtonLink> }
        >
            <Meter label=text.clone() percent=f64::from(percent) />
            <span role="status">{text}</span>
        </Callout>
    }
    .into_any()
}
