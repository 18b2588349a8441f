//! The steps of a job: the graph, the facts, what each step says.

use crate::prelude::*;
use platform::jobs::view::{Shown, ShownStep};

use super::{look, words};
use crate::{
    ui::{Fact, Facts, Glyph, Icon, StepRow, Steps, StepsTable, Tag, Time},
    viewer::Viewer,
};

/// The step whose log an address shows: the one it names, else what runs, what needs a person, what
/// failed, what began last.
pub(crate) fn chosen<'a>(shown: &'a Shown, name: &str) -> Option<&'a ShownStep> {
    use platform::jobs::StepState::{Failed, Indeterminate, Running};
    let steps = &shown.steps;
    let first = |state| steps.iter().find(|step| step.state == state);
    steps
        .iter()
        .find(|step| step.name == name)
        .or_else(|| first(Running))
        .or_else(|| first(Indeterminate))
        .or_else(|| first(Failed))
        .or_else(|| {
            steps
                .iter()
                .filter(|step| step.started_at.is_some())
                .max_by_key(|step| step.started_at)
        })
        .or_else(|| steps.first())
}

/// Graph and table.
pub(crate) fn draw(shown: &Shown, current: Option<&ShownStep>) -> AnyView {
    let rows = rows(shown, current);
    let table = rows.clone();
    let (done, all) = (shown.job.done, shown.job.steps);
    view! {
        <section aria-labelledby="h-steps">
            <div class="section__head">
                <h2 id="h-steps">
                    "Steps " <span class="count">{format!("{done} of {all}")}</span>
                </h2>
            </div>
            <Steps rows />
            <details class="more">
                <summary>
                    <Icon glyph=Glyph::ChevronRight />
                    "Steps as a table"
                </summary>
                <StepsTable rows=table />
            </details>
        </section>
    }
    .into_any()
}

fn rows(shown: &Shown, current: Option<&ShownStep>) -> Vec<StepRow> {
    let place = |id: &uuid::Uuid| shown.steps.iter().position(|step| step.id == *id);
    shown
        .steps
        .iter()
        .map(|step| {
            let look = look::step(step.state);
            let waiting = step
                .waiting
                .as_ref()
                .map(platform::jobs::view::Waiting::words);
            StepRow {
                title: step.title.clone(),
                href: format!("/jobs/{}?step={}", shown.job.number, step.name),
                glyph: Some(look.glyph),
                tone: look.tone,
                word: look.word.to_owned(),
                running: look.running,
                duration: words::between(step.started_at, step.finished_at, shown.now),
                attempts: step.attempts.len(),
                needs: step.needs.iter().filter_map(place).collect(),
                note: waiting.or_else(|| step.error.clone()).unwrap_or_default(),
                current: current.is_some_and(|current| current.id == step.id),
            }
        })
        .collect()
}

/// What is to know of the job.
pub(crate) fn facts(shown: &Shown, viewer: &Viewer) -> AnyView {
    let job = &shown.job;
    let environment = job.environment.clone().map(|environment| {
        let href = format!("/jobs?environment={}", crate::links::encode(&environment));
        view! {
            <Fact term="Environment">
                <a href=href>{environment}</a>
            </Fact>
        }
    });
    let started = job.started_at.map(|at| {
        view! {
            <Fact term="Started">
                <Time at exact=true />
            </Fact>
        }
    });
    let ended = job.finished_at.map(|at| {
        view! {
            <Fact term="Ended">
                <Time at exact=true />
            </Fact>
        }
    });
    let related = |number: i64| {
        view! { <a href=format!("/jobs/{number}")>{words::job(number)}</a> }
    };
    let retry_of = shown.retry_of.map(|number| {
        view! { <Fact term="Repeats">{related(number)}</Fact> }
    });
    let repeated: Vec<_> = shown
        .retried_by
        .iter()
        .map(|number| view! { {related(*number)} " " }.into_any())
        .collect();
    let repeated = (!repeated.is_empty()).then(|| {
        view! { <Fact term="Repeated by">{repeated}</Fact> }
    });
    let (team, pool) = (viewer.team(&job.team), shown.pool.clone());
    let by = job
        .made_by
        .clone()
        .unwrap_or_else(|| "Groundcrew".to_owned());
    let by = format!("{by}, via {}", shown.made_via);
    let made_at = job.made_at;
    view! {
        <Facts>
            <Fact term="Team">{team}</Fact>
            {environment}
            <Fact term="Pool">{pool}</Fact>
            <Fact term="Made by">{by}</Fact>
            <Fact term="Made">
                <Time at=made_at exact=true />
            </Fact>
            {started}
            {ended}
            {retry_of}
            {repeated}
        </Facts>
    }
    .into_any()
}

/// What is to know of the step whose log is shown.
pub(crate) fn step_facts(step: &ShownStep) -> AnyView {
    let stack = step.stack.clone().map(|stack| {
        view! {
            <Fact term="Stack">
                <a href=format!("/stacks/{}", stack.id)>{stack.name}</a>
            </Fact>
        }
    });
    let class = match step.class {
        platform::jobs::Class::Once => "At most once by itself",
        platform::jobs::Class::Retry => "Again after passing trouble",
    };
    let changes = step.changes.map(|changes| {
        view! {
            <Fact term="Found">
                {if changes { "Something to change" } else { "Nothing to change" }}
            </Fact>
        }
    });
    let outputs: Vec<_> = step
        .outputs
        .iter()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            view! {
                <Fact term=name.clone()>
                    <code>{text}</code>
                </Fact>
            }
            .into_any()
        })
        .collect();
    let outputs = (!outputs.is_empty()).then(|| {
        view! {
            <h3>"Outputs"</h3>
            <Facts>{outputs}</Facts>
        }
    });
    let (driver, operation) = (step.driver.clone(), step.operation.name());
    view! {
        <Facts>
            <Fact term="Driver">
                <Tag text=driver mono=true />
                " "
                {operation}
            </Fact>
            <Fact term="Starts">{class}</Fact>
            {stack}
            {changes}
        </Facts>
        {outputs}
    }
    .into_any()
}
