//! Writing down what follows in a job's graph.

use uuid::Uuid;

use crate::{
    Cx,
    audit::event::{Event, Kind, Outcome},
    cx::Tx,
    error::Result,
    jobs::{
        JobState, StepState,
        graph::{Node, Settled},
    },
};

/// Steps of a job as the graph sees them.
pub(super) async fn nodes(tx: &mut Tx, job: Uuid) -> Result<Vec<Node>> {
    let rows = sqlx::query!(
        "select id, state, needs from step where job_id = $1 order by place",
        job
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Node {
            id: row.id,
            state: StepState::parse(&row.state).unwrap_or(StepState::Indeterminate),
            needs: row.needs,
        })
        .collect())
}

/// Puts steps into the queue, each after its delay in milliseconds.
pub(super) async fn queue(tx: &mut Tx, steps: &[Uuid], delays: &[i64]) -> Result<()> {
    sqlx::query!(
        "with given as (
           update step s set state = 'queued', ready_at = now() + g.delay * interval '1 millisecond'
             from unnest($1::uuid[], $2::bigint[]) as g (id, delay) where s.id = g.id
             returning s.id, s.job_id, s.stack_id, s.operation, s.labels, s.ready_at)
         insert into queue (step_id, job_id, team, pool, environment, stack_id, operation, labels,
             background, exclusive, ready_at)
           select g.id, g.job_id, j.team, j.pool, j.environment, g.stack_id, g.operation, g.labels,
             j.background, j.exclusive, g.ready_at
           from given g join job j on j.id = g.job_id order by g.id",
        steps,
        delays
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes down what follows; adds its events. The job is locked by the caller.
pub(super) async fn write(
    cx: &Cx,
    tx: &mut Tx,
    (job, number): (Uuid, i64),
    settled: &Settled,
    events: &mut Vec<Event>,
) -> Result<()> {
    if !settled.ready.is_empty() {
        queue(tx, &settled.ready, &vec![0; settled.ready.len()]).await?;
    }
    if !settled.skipped.is_empty() || !settled.cancelled.is_empty() {
        sqlx::query!(
            "with gone as (delete from queue where step_id = any($2))
             update step set finished_at = now(),
               state = case when id = any($1) then 'skipped' else 'cancelled' end
             where id = any($1) or id = any($2)",
            &settled.skipped,
            &settled.cancelled
        )
        .execute(&mut **tx)
        .await?;
        for (steps, how) in [
            (&settled.skipped, StepState::Skipped),
            (&settled.cancelled, StepState::Cancelled),
        ] {
            events.extend(steps.iter().map(|step| {
                Event::new(cx, Kind::StepEnded, Outcome::Failure)
                    .on("step", step)
                    .with("state", how.name())
                    .with("job", number)
            }));
        }
    }
    let over = settled.job.is_over();
    let moved = sqlx::query!(
        "update job set state = $2, finished_at = case when $3 then now() end
         where id = $1 and state <> $2",
        job,
        settled.job.name(),
        over
    )
    .execute(&mut **tx)
    .await?
    .rows_affected();
    if moved == 1 {
        events.extend(ended(cx, (job, number), settled.job));
    }
    Ok(())
}

/// The event of a job that has ended, or waits for a person.
pub(super) fn ended(cx: &Cx, (job, number): (Uuid, i64), state: JobState) -> Option<Event> {
    let outcome = match state {
        JobState::Succeeded => Outcome::Success,
        JobState::Queued | JobState::Running => return None,
        _ => Outcome::Failure,
    };
    let event = Event::new(cx, Kind::JobEnded, outcome)
        .on("job", job)
        .with("state", state.name())
        .with("number", number);
    Some(event)
}
