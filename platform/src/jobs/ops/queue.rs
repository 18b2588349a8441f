//! The queue, as people read it.

use super::waits;
use crate::{
    Cx,
    error::Result,
    jobs::view::{Pool, Queue, Queued},
    policy::Action,
};

/// Most steps shown.
const MOST: i64 = 500;

/// What waits, in the order it will be taken, and why; what each pool has.
pub async fn queue(cx: &Cx) -> Result<Queue> {
    cx.may(Action::JobList).await?;
    let mut tx = cx.begin().await?;
    let waiting = waits::places(&mut tx, None, MOST).await?;
    let pools = sqlx::query!(
        r#"with heard as (
             select pool, count(*) as workers, sum(capacity) as capacity from worker
             where revoked_at is null and drained_at is null and expires_at > now() and lease_until > now()
             group by pool),
           live as (
             select j.pool, count(*) as n from attempt a join step s on s.id = a.step_id
               join job j on j.id = s.job_id
             where a.state = 'running' group by j.pool),
           waits as (select pool, count(*) as n from queue group by pool)
           select pool as "name!", coalesce(heard.workers, 0) as "workers!",
             coalesce(heard.capacity, 0)::bigint as "capacity!", coalesce(live.n, 0) as "running!",
             coalesce(waits.n, 0) as "waiting!"
           from heard full join live using (pool) full join waits using (pool) order by pool"#
    )
    .fetch_all(&mut *tx)
    .await?;
    let pools: Vec<Pool> = pools
        .into_iter()
        .map(|row| Pool {
            name: row.name,
            workers: row.workers,
            capacity: row.capacity,
            running: row.running,
            waiting: row.waiting,
        })
        .collect();
    Ok(Queue {
        total: pools.iter().map(|pool| pool.waiting).sum(),
        pools,
        waiting: waiting
            .into_iter()
            .map(|place| Queued {
                job: place.job,
                number: place.number,
                title: place.title,
                team: place.team,
                step: place.name,
                pool: place.pool,
                position: place.position,
                since: place.ready_at,
                why: place.why,
            })
            .collect(),
    })
}
