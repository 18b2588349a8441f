//! Ending an attempt: what it means for its step, its stack, its plan and its job, in one
//! transaction.

use super::{held::Held, reconcile, seals::seal_map, settle};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::{Prepared, enqueue_all},
    },
    cx::Tx,
    error::{Error, Result},
    jobs::{
        AttemptState, ErrorClass, JobState, StepState,
        graph::{self, Node},
        verdict::{Ended, Verdict, backoff_ms},
        wire::Finish,
    },
    secrets::random,
};

/// How an attempt ended.
pub(super) struct End<'a> {
    /// In the words of the shim, or `lost`.
    pub(super) said: AttemptState,
    /// Why, in a word: `finished`, `lost`, `broken`.
    pub(super) reason: &'static str,
    /// How it failed.
    pub(super) error_class: Option<ErrorClass>,
    /// What happened and what to do.
    pub(super) error: Option<String>,
    /// What the shim said beside that; nothing of a lost one.
    pub(super) finish: Option<&'a Finish>,
}

/// Ends it, with its events. The caller holds attempt and job, commits, and wakes the pool.
pub(super) async fn end(cx: &Cx, tx: &mut Tx, held: &Held, end: End<'_>) -> Result<()> {
    let verdict = Ended {
        said: end.said,
        error_class: end.error_class,
        class: held.class,
        passed: held.passed,
        cancelled: held.cancel.is_some(),
        number: held.number,
        most: held.most,
    }
    .verdict();
    let mut nodes = if held.steps == 1 {
        vec![Node {
            id: held.step,
            state: StepState::Running,
            needs: Vec::new(),
        }]
    } else {
        settle::nodes(tx, held.job).await?
    };
    for node in nodes.iter_mut().filter(|node| node.id == held.step) {
        node.state = verdict.step;
    }
    let settled = graph::settle(&mut nodes, held.cancel.is_some());

    let mut events = vec![ended(cx, held, &end, verdict)];
    let job = (held.job, held.job_number);
    if verdict.step.is_over() && settled.moves_no_step() {
        // The common end, in one statement.
        events.extend(settle::ended(cx, job, settled.job));
        return write(cx, tx, held, &end, verdict, Some(settled.job), &events).await;
    }
    write(cx, tx, held, &end, verdict, None, &[]).await?;
    match verdict.step {
        StepState::Queued => {
            let delay = backoff_ms(held.number, random::<1>()[0]);
            settle::queue(tx, &[held.step], &[delay]).await?;
            events.push(
                Event::new(cx, Kind::StepQueued, Outcome::Success)
                    .on("step", held.step)
                    .with("after_ms", delay),
            );
        }
        StepState::Indeterminate => reconcile::open(cx, tx, held, &mut events).await?,
        _ => {}
    }
    settle::write(cx, tx, job, &settled, &mut events).await?;
    enqueue_all(cx, tx, &events).await
}

/// Attempt, step, stack and plan; the job and events where they are known already.
async fn write(
    cx: &Cx,
    tx: &mut Tx,
    held: &Held,
    end: &End<'_>,
    verdict: Verdict,
    job: Option<JobState>,
    events: &[Event],
) -> Result<()> {
    let events = Prepared::of(cx, events)?;
    let kept = Kept::of(cx, held, end)?;
    let error = end.error.clone().or(kept.note);
    let unknown = verdict.step == StepState::Indeterminate;
    let frozen = unknown.then(|| {
        format!(
            "the end of {} in JOB-{} is not known",
            held.step_name, held.job_number
        )
    });
    // A lost writer may still write: the epoch moves on, so that it is refused.
    let moves = unknown || verdict.attempt == AttemptState::Lost;
    // Nothing was begun: whoever takes the step next takes the same plan.
    let released = !held.passed && verdict.step == StepState::Queued;
    sqlx::query!(
        r#"with a as (
             update attempt set state = $2, finished_at = now(), end_reason = $3, exit_code = $4,
               error_class = $5, error = $6, log_chunks = greatest(log_chunks, $7),
               log_bytes = greatest(log_bytes, $8), log_sha256 = $9,
               journal_entries = greatest(journal_entries, $10), phases = $11, phase = null
             where id = $1),
           s as (
             update step set state = $13, error_class = $5, error = $6,
               finished_at = case when $14 then now() end,
               outputs = coalesce($15, outputs), secret_outputs_sealed = coalesce($16, secret_outputs_sealed),
               changes = coalesce($17, changes)
             where id = $12),
           k as (
             update stack set holder_attempt = null, lock_id = null, lock_info = null,
               epoch = epoch + case when $18 then 1 else 0 end, frozen_reason = coalesce($19, frozen_reason)
             where id = $20 and (holder_attempt = $1 or $19::text is not null and holder_attempt is null)
             returning epoch),
           p as (
             update plan set consumed_by_attempt = null, consumed_at = null,
               based_on_epoch = coalesce((select epoch from k), based_on_epoch)
             where consumed_by_attempt = $1 and $21),
           j as (
             update job set state = $23, finished_at = case when $24 then now() end
             where id = $22 and $23::text is not null and state <> $23)
           select count(audit.enqueue(canonical, note)) as "events!"
             from unnest($25::text[], $26::bytea[]) as given (canonical, note)"#,
        held.id,
        verdict.attempt.name(),
        end.reason,
        end.finish.and_then(|finish| finish.exit_code),
        end.error_class.map(ErrorClass::name),
        error,
        kept.log_chunks,
        kept.log_bytes,
        kept.log_sha256,
        kept.journal_entries,
        kept.phases,
        held.step,
        verdict.step.name(),
        verdict.step.is_over(),
        kept.outputs,
        kept.secret_outputs,
        end.finish.and_then(|finish| finish.changes),
        moves,
        frozen,
        held.stack,
        released,
        held.job,
        job.map(JobState::name),
        job.is_some_and(JobState::is_over),
        &events.texts,
        &events.notes as &[Option<Vec<u8>>],
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

fn ended(cx: &Cx, held: &Held, end: &End<'_>, verdict: Verdict) -> Event {
    let outcome = if verdict.attempt == AttemptState::Succeeded {
        Outcome::Success
    } else {
        Outcome::Failure
    };
    let mut event = Event::new(cx, Kind::AttemptEnded, outcome)
        .on("attempt", held.id)
        .with("state", verdict.attempt.name())
        .with("step", held.step)
        .with("step_state", verdict.step.name())
        .with("job", held.job)
        .with("why", end.reason);
    if let Some(finish) = end.finish {
        event = event.with("log_sha256", &finish.log_sha256);
    }
    if let Some(class) = end.error_class {
        event = event.with("class", class.name());
    }
    event
}

/// What of a finish goes into the tables.
struct Kept {
    log_chunks: i64,
    log_bytes: i64,
    log_sha256: Option<Vec<u8>>,
    journal_entries: i64,
    phases: serde_json::Value,
    outputs: Option<serde_json::Value>,
    secret_outputs: Option<Vec<u8>>,
    note: Option<String>,
}

impl Kept {
    fn of(cx: &Cx, held: &Held, end: &End<'_>) -> Result<Self> {
        let Some(finish) = end.finish else {
            return Ok(Self {
                log_chunks: 0,
                log_bytes: 0,
                log_sha256: None,
                journal_entries: 0,
                phases: serde_json::Value::Array(Vec::new()),
                outputs: None,
                secret_outputs: None,
                note: None,
            });
        };
        let sha = hex::decode(&finish.log_sha256)
            .ok()
            .filter(|b| b.len() == 32);
        // What is too short to be masked in logs is no secret anybody could keep.
        let (kept, refused): (Vec<_>, Vec<_>) = finish
            .secret_outputs
            .clone()
            .into_iter()
            .partition(|(_, value)| value.chars().count() >= 8);
        let note = (!refused.is_empty()).then(|| {
            let names: Vec<String> = refused.into_iter().map(|(name, _)| name).collect();
            format!(
                "Not kept, because a secret of fewer than 8 characters cannot be masked in a log: {}.",
                names.join(", ")
            )
        });
        let kept = kept.into_iter().collect();
        Ok(Self {
            log_chunks: finish.log_chunks.max(0),
            log_bytes: finish.log_bytes.max(0),
            log_sha256: sha,
            journal_entries: finish.journal_entries.max(0),
            phases: json(&finish.phases)?,
            outputs: Some(json(&finish.outputs)?).filter(|_| !finish.outputs.is_empty()),
            secret_outputs: seal_map(cx, "secret_outputs_sealed", held.step, &kept)?,
            note,
        })
    }
}

fn json(value: impl serde::Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(value).map_err(|_| Error::Internal)
}
