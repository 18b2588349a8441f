//! Why steps in the queue do not run yet: what the tables say, in one look.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{
    cx::Tx,
    error::Result,
    jobs::{Operation, wait::Waiting},
};

/// A step in the queue, with everything that may stand in its way.
pub(super) struct Place {
    pub(super) step: Uuid,
    pub(super) job: Uuid,
    pub(super) number: i64,
    pub(super) title: String,
    pub(super) name: String,
    pub(super) team: String,
    pub(super) pool: String,
    pub(super) position: i64,
    pub(super) ready_at: Timestamp,
    pub(super) why: Waiting,
}

/// A row of the look.
struct Row {
    step_id: Uuid,
    job_id: Uuid,
    number: i64,
    title: String,
    name: String,
    team: String,
    pool: String,
    position: i64,
    operation: String,
    ready_at: jiff_sqlx::Timestamp,
    later: bool,
    labels: Json<BTreeMap<String, String>>,
    environment: Option<String>,
    stack: Option<String>,
    frozen: Option<String>,
    stack_held: bool,
    stack_job: Option<i64>,
    environment_job: Option<i64>,
    team_most: Option<i32>,
    pool_most: Option<i32>,
    background_most: Option<i32>,
}

/// A worker heard of: labels, and whether it is drained.
type Workers = BTreeMap<String, Vec<(BTreeMap<String, String>, bool)>>;

/// Steps in the queue in the order they will be taken: of one job, or of all up to a number.
pub(super) async fn places(tx: &mut Tx, job: Option<Uuid>, most: i64) -> Result<Vec<Place>> {
    let workers = workers(tx).await?;
    let rows = sqlx::query_as!(
        Row,
        r#"with clock as (
             select pool, max(finish_tag - 1 / weight) as virtual from team_share group by pool),
           tagged as (
             select q.*, greatest(ts.finish_tag, clock.virtual) + (row_number() over
                 (partition by q.pool, q.team order by q.background, q.seq) - 1) / ts.weight as tag
             from queue q join team_share ts on ts.pool = q.pool and ts.team = q.team
               join clock on clock.pool = q.pool),
           line as (
             select pool, job_id, row_number() over
               (partition by pool order by bool_and(background), min(tag), min(seq)) as position
             from tagged group by pool, job_id),
           live as (
             select j.pool, j.team, j.background, count(*) as n
             from attempt a join step s on s.id = a.step_id join job j on j.id = s.job_id
             where a.state = 'running' group by 1, 2, 3)
           select t.step_id as "step_id!", t.job_id as "job_id!", j.number, j.title, s.name, t.team as "team!",
             t.pool as "pool!", line.position as "position!", t.operation as "operation!",
             t.ready_at as "ready_at!: jiff_sqlx::Timestamp", t.ready_at > now() as "later!",
             t.labels as "labels!: Json<BTreeMap<String, String>>", t.environment,
             k.name as "stack?", k.frozen_reason as "frozen?", k.holder_attempt is not null as "stack_held!",
             (select h.number from attempt a join step hs on hs.id = a.step_id join job h on h.id = hs.job_id
               where a.id = k.holder_attempt) as stack_job,
             (select o.number from job o where t.exclusive and o.environment = t.environment and o.exclusive
               and o.state in ('running', 'indeterminate') and o.id <> t.job_id) as environment_job,
             (select l.most from runner_limit l where l.kind = 'team' and l.name = t.team
               and l.most <= (select coalesce(sum(n), 0) from live where live.pool = t.pool
                 and live.team = t.team)) as team_most,
             (select l.most from runner_limit l where l.kind = 'pool' and l.name = t.pool
               and l.most <= (select coalesce(sum(n), 0) from live where live.pool = t.pool)) as pool_most,
             (select l.most from runner_limit l where t.background and l.kind = 'background'
               and l.name in ('', t.pool) and l.most <= (select coalesce(sum(n), 0) from live
                 where live.pool = t.pool and live.background) order by l.name desc limit 1) as background_most
           from tagged t join line on line.pool = t.pool and line.job_id = t.job_id
             join job j on j.id = t.job_id join step s on s.id = t.step_id
             left join stack k on k.id = t.stack_id
           where $1::uuid is null or t.job_id = $1
           order by t.pool, line.position, s.place limit $2"#,
        job,
        most
    )
    .fetch_all(&mut **tx)
    .await?;
    let none = Vec::new();
    Ok(rows
        .into_iter()
        .map(|row| Place {
            why: why(&row, workers.get(&row.pool).unwrap_or(&none)),
            step: row.step_id,
            job: row.job_id,
            number: row.number,
            title: row.title,
            name: row.name,
            team: row.team,
            pool: row.pool,
            position: row.position,
            ready_at: row.ready_at.to_jiff(),
        })
        .collect())
}

/// The first reason that holds.
fn why(row: &Row, workers: &[(BTreeMap<String, String>, bool)]) -> Waiting {
    let limit = |of: &str, name: &str, most: Option<i32>| {
        most.map(|most| Waiting::Limit {
            of: of.to_owned(),
            name: name.to_owned(),
            most,
        })
    };
    let later = row.later.then(|| Waiting::Backoff {
        until: row.ready_at.to_jiff(),
    });
    later
        .or_else(|| Waiting::for_a_worker(&row.pool, &row.labels.0, workers))
        .or_else(|| stack(row))
        .or_else(|| {
            Some(Waiting::Environment {
                environment: row.environment.clone()?,
                job: Some(row.environment_job?),
            })
        })
        .or_else(|| limit("team", &row.team, row.team_most))
        .or_else(|| limit("pool", &row.pool, row.pool_most))
        .or_else(|| limit("background", "", row.background_most))
        .unwrap_or(Waiting::Turn {
            ahead: row.position - 1,
        })
}

/// What of its stack stands in the way.
fn stack(row: &Row) -> Option<Waiting> {
    let stack = row.stack.clone()?;
    let operation = Operation::parse(&row.operation).unwrap_or(Operation::Action);
    match row.frozen.clone().filter(|_| operation.writes()) {
        Some(reason) => Some(Waiting::Frozen { stack, reason }),
        None if row.stack_held && operation != Operation::Reconcile => Some(Waiting::Stack {
            stack,
            job: row.stack_job,
        }),
        None => None,
    }
}

async fn workers(tx: &mut Tx) -> Result<Workers> {
    let rows = sqlx::query!(
        r#"select pool, labels as "labels: Json<BTreeMap<String, String>>",
             drained_at is not null as "drained!" from worker
           where revoked_at is null and expires_at > now() and lease_until > now()"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut workers = Workers::new();
    for row in rows {
        let of_pool = workers.entry(row.pool).or_default();
        of_pool.push((row.labels.0, row.drained));
    }
    Ok(workers)
}
