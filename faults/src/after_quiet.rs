//! What must be true when all is quiet again (RUNNER.md, "Proof"), asked of the database and of
//! the ledger.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Result, bail};
use sqlx::{PgPool, Row as _};

use crate::{logs, world::World};

/// Each answers one line per thing that is wrong.
const ASKED: &[(&str, &str)] = &[
    (
        "every job is at an end or waits for a human",
        "select format('JOB-%s (%s) is %s', number, title, state) from job
           where state not in ('succeeded', 'failed', 'cancelled', 'indeterminate')",
    ),
    (
        "an indeterminate step has a report to decide on",
        "select format('JOB-%s %s: reconcile job %s', job.number, step.name, coalesce(about.state, 'none'))
           from step join job on job.id = step.job_id
             left join reconcile on reconcile.step_id = step.id
             left join job about on about.id = reconcile.job_id
           where step.state = 'indeterminate' and reconcile.decided_at is null
             and (reconcile.step_id is null or (reconcile.job_id is not null and about.finished_at is null))",
    ),
    (
        "no step is left over in a job that ended",
        "select format('JOB-%s %s is %s', number, name, step.state) from step join job on job.id = job_id
           where job.finished_at is not null
             and step.state not in ('succeeded', 'failed', 'skipped', 'cancelled', 'indeterminate')",
    ),
    (
        "no attempt is left running",
        "select format('attempt %s of %s', id, step_id) from attempt where state = 'running'",
    ),
    (
        "the queue is empty",
        "select format('step %s', step_id) from queue",
    ),
    (
        "a once-only step was started at most once",
        "select format('JOB-%s %s: %s starts', job.number, step.name, count(*))
           from attempt join step on step.id = step_id join job on job.id = job_id
           where class = 'once' and process_started_at is not null
           group by job.number, step.id having count(*) > 1",
    ),
    (
        "a plan was carried out at most once",
        "select format('plan %s: %s starts', plan_id, count(*))
           from attempt join step on step.id = step_id
           where plan_id is not null and operation in ('apply', 'destroy') and process_started_at is not null
           group by plan_id having count(*) > 1",
    ),
    (
        "what started with a plan had consumed it",
        "select format('attempt %s', attempt.id)
           from attempt join step on step.id = step_id join plan on plan.id = step.plan_id
           where operation in ('apply', 'destroy') and process_started_at is not null
             and plan.consumed_by_attempt is distinct from attempt.id",
    ),
    (
        "serials of states have no gaps",
        "select format('%s: %s versions, serials %s to %s', name, count(*), min(serial), max(serial))
           from state_version join stack on stack.id = stack_id
           group by name having max(serial) - min(serial) + 1 <> count(*)",
    ),
    (
        "a later state is of the same or a later epoch",
        "select format('%s serial %s: epoch %s after %s', stack_id, serial, epoch, before) from (
           select stack_id, serial, epoch, lag(epoch) over (partition by stack_id order by serial) as before
           from state_version) as versions where epoch < before",
    ),
    (
        "each epoch had one attempt",
        "select format('%s epoch %s: %s attempts', stack_id, epoch, count(distinct attempt_id))
           from state_version group by stack_id, epoch having count(distinct attempt_id) > 1",
    ),
    (
        "a stack is held by nobody",
        "select format('%s is held by %s', name, holder_attempt) from stack
           where holder_attempt is not null and frozen_reason is null",
    ),
    (
        "numbers of log pieces have no gaps",
        "select format('attempt %s: %s pieces, %s to %s', attempt_id, count(*), min(seq), max(seq))
           from log_chunk group by attempt_id
           having max(seq) - min(seq) + 1 <> count(*) or min(seq) > 1",
    ),
    (
        "bytes of log pieces follow each other",
        "select format('attempt %s piece %s', attempt_id, seq) from (
           select attempt_id, seq, byte_offset,
             lag(byte_offset + raw_bytes, 1, 0::bigint) over (partition by attempt_id order by seq) as should
           from log_chunk) as pieces where byte_offset <> should",
    ),
    (
        "all log pieces an attempt counted are there",
        "select format('attempt %s counted %s, %s are there', attempt.id, log_chunks, count(log_chunk.seq))
           from attempt left join log_chunk on log_chunk.attempt_id = attempt.id
           where attempt.state in ('succeeded', 'failed', 'cancelled')
           group by attempt.id having log_chunks <> count(log_chunk.seq)",
    ),
    (
        "no journal has gaps",
        "select format('attempt %s: %s entries up to %s', attempt_id, count(*), max(seq)) from journal
           group by attempt_id having max(seq) - min(seq) + 1 <> count(*)",
    ),
];

/// Waits until nothing moves any more.
pub(crate) async fn quiet(db: &PgPool, most: Duration) -> Result<()> {
    const MOVING: &str = "select count(*) from job
        where state in ('queued', 'running')
          and not exists (select from step where job_id = job.id and step.state = 'indeterminate')";
    let begun = tokio::time::Instant::now();
    let mut calm = 0;
    while calm < 3 {
        let moving = sqlx::query_scalar::<_, i64>(MOVING).fetch_one(db).await;
        calm = if matches!(moving, Ok(0)) { calm + 1 } else { 0 };
        if begun.elapsed() > most {
            bail!("{moving:?} jobs still move after {most:?}");
        }
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    Ok(())
}

/// Waits until logs that were behind their ends have arrived: the end of an attempt does not wait
/// for a log that cannot be sent.
pub(crate) async fn sent(db: &PgPool, most: Duration) -> Result<()> {
    const BEHIND: &str =
        "select count(*) from attempt where state in ('succeeded', 'failed', 'cancelled')
        and log_chunks > (select count(*) from log_chunk where attempt_id = attempt.id)";
    let begun = tokio::time::Instant::now();
    loop {
        let behind: i64 = sqlx::query_scalar(BEHIND).fetch_one(db).await?;
        if behind == 0 {
            return Ok(());
        }
        if begun.elapsed() > most {
            bail!("{behind} logs are not there after {most:?}");
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Everything that is wrong, by the name of what should hold.
pub(crate) async fn ask(world: &World) -> Result<Vec<(&'static str, Vec<String>)>> {
    let db = &world.db;
    let mut answers = Vec::new();
    for (what, question) in ASKED {
        let rows = sqlx::query(*question).fetch_all(db).await?;
        let wrong = rows.iter().map(|row| row.try_get(0));
        answers.push((*what, wrong.collect::<Result<Vec<String>, _>>()?));
    }
    answers.push((
        "no side effect happened twice",
        twice(&world.ledger.counts()),
    ));
    answers.push((
        "each effect is in a journal, so known or ambiguous",
        unknown(world).await?,
    ));
    answers.push(("logs are what their attempts said", logs::differ(db).await?));
    answers.push(("no secret shows anywhere", logs::leaks(world).await?));
    answers.push(("the audit chain verifies", world.verify_audit().await));
    Ok(answers)
}

/// Keys that begin with `retry.` may come again; all others once.
fn twice(counts: &BTreeMap<String, u32>) -> Vec<String> {
    counts
        .iter()
        .filter(|(key, count)| !key.starts_with("retry.") && **count > 1)
        .map(|(key, count)| format!("{key}: {count} times"))
        .collect()
}

/// Effects of resources (`tf.STACK.RESOURCE`) whose start no journal tells of.
async fn unknown(world: &World) -> Result<Vec<String>> {
    const TOLD: &str = "select exists (
        select from journal join attempt on attempt.id = attempt_id join step on step.id = attempt.step_id
          join stack on stack.id = step.stack_id
        where stack.name = $1 and journal.address = 'terraform_data.' || $2)";
    let mut wrong = Vec::new();
    for key in world.ledger.counts().into_keys() {
        let mut parts = key.split('.');
        let (Some("tf"), Some(stack), Some(resource)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let told = sqlx::query_scalar::<_, bool>(TOLD)
            .bind(stack)
            .bind(resource)
            .fetch_one(&world.db)
            .await?;
        if !told {
            wrong.push(format!("{key}: no journal tells of it"));
        }
    }
    Ok(wrong)
}
