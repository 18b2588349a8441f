//! The queue: what waits, in which place, and why.

use crate::prelude::*;
use platform::jobs::view::{Pool, Queue, Queued};

use super::words;
use crate::{
    sheet::Sheet,
    ui::{
        ButtonLink, Callout, Card, Column, Empty, Glyph, Icon, PageHead, Section, Table, Td, Th,
        Time, Tone, Tr, number,
    },
    viewer::Viewer,
};

/// The page.
pub(crate) fn draw(queue: Queue, viewer: &Viewer) -> Sheet {
    let shown = i64::try_from(queue.waiting.len()).unwrap_or(i64::MAX);
    let stuck: Vec<_> = queue
        .waiting
        .iter()
        .filter(|one| one.why.needs_somebody())
        .collect();
    let alarm = stuck.first().map(|first| {
        let title = format!(
            "{} of those that wait will not move by {}",
            words::count(i64::try_from(stuck.len()).unwrap_or(i64::MAX), "step"),
            if stuck.len() == 1 {
                "itself"
            } else {
                "themselves"
            }
        );
        let text = format!("{}: {}", words::job(first.number), first.why.words());
        view! { <Callout tone=Tone::Warn title>{text}</Callout> }
    });
    let total = queue.total;
    let meta = move || view! { <span>{format!("{} waiting", words::count(total, "step"))}</span> };
    let actions = || view! { <ButtonLink href="/jobs">"All jobs"</ButtonLink> };
    let more = (shown < total).then(|| {
        format!(
            "The first {} of {} are shown.",
            number(shown),
            number(total)
        )
    });
    let waiting = if queue.waiting.is_empty() {
        view! {
            <Card>
                <Empty glyph=Glyph::Queue title="Nothing waits">
                    "Every step that could start has started. What waits for other steps of its own job stands on that job's page."
                </Empty>
            </Card>
        }
        .into_any()
    } else {
        steps(queue.waiting, viewer)
    };
    let view = view! {
        <div class="page" data-every="4">
            <PageHead title="Queue" meta actions />
            <div class="stack stack--md" data-part="queue">
                {alarm}
                {pools(queue.pools)}
                <Section title="Waiting" id="h-waiting">
                    {waiting}
                    {more.map(|more| view! { <p class="muted small">{more}</p> })}
                </Section>
            </div>
        </div>
    };
    Sheet::draw("Queue", view.into_any())
}

fn pools(pools: Vec<Pool>) -> AnyView {
    if pools.is_empty() {
        return view! {
            <Callout tone=Tone::Warn title="No worker has ever been heard of">
                "Jobs will wait until one is there. The portal runs one of its own unless it was started with --no-worker."
            </Callout>
        }
        .into_any();
    }
    let columns = vec![
        Column::new("Pool"),
        Column::number("Workers"),
        Column::number("Running"),
        Column::number("Waiting"),
    ];
    let rows: Vec<_> = pools
        .into_iter()
        .map(|pool| {
            let of = format!("{} of {}", pool.running, pool.capacity);
            view! {
                <Tr>
                    <Th>{pool.name}</Th>
                    <td role="cell" class="num" data-label="Workers">
                        {pool.workers.to_string()}
                    </td>
                    <td role="cell" class="num" data-label="Running">
                        {of}
                    </td>
                    <td role="cell" class="num" data-label="Waiting">
                        {pool.waiting.to_string()}
                    </td>
                </Tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <Section title="Pools" id="h-pools">
            <Table caption="Pools" columns compact=true>
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}

fn steps(waiting: Vec<Queued>, viewer: &Viewer) -> AnyView {
    let columns = vec![
        Column::number("Position"),
        Column::new("Job"),
        Column::new("Step"),
        Column::new("Team"),
        Column::new("Since"),
        Column::new("Why it waits"),
    ];
    let rows: Vec<_> = waiting
        .into_iter()
        .map(|one| {
            let words = one.why.words();
            let team = viewer.team(&one.team);
            let why = if one.why.needs_somebody() {
                view! {
                    <span class="status" data-tone="warn">
                        <Icon glyph=Glyph::Warning />
                        <span>{words}</span>
                    </span>
                }
                .into_any()
            } else {
                words.into_any()
            };
            let href = format!("/jobs/{}?step={}", one.number, one.step);
            let (job, pool) = (words::job(one.number), format!("pool {}", one.pool));
            let (title, step) = (one.title, one.step);
            view! {
                <Tr>
                    <td role="cell" class="num" data-label="Position">
                        {one.position.to_string()}
                    </td>
                    <Th sub=job>
                        <a href=href>{title}</a>
                    </Th>
                    <Td label="Step" sub=pool>
                        {step}
                    </Td>
                    <Td label="Team">{team}</Td>
                    <Td label="Since">
                        <Time at=one.since />
                    </Td>
                    <Td label="Why it waits">{why}</Td>
                </Tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <Table caption="Waiting steps, in the order they will be taken" columns>
            {rows}
        </Table>
    }
    .into_any()
}
