//! One job: state, steps, plan, unknown ends, live log.

use crate::prelude::*;
use platform::{
    jobs::view::{Shown, ShownAttempt, ShownStep},
    plans::ShownPlan,
};

use super::{head, log::Window, look, reconcile, steps, words};
use crate::{
    links::still,
    sheet::{Place, Sheet},
    ui::{Callout, Card, Empty, Glyph, Icon, PlanSum, PlanView, Section, Time, Tone},
    viewer::Viewer,
};

/// What the page shows beside the job itself.
#[derive(Default)]
pub(crate) struct More {
    /// The window of the log.
    pub(crate) window: Option<Window>,
    /// The plan of the chosen step.
    pub(crate) plan: Option<ShownPlan>,
    /// The plan of what is left after an unknown end of the chosen step.
    pub(crate) left: Option<ShownPlan>,
}

/// The attempt an address shows: the one it names, else the last.
pub(crate) fn attempt<'a>(step: &'a ShownStep, place: &Place) -> Option<&'a ShownAttempt> {
    let named = place.number("attempt").and_then(|number| {
        step.attempts
            .iter()
            .find(|one| i64::from(one.number) == number)
    });
    named.or_else(|| step.attempts.last())
}

/// The page.
pub(crate) fn draw(shown: &Shown, place: &Place, more: More, viewer: &Viewer) -> Sheet {
    let step = steps::chosen(shown, &place.field("step"));
    let question = head::question(shown, place)
        .or_else(|| step.and_then(|step| reconcile::question(shown, step, place)));
    let attempt = step.and_then(|step| attempt(step, place));
    let key = attempt.map_or_else(String::new, |attempt| attempt.id.to_string());
    let plan = more
        .plan
        .zip(step)
        .map(|(plan, step)| plan_section(plan, step));
    let unknown = step
        .and_then(|step| Some((step, step.reconcile.as_ref()?)))
        .map(|(step, known)| reconcile::draw(shown, step, known, more.left));
    let log = step.map(|step| log_section(shown, step, attempt, more.window));
    let word = look::job(shown.job.state, shown.job.cancel)
        .word
        .to_lowercase();
    let said = format!(
        "{} of {} steps over, job {word}",
        shown.job.done, shown.job.steps
    );
    let live = shown
        .job
        .finished_at
        .is_none()
        .then(|| format!("/streams/jobs/{}", shown.job.id));
    let view = view! {
        <div class="page page--wide" data-live=live>
            {question}
            <div data-part="head">{head::draw(shown)}</div>
            <div class="jobnotes" data-part="notices">
                {head::notices(shown)}
            </div>
            <div data-part="unknown">{unknown}</div>
            <div data-part="plan">{plan}</div>
            <div class="jobgrid">
                <div data-part="steps">
                    {steps::draw(shown, step)}
                    <div class="jobgrid__facts">{steps::facts(shown, viewer)}</div>
                </div>
                <div class="jobgrid__log" data-part="log" data-key=key>
                    {log}
                </div>
            </div>
            <p class="sr-only" role="status" data-part="said">
                {said}
            </p>
        </div>
    };
    Sheet::draw(
        format!("{} {}", words::job(shown.job.number), shown.job.title),
        view.into_any(),
    )
}

fn plan_section(plan: ShownPlan, step: &ShownStep) -> AnyView {
    let summary = plan.summary;
    let meta = step.plan.as_ref().map(|known| {
        let state = match known.consumed_at {
            Some(at) => view! { "carried out " <Time at /> }.into_any(),
            None => view! { "may be carried out until " <Time at=known.expires_at exact=true /> }
                .into_any(),
        };
        view! {
            <p class="small muted">
                "Digest " <code title=known.digest.clone()>{words::short(&known.digest)}</code>
                ", made " <Time at=known.made_at /> ", " {state}
            </p>
        }
    });
    view! {
        <Section title="Plan" id="h-plan" aside=move || view! { <PlanSum summary /> }>
            <PlanView plan />
            {meta}
        </Section>
    }
    .into_any()
}

#[expect(
    clippy::single_match_else,
    reason = "two sides of one question, equally long"
)]
fn log_section(
    shown: &Shown,
    step: &ShownStep,
    attempt: Option<&ShownAttempt>,
    window: Option<Window>,
) -> AnyView {
    let attempts = (step.attempts.len() > 1).then(|| attempts(shown, step, attempt));
    let ended = attempt.and_then(|attempt| attempt_note(shown, step, attempt));
    let log = match window {
        Some(window) => window.draw(),
        None => {
            let text = step.waiting.as_ref().map_or_else(
                || "Its log begins when a worker takes it.".to_owned(),
                platform::jobs::view::Waiting::words,
            );
            let title = format!("{} has not started", step.title);
            view! {
                <Card>
                    <Empty glyph=Glyph::Terminal title>
                        {text}
                    </Empty>
                </Card>
            }
            .into_any()
        }
    };
    view! {
        <section aria-labelledby="h-log">
            <div class="section__head">
                <h2 id="h-log">{format!("Log of {}", step.title)}</h2>
                {attempts}
            </div>
            {ended}
            {log}
            <div class="jobgrid__facts">{steps::step_facts(step)}</div>
        </section>
    }
    .into_any()
}

fn attempts(shown: &Shown, step: &ShownStep, current: Option<&ShownAttempt>) -> AnyView {
    let links: Vec<_> = step
        .attempts
        .iter()
        .map(|one| {
            let state = look::attempt(one.state);
            let href = format!(
                "/jobs/{}?step={}&attempt={}",
                shown.job.number, step.name, one.number
            );
            let here = current.is_some_and(|current| current.id == one.id);
            view! {
                <a {..still()} href=href aria-current=here.then_some("true")>
                    <Icon glyph=state.glyph tone=state.tone spin=state.running />
                    {format!("Attempt {} {}", one.number, state.word.to_lowercase())}
                </a>
            }
        })
        .collect();
    view! {
        <nav class="segmented" aria-label="Attempts">
            {links}
        </nav>
    }
    .into_any()
}

/// How an attempt ended, where it did not succeed.
fn attempt_note(shown: &Shown, step: &ShownStep, attempt: &ShownAttempt) -> Option<AnyView> {
    let error = attempt.error.clone();
    let class = attempt.error_class.map(look::error_class);
    if error.is_none() && class.is_none() {
        return None;
    }
    let took = words::between(Some(attempt.claimed_at), attempt.finished_at, shown.now);
    let state = look::attempt(attempt.state);
    let title = format!(
        "Attempt {} of {} {} after {took}, on {}",
        attempt.number,
        step.title,
        state.word.to_lowercase(),
        attempt.worker
    );
    let exit = attempt.exit_code.map(|code| format!("Exit code {code}."));
    Some(
        view! {
            <Callout tone=Tone::Neutral title icon=Glyph::History>
                {class.map(|class| format!("{class}. "))}
                {exit}
                {error.map(|error| view! { <p class="mono small wrap">{error}</p> })}
            </Callout>
        }
        .into_any(),
    )
}
