//! The list of jobs, newest first.

use crate::prelude::*;
use platform::{
    jobs::{
        JobState,
        view::{Cursor, Filter, Listed, Page},
    },
    policy::Action,
};

use super::{address, look, words};
use crate::{
    routes::offered,
    sheet::{Place, Sheet},
    ui::{
        Button, ButtonLink, Card, Chip, ChipMenu, Column, Empty, Field, Glyph, Look, MenuLink,
        PageHead, Pager, SearchField, Table, Td, Th, Time, Toolbar, Tr,
    },
    viewer::Viewer,
};

/// Jobs of a page.
pub(crate) const PAGE: u8 = 50;

/// The page.
pub(crate) fn draw(
    page: Page,
    place: &Place,
    viewer: &Viewer,
    now: platform::time::Timestamp,
) -> Sheet {
    let (filter, cursor) = address::read(place);
    let me = viewer.me.clone().unwrap_or_default();
    let (runs, workers) = (
        offered(&me, Action::JobCreate),
        offered(&me, Action::WorkerView),
    );
    let actions = move || {
        view! {
            <ButtonLink href="/jobs/queue" icon=Glyph::Queue>
                "See queue"
            </ButtonLink>
            {workers
                .then(|| {
                    view! {
                        <ButtonLink href="/workers" icon=Glyph::Server>
                            "See workers"
                        </ButtonLink>
                    }
                })}
            {runs
                .then(|| {
                    view! {
                        <ButtonLink href="/jobs/new" look=Look::Primary icon=Glyph::Play>
                            "Run a job"
                        </ButtonLink>
                    }
                })}
        }
    };
    let live = words::count(page.live, "job");
    let meta = move || view! { <span data-part="live">{format!("{live} not ended")}</span> };
    let first_use = page.jobs.is_empty() && filter == Filter::default() && cursor == Cursor::Newest;
    let content = if first_use {
        first(runs)
    } else if page.jobs.is_empty() {
        nothing()
    } else {
        table(page, &filter, viewer, now)
    };
    let view = view! {
        <div class="page" data-every="4">
            <PageHead title="Jobs" meta actions />
            {(!first_use).then(|| toolbar(&filter, viewer))}
            <div data-part="jobs">{content}</div>
        </div>
    };
    Sheet::draw("Jobs", view.into_any())
}

fn first(runs: bool) -> AnyView {
    let actions = move || {
        if runs {
            view! { <ButtonLink href="/jobs/new" look=Look::Primary>"Run a job"</ButtonLink> }
        } else {
            view! { <ButtonLink href="/requests">"See requests"</ButtonLink> }
        }
    };
    view! {
        <Card>
            <Empty glyph=Glyph::Job title="No jobs yet" actions>
                "A job will show its steps, attempts and live log, and what it waits for while it is queued. Jobs begin when a request is carried out or a runbook step is run."
            </Empty>
        </Card>
    }
    .into_any()
}

fn nothing() -> AnyView {
    let clear = || view! { <ButtonLink href="/jobs">"Clear filter"</ButtonLink> };
    view! {
        <Card>
            <Empty glyph=Glyph::Filter title="No job matches" actions=clear>
                "Nothing that you may know of fits this filter. Text is looked for in titles; JOB-42 finds that job."
            </Empty>
        </Card>
    }
    .into_any()
}

#[expect(clippy::too_many_lines, reason = "one form, field by field")]
fn toolbar(filter: &Filter, viewer: &Viewer) -> AnyView {
    let without = |name: &str| {
        let mut filter = filter.clone();
        match name {
            "state" => filter.state = None,
            "live" => filter.live = false,
            "team" => filter.team = None,
            "mine" => filter.mine = false,
            _ => filter.environment = None,
        }
        address::write(&filter, Cursor::Newest)
    };
    let kept: Vec<_> = address::fields(filter)
        .into_iter()
        .filter(|(name, _)| *name != "text")
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect();
    let state = match filter.state {
        Some(state) => view! {
            <Chip label="State" value=look::job(state, None).word href=without("state") />
        }
        .into_any(),
        None => menu(
            "State",
            JobState::ALL
                .iter()
                .map(|state| {
                    let set = Filter {
                        state: Some(*state),
                        ..filter.clone()
                    };
                    (look::job(*state, None).word.to_owned(), set)
                })
                .collect(),
        ),
    };
    let team = match &filter.team {
        Some(team) => {
            view! { <Chip label="Team" value=viewer.team(team) href=without("team") /> }.into_any()
        }
        None => menu(
            "Team",
            viewer
                .teams
                .iter()
                .map(|(name, title)| {
                    let set = Filter {
                        team: Some(name.clone()),
                        ..filter.clone()
                    };
                    (title.clone(), set)
                })
                .collect(),
        ),
    };
    let environment = match &filter.environment {
        Some(environment) => view! {
            <Chip label="Environment" value=environment.clone() href=without("environment") />
        }
        .into_any(),
        None => view! {
            <ChipMenu id="jobs-environment" label="Environment">
                <div class="menu__form">
                    <Field id="jobs-environment-name" label="Name of the environment">
                        <input
                            class="input"
                            id="jobs-environment-name"
                            name="environment"
                            maxlength="63"
                        />
                    </Field>
                    <Button kind="submit">"Filter"</Button>
                </div>
            </ChipMenu>
        }
        .into_any(),
    };
    let text = filter.text.clone().unwrap_or_default();
    let live = flag(
        "Not ended",
        filter.live,
        without("live"),
        &Filter {
            live: true,
            ..filter.clone()
        },
    );
    let mine = flag(
        "Mine",
        filter.mine,
        without("mine"),
        &Filter {
            mine: true,
            ..filter.clone()
        },
    );
    view! {
        <Toolbar label="Jobs" action="/jobs">
            <SearchField
                id="jobs-text"
                name="text"
                label="Filter jobs by title or number"
                placeholder="Title or JOB-42"
                value=text
            />
            {kept}
            {state}
            {team}
            {environment}
            {live}
            {mine}
            <Button kind="submit">"Filter"</Button>
        </Toolbar>
    }
    .into_any()
}

fn menu(label: &'static str, entries: Vec<(String, Filter)>) -> AnyView {
    let entries: Vec<_> = entries
        .into_iter()
        .map(|(word, filter)| {
            view! { <MenuLink href=address::write(&filter, Cursor::Newest)>{word}</MenuLink> }
        })
        .collect();
    let id = format!("jobs-{}", label.to_lowercase());
    view! {
        <ChipMenu id label>
            {entries}
        </ChipMenu>
    }
    .into_any()
}

/// A filter that is on or off.
fn flag(word: &'static str, on: bool, off: String, set: &Filter) -> AnyView {
    if on {
        view! { <Chip label="Only" value=word href=off /> }.into_any()
    } else {
        let href = address::write(set, Cursor::Newest);
        view! {
            <a class="chip" href=href>
                {word}
            </a>
        }
        .into_any()
    }
}

fn table(page: Page, filter: &Filter, viewer: &Viewer, now: platform::time::Timestamp) -> AnyView {
    let first = page.jobs.first().map(|job| job.number);
    let last = page.jobs.last().map(|job| job.number);
    let newer = first.filter(|_| page.newer).map(Cursor::NewerThan);
    let older = last.filter(|_| page.older).map(Cursor::OlderThan);
    let newer = newer.map(|cursor| address::write(filter, cursor));
    let older = older.map(|cursor| address::write(filter, cursor));
    let foot = move || {
        view! {
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
        Column::new("Job"),
        Column::new("State"),
        Column::new("Team"),
        Column::new("Steps"),
        Column::new("Made"),
        Column::number("Duration"),
    ];
    let rows: Vec<_> = page
        .jobs
        .into_iter()
        .map(|job| row(job, viewer, now))
        .collect();
    view! {
        <Table caption="Jobs, newest first" columns foot>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(job: Listed, viewer: &Viewer, now: platform::time::Timestamp) -> AnyView {
    let state = look::of(&job);
    let sub = match &job.environment {
        Some(environment) => format!("{}, {environment}", words::job(job.number)),
        None => words::job(job.number),
    };
    let at = job
        .at
        .clone()
        .filter(|_| job.finished_at.is_none() || job.state == JobState::Failed);
    let steps = format!("{} of {}", job.done, job.steps);
    let by = job
        .made_by
        .clone()
        .unwrap_or_else(|| "Groundcrew".to_owned());
    let took = words::between(job.started_at, job.finished_at, now);
    let team = viewer.team(&job.team);
    view! {
        <Tr>
            <Th sub>
                <a href=format!("/jobs/{}", job.number)>{job.title}</a>
            </Th>
            <td role="cell" data-label="State">
                {state}
                {at.map(|at| view! { <span class="sub">"at " {at}</span> })}
            </td>
            <Td label="Team">{team}</Td>
            <td role="cell" data-label="Steps" class="tnum">
                {steps}
            </td>
            <Td label="Made" sub=by>
                <Time at=job.made_at />
            </Td>
            <td role="cell" class="num" data-label="Duration">
                {took}
            </td>
        </Tr>
    }
    .into_any()
}
