//! Writing down that attempts have begun: the last statement of the start transaction but its events.

use uuid::Uuid;

use super::assign::Starting;
use crate::{
    cx::Tx,
    error::{Error, Result},
    jobs::ops::gate::lease_ms,
};

/// Seconds after wall clock and grace that an attempt is killed, asked or not.
const SLACK_S: i32 = 60;

/// Makes the attempts; steps leave the queue, stacks get their holder and epoch, plans their consumer,
/// teams their virtual time.
pub(super) async fn write(
    tx: &mut Tx,
    worker: Uuid,
    pool: &str,
    starts: &[Starting],
) -> Result<()> {
    let given = |start: &Starting| {
        let it = &start.assignment;
        (
            it.step.id,
            it.attempt,
            i32::try_from(it.number).unwrap_or(i32::MAX),
        )
    };
    let (mut steps, mut attempts, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    for (step, attempt, number) in starts.iter().map(given) {
        steps.push(step);
        attempts.push(attempt);
        numbers.push(number);
    }
    let hashes: Vec<Vec<u8>> = starts
        .iter()
        .map(|start| start.token_hash.to_vec())
        .collect();
    let epochs: Vec<Option<i64>> = starts.iter().map(|start| start.epoch).collect();
    let plans: Vec<Option<Uuid>> = starts.iter().map(|start| start.consumes).collect();
    let teams: Vec<&str> = starts
        .iter()
        .map(|start| &*start.assignment.job.team)
        .collect();
    let done = sqlx::query!(
        r#"with given as (
             select * from unnest($1::uuid[], $2::uuid[], $3::int[], $4::bytea[], $5::bigint[], $6::uuid[])
               as g (step, attempt, number, token_hash, epoch, plan)),
           s as (
             update step set state = 'running', attempts = g.number, ready_at = null, error = null,
               error_class = null, started_at = coalesce(started_at, now()), plan_id = coalesce(g.plan, plan_id)
             from given g where step.id = g.step
             returning step.id, step.job_id, step.stack_id, step.wall_s, step.grace_s),
           a as (
             insert into attempt (id, step_id, number, worker_id, token_hash, epoch, lease_until, deadline)
               select g.attempt, g.step, g.number, $7, g.token_hash, g.epoch,
                 now() + $8 * interval '1 millisecond',
                 now() + (s.wall_s + s.grace_s + $9) * interval '1 second'
               from given g join s on s.id = g.step),
           q as (delete from queue where step_id = any($1)),
           j as (
             update job set state = 'running', started_at = coalesce(started_at, now())
             where id in (select job_id from s) and state = 'queued'),
           k as (
             update stack set epoch = g.epoch, holder_attempt = g.attempt, lock_id = null, lock_info = null
             from given g join s on s.id = g.step
             where stack.id = s.stack_id and stack.epoch = g.epoch - 1 and holder_attempt is null
             returning 1),
           p as (
             update plan set consumed_by_attempt = g.attempt, consumed_at = now()
             from given g where plan.id = g.plan and consumed_by_attempt is null
             returning 1),
           w as (
             update worker set last_claim_at = now()
             where id = $7 and (last_claim_at is null or last_claim_at < now() - interval '1 second')),
           clock as materialized (
             select max(finish_tag - 1 / weight) as virtual from team_share where pool = $10),
           mine as materialized (
             select ts.team, ts.weight, (select count(*) from unnest($11::text[]) as u (team)
               where u.team = ts.team) as n
             from team_share ts where ts.pool = $10 and ts.team = any($11)
             order by ts.team for no key update),
           t as (
             update team_share ts set finish_tag = greatest(ts.finish_tag, clock.virtual) + mine.n / mine.weight
               from mine, clock where ts.pool = $10 and ts.team = mine.team)
           select (select count(*) from k) as "stacks!", (select count(*) from p) as "plans!""#,
        &steps,
        &attempts,
        &numbers,
        &hashes,
        &epochs as &[Option<i64>],
        &plans as &[Option<Uuid>],
        worker,
        lease_ms(),
        SLACK_S,
        pool,
        &teams as &[&str],
    )
    .fetch_one(&mut **tx)
    .await?;
    // They were locked and looked at before; all or nothing all the same.
    let wanted = |given: usize| i64::try_from(given).unwrap_or(i64::MAX);
    let fits = done.stacks == wanted(epochs.iter().flatten().count())
        && done.plans == wanted(plans.iter().flatten().count());
    if fits {
        Ok(())
    } else {
        Err(Error::conflict("a stack or a plan was taken meanwhile"))
    }
}
