//! Whether the queue moves.

use crate::{Cx, error::Result, policy::Action};

/// Seconds a step may wait for a worker that could take it, before that is called standing still.
const PATIENCE_S: f64 = 30.0;

/// How the queue stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Steps that wait.
    pub waiting: i64,
    /// Attempts that run.
    pub running: i64,
    /// Seconds since the attempt that is silent the longest has renewed its lease.
    pub oldest_lease_s: i64,
    /// For how many seconds the oldest step waits that nothing stands in the way of.
    pub oldest_s: i64,
    /// Pools where a worker could take a step for 30 seconds, and none has taken any.
    pub stuck: Vec<String>,
}

/// Finds pools that stand still: a step is ready, nothing stands in its way, a worker with room was
/// heard of, and nothing was claimed.
pub async fn progress(cx: &Cx) -> Result<Progress> {
    cx.may(Action::JobKeep).await?;
    let rows = sqlx::query!(
        r#"with able as (
             select w.pool, w.labels, w.last_claim_at from worker w
             where w.revoked_at is null and w.drained_at is null and w.expires_at > now()
               and w.lease_until > now() and w.first_seen_at < now() - $1 * interval '1 second'
               and w.capacity > (select count(*) from attempt a where a.worker_id = w.id
                 and a.state = 'running'))
           select q.pool, extract(epoch from now() - min(q.ready_at))::bigint as "oldest!",
             min(q.ready_at) < now() - $1 * interval '1 second'
               and not exists (select from worker c where c.pool = q.pool
                 and c.last_claim_at > now() - $1 * interval '1 second')
               and not exists (select from runner_limit) as "stuck!"
           from queue q
           where q.ready_at <= now()
             and exists (select from able w where w.pool = q.pool and q.labels <@ w.labels)
             and (q.stack_id is null or q.operation = 'reconcile' or exists (
               select from stack k where k.id = q.stack_id and k.holder_attempt is null
                 and k.frozen_reason is null))
             and (q.environment is null or not q.exclusive or not exists (
               select from job o where o.environment = q.environment and o.exclusive
                 and o.state in ('running', 'indeterminate') and o.id <> q.job_id))
           group by q.pool"#,
        PATIENCE_S
    )
    .fetch_all(&cx.db)
    .await?;
    let counts = sqlx::query!(
        r#"select (select count(*) from queue) as "waiting!",
             (select count(*) from attempt where state = 'running') as "running!",
             (select extract(epoch from now() - min(lease_until) + interval '20 seconds')::bigint
                from attempt where state = 'running') as oldest_lease_s"#
    )
    .fetch_one(&cx.db)
    .await?;
    Ok(Progress {
        waiting: counts.waiting,
        running: counts.running,
        oldest_lease_s: counts.oldest_lease_s.unwrap_or_default().max(0),
        oldest_s: rows.iter().map(|row| row.oldest).max().unwrap_or_default(),
        stuck: rows
            .into_iter()
            .filter(|row| row.stuck)
            .map(|row| row.pool)
            .collect(),
    })
}
