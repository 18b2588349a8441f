//! The head of a job's page: state, facts at a glance, what may be done, what a reader must know first.

use crate::prelude::*;
use platform::jobs::{
    AttemptState, Cancel, JobState, StepState,
    view::{Shown, ShownStep},
};

use super::{ask::Question, look, words};
use crate::{
    links::still,
    sheet::Place,
    ui::{ButtonLink, Callout, Glyph, Icon, Look, PageHead, Person, Tone},
};

/// Title, badge, meta line, actions.
pub(crate) fn draw(shown: &Shown) -> AnyView {
    let job = &shown.job;
    let state = look::job(job.state, job.cancel);
    let worker = shown
        .steps
        .iter()
        .flat_map(|step| &step.attempts)
        .find(|attempt| attempt.state == AttemptState::Running)
        .map(|attempt| attempt.worker.clone());
    let took = words::between(job.started_at, job.finished_at, shown.now);
    let (number, by) = (words::job(job.number), job.made_by.clone());
    let meta = move || {
        view! {
            <span>{number.clone()}</span>
            {by.clone().map(|name| view! { <span><Person name /></span> })}
            {worker
                .clone()
                .map(|worker| view! { <span><Icon glyph=Glyph::Server />{worker}</span> })}
            {(!took.is_empty())
                .then(|| {
                    view! {
                        <span>
                            <Icon glyph=Glyph::Clock />
                            <b class="strong tnum">{took.clone()}</b>
                        </span>
                    }
                })}
        }
    };
    let actions = actions(shown);
    view! {
        <PageHead
            title=job.title.clone()
            badge=move || look::badge(state)
            meta
            actions=move || actions.run()
        />
    }
    .into_any()
}

fn actions(shown: &Shown) -> ViewFn {
    let here = format!("/jobs/{}", shown.job.number);
    let (can, ended, cancel) = (shown.can, shown.job.finished_at.is_some(), shown.job.cancel);
    let retry = retry_reason(shown);
    ViewFn::from(move || {
        let retry = match (&retry, can.retry) {
            (_, true) => view! {
                <ButtonLink {..still()}
                    href=format!("{here}?ask=retry")
                    icon=Glyph::Refresh
                >
                    "Retry from failed step"
                </ButtonLink>
            }
            .into_any(),
            (Some(why), false) => view! {
                <span class="act">
                    <button
                        class="btn"
                        type="button"
                        aria-disabled="true"
                        aria-describedby="retry-why"
                    >
                        <Icon glyph=Glyph::Refresh />
                        "Retry from failed step"
                    </button>
                    <span class="act__why" id="retry-why">
                        {*why}
                    </span>
                </span>
            }
            .into_any(),
            (None, false) => ().into_any(),
        };
        let stop = if can.force {
            view! {
                <ButtonLink {..still()}
                    href=format!("{here}?ask=force")
                    look=Look::Danger
                    icon=Glyph::Stop
                >
                    "Kill what runs"
                </ButtonLink>
            }
            .into_any()
        } else if can.cancel {
            view! {
                <ButtonLink {..still()}
                    href=format!("{here}?ask=cancel")
                    look=Look::Danger
                    icon=Glyph::Stop
                >
                    "Cancel job"
                </ButtonLink>
            }
            .into_any()
        } else if !ended && cancel.is_none() {
            view! {
                <span class="act">
                    <button
                        class="btn btn--danger"
                        type="button"
                        aria-disabled="true"
                        aria-describedby="cancel-why"
                    >
                        <Icon glyph=Glyph::Stop />
                        "Cancel job"
                    </button>
                    <span class="act__why" id="cancel-why">
                        "For who made it, leads of its team, on-call and platform engineers"
                    </span>
                </span>
            }
            .into_any()
        } else {
            ().into_any()
        };
        view! {
            {retry}
            {stop}
        }
    })
}

/// Why a retry is not offered; nothing where nobody would look for it.
fn retry_reason(shown: &Shown) -> Option<&'static str> {
    match shown.job.state {
        JobState::Failed | JobState::Cancelled if !shown.retried_by.is_empty() => {
            Some("It is repeated already, see below")
        }
        JobState::Failed | JobState::Cancelled => {
            Some("For who made it, leads of its team and platform engineers")
        }
        JobState::Running => Some("Available when a step has failed"),
        _ => None,
    }
}

/// The question an address asks, when its answer would do something.
pub(crate) fn question(shown: &Shown, place: &Place) -> Option<AnyView> {
    let number = shown.job.number;
    let back = format!("/jobs/{number}");
    let name = words::job(number);
    let fields = vec![("number", number.to_string())];
    let question = match (&*place.field("ask"), shown.can) {
        ("cancel", can) if can.cancel => Question {
            title: format!("Cancel {name}"),
            text: "Nothing new starts. What runs is interrupted and has a short while to end in order; a step that changes something may leave its end unknown, and then a person decides. It cannot be undone, only run again.".into(),
            action: "/fn/jobs/cancel",
            fields,
            reason: true,
            button: "Cancel job",
            look: Look::DangerSolid,
            back: (back, "Keep it running"),
        },
        ("force", can) if can.force => Question {
            title: format!("Kill what runs of {name}"),
            text: "The processes are killed at once, without a chance to save their state. A step that changes something will have an unknown end, its stack is held, and a person must find out what was done.".into(),
            action: "/fn/jobs/force",
            fields,
            reason: true,
            button: "Kill what runs",
            look: Look::DangerSolid,
            back: (back, "Wait for it to end"),
        },
        ("retry", can) if can.retry => Question {
            title: format!("Retry {name} from its failed step"),
            text: "A new job begins where this one failed. Steps that succeeded are not repeated; a step that carries a plan out needs a plan that still fits.".into(),
            action: "/fn/jobs/retry",
            fields,
            reason: false,
            button: "Retry from failed step",
            look: Look::Primary,
            back: (back, "Leave it as it is"),
        },
        _ => return None,
    };
    Some(question.draw())
}

/// What a reader must know before anything else.
pub(crate) fn notices(shown: &Shown) -> AnyView {
    let asked = shown
        .job
        .cancel
        .filter(|_| shown.job.finished_at.is_none())
        .map(|cancel| {
            let by = shown.cancel_by.clone().unwrap_or_else(|| "Somebody".into());
            let title = match cancel {
                Cancel::Interrupt => format!("{by} asked this job to end"),
                Cancel::Force => format!("{by} asked to kill what runs"),
            };
            view! {
                <Callout tone=Tone::Warn title icon=Glyph::Stop>
                    "Nothing new starts; what runs is given the time it needs to end in order."
                </Callout>
            }
        });
    let failed = shown
        .steps
        .iter()
        .find(|step| step.state == StepState::Failed)
        .filter(|_| shown.job.state == JobState::Failed)
        .map(|step| failure(shown, step));
    let waiting = shown
        .steps
        .iter()
        .filter(|step| step.state == StepState::Queued)
        .find_map(|step| step.waiting.as_ref().map(|why| (step, why)))
        .map(|(step, why)| {
            let tone = if why.needs_somebody() {
                Tone::Warn
            } else {
                Tone::Neutral
            };
            let (title, words) = (format!("{} waits", step.title), why.words());
            view! {
                <Callout tone title icon=Glyph::Hourglass>
                    {words}
                </Callout>
            }
        });
    view! {
        {asked}
        {failed}
        {waiting}
    }
    .into_any()
}

fn failure(shown: &Shown, step: &ShownStep) -> AnyView {
    let after = words::between(step.started_at, step.finished_at, shown.now);
    let title = format!("{} failed after {after}", step.title);
    let class = step
        .error_class
        .map(|class| format!("{}.", look::error_class(class)));
    let error = step.error.clone();
    let href = format!("/jobs/{}?step={}", shown.job.number, step.name);
    let actions = move || view! { <ButtonLink href=href.clone()>"See its log"</ButtonLink> };
    view! {
        <Callout tone=Tone::Danger title actions>
            {class.map(|class| view! { <p>{class}</p> })}
            {error.map(|error| view! { <p class="mono small wrap">{error}</p> })}
        </Callout>
    }
    .into_any()
}
