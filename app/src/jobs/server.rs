//! The server functions: pages, drawn; acts, as plain forms that lead to a fresh page.

use crate::prelude::*;
use platform::{jobs::view::Decision, logs::Found};
use serde::{Deserialize, Serialize};
use server_fn::codec::GetUrl;
use uuid::Uuid;

use crate::{
    AppError,
    sheet::{Place, Sheet},
    wire::Answers,
};

/// The list of jobs.
#[server(name = ListJobs, prefix = "/fn", endpoint = "jobs/list", input = GetUrl, output = Answers)]
pub(crate) async fn listed(input: Place) -> Result<Sheet, AppError> {
    use super::draw::{address, list};
    let cx = crate::context::cx()?;
    let (filter, cursor) = address::read(&input);
    let page = platform::jobs::ops::list(&cx, &filter, cursor, list::PAGE).await?;
    let viewer = crate::context::viewer_of_request();
    Ok(list::draw(page, &input, &viewer, cx.clock.now()))
}

/// What waits, and why.
#[server(name = QueuedJobs, prefix = "/fn", endpoint = "jobs/queue", input = GetUrl, output = Answers)]
pub(crate) async fn queued(input: Place) -> Result<Sheet, AppError> {
    drop(input); // nothing to filter by yet
    let cx = crate::context::cx()?;
    let queue = platform::jobs::ops::queue(&cx).await?;
    let viewer = crate::context::viewer_of_request();
    Ok(super::draw::queue::draw(queue, &viewer))
}

/// The form for a job by hand.
#[server(name = JobForm, prefix = "/fn", endpoint = "jobs/form", input = GetUrl, output = Answers)]
pub(crate) async fn form(input: Place) -> Result<Sheet, AppError> {
    use platform::policy::{Action, Relation, decide};
    let cx = crate::context::cx()?;
    // Looking at the form is no act: a refusal is not put on the record.
    decide(&cx.actor, Action::JobCreate, Relation::NONE)?;
    let viewer = crate::context::viewer_of_request();
    Ok(super::draw::new::draw(&input, &viewer))
}

/// One job.
#[server(name = ShowJob, prefix = "/fn", endpoint = "jobs/show", input = GetUrl, output = Answers)]
pub(crate) async fn shown(input: Place) -> Result<Sheet, AppError> {
    use super::draw::{log, show, steps};
    let cx = crate::context::cx()?;
    let number = input.id.parse().map_err(|_| platform::Error::NotFound)?;
    let id = platform::jobs::ops::by_number(&cx, number).await?;
    let shown = platform::jobs::ops::show(&cx, id).await?;
    let mut more = show::More::default();
    if let Some(step) = steps::chosen(&shown, &input.field("step")) {
        if let Some(attempt) = show::attempt(step, &input) {
            let from = log::first_line(attempt, input.number("line"), input.number("from"));
            let lines = platform::logs::ops::lines(&cx, attempt.id, from, log::PAGE).await?;
            let search = input.field("q");
            let found = if search.is_empty() {
                None
            } else {
                let after = input.number("line").unwrap_or(from - 1);
                Some(platform::logs::ops::search(&cx, attempt.id, &search, after).await?)
            };
            more.window = Some(log::Window {
                here: format!(
                    "/jobs/{number}?step={}&attempt={}",
                    step.name, attempt.number
                ),
                attempt: attempt.clone(),
                lines,
                search,
                found,
            });
        }
        if let Some(plan) = &step.plan {
            more.plan = Some(platform::jobs::ops::plan(&cx, plan.id).await?);
        }
        if let Some(left) = step
            .reconcile
            .as_ref()
            .and_then(|known| known.plan.as_ref())
        {
            more.left = Some(platform::jobs::ops::plan(&cx, left.id).await?);
        }
    }
    let viewer = crate::context::viewer_of_request();
    Ok(show::draw(&shown, &input, more, &viewer))
}

/// A range of lines of an attempt's log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Range {
    attempt: Uuid,
    /// Where the lines have their addresses.
    #[serde(default)]
    page: String,
    from: i64,
    count: u32,
    /// What is marked.
    #[serde(default)]
    search: String,
}

/// Lines, drawn.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Rows {
    html: String,
    total: i64,
    complete: bool,
}

/// A script asks for them and the server makes them; the compiler would call them dead in the browser.
const _: fn(Uuid, String, i64, u32, String) -> Range = |attempt, page, from, count, search| Range {
    attempt,
    page,
    from,
    count,
    search,
};
const _: fn(String, i64, bool) -> Rows = |html, total, complete| Rows {
    html,
    total,
    complete,
};
const _: fn(Uuid, String, i64) -> Search = |attempt, text, after| Search {
    attempt,
    text,
    after,
};

/// Lines for the script that shows a log.
#[server(name = LogRows, prefix = "/fn", endpoint = "jobs/lines", input = GetUrl, output = Answers)]
pub(crate) async fn lines(input: Range) -> Result<Rows, AppError> {
    let cx = crate::context::cx()?;
    let found = platform::logs::ops::lines(&cx, input.attempt, input.from, input.count).await?;
    let (total, complete) = (found.total, found.complete);
    let page = if crate::links::is_local(&input.page) {
        input.page
    } else {
        String::new()
    };
    let rows = super::draw::log::rows(found, &input.search, &page);
    Ok(Rows {
        html: crate::sheet::markup(rows),
        total,
        complete,
    })
}

/// What is looked for in a log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    attempt: Uuid,
    text: String,
    after: i64,
}

/// Lines that hold a text, after a line.
#[server(name = LogSearch, prefix = "/fn", endpoint = "jobs/find", input = GetUrl, output = Answers)]
pub(crate) async fn find(input: Search) -> Result<Found, AppError> {
    let cx = crate::context::cx()?;
    Ok(platform::logs::ops::search(&cx, input.attempt, &input.text, input.after).await?)
}

/// A job by hand.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ByHand {
    text: String,
}

/// Hands a job in.
#[server(name = CreateJob, prefix = "/fn", endpoint = "jobs/create", output = Answers)]
pub(crate) async fn create(input: ByHand) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    let spec = platform::jobs::spec::JobSpec::parse(&input.text)?;
    let made = platform::jobs::ops::enqueue(&cx, &spec, None).await?;
    crate::context::redirect(&format!("/jobs/{}", made.number));
    Ok(())
}

/// An act on a job, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Act {
    number: i64,
    #[serde(default)]
    reason: String,
}

/// In the browser a form sends them and nothing builds them; the compiler would call them dead there.
const _: fn(String) -> ByHand = |text| ByHand { text };
const _: fn(i64, String) -> Act = |number, reason| Act { number, reason };

/// Asks a job to end, as hard as said.
#[cfg(not(target_arch = "wasm32"))]
async fn end(input: Act, how: platform::jobs::Cancel) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    let id = platform::jobs::ops::by_number(&cx, input.number).await?;
    platform::jobs::ops::cancel(&cx, id, how, &input.reason).await?;
    crate::context::redirect(&format!("/jobs/{}?done=job_cancelled", input.number));
    Ok(())
}

/// Asks a job to end.
#[server(name = CancelJob, prefix = "/fn", endpoint = "jobs/cancel", output = Answers)]
pub(crate) async fn cancel(input: Act) -> Result<(), AppError> {
    end(input, platform::jobs::Cancel::Interrupt).await
}

/// Kills what runs of a job.
#[server(name = ForceJob, prefix = "/fn", endpoint = "jobs/force", output = Answers)]
pub(crate) async fn force(input: Act) -> Result<(), AppError> {
    end(input, platform::jobs::Cancel::Force).await
}

/// Runs a job again from where it failed.
#[server(name = RetryJob, prefix = "/fn", endpoint = "jobs/retry", output = Answers)]
pub(crate) async fn retry(input: Act) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    let id = platform::jobs::ops::by_number(&cx, input.number).await?;
    let again = platform::jobs::ops::retry(&cx, id).await?;
    let number = platform::jobs::ops::show(&cx, again).await?.job.number;
    crate::context::redirect(&format!("/jobs/{number}?done=job_retried"));
    Ok(())
}

/// What a person decides on a step of unknown end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Decided {
    number: i64,
    step: Uuid,
    decision: Decision,
    reason: String,
}

const _: fn(i64, Uuid, Decision, String) -> Decided = |number, step, decision, reason| Decided {
    number,
    step,
    decision,
    reason,
};

/// Decides on a step of unknown end.
#[server(name = DecideStep, prefix = "/fn", endpoint = "jobs/decide", output = Answers)]
pub(crate) async fn decide(input: Decided) -> Result<(), AppError> {
    let cx = crate::context::cx()?;
    platform::jobs::ops::decide(&cx, input.step, input.decision, &input.reason).await?;
    crate::context::redirect(&format!("/jobs/{}?done=job_decided", input.number));
    Ok(())
}
