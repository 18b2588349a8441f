//! Which steps come next, and taking them under lock.

use std::collections::BTreeMap;

use sqlx::PgExecutor;
use uuid::Uuid;

use crate::{cx::Tx, error::Result, jobs::Operation};

/// What a claim may take, best first; more than asked for, because others take at the same time.
pub(super) struct Candidates {
    pub(super) pool: String,
    pub(super) steps: Vec<Uuid>,
    /// A limit counts here.
    pub(super) limited: bool,
}

/// A step under lock.
pub(super) struct Picked {
    pub(super) id: Uuid,
    pub(super) job_id: Uuid,
    pub(super) number: i64,
    pub(super) job_title: String,
    pub(super) team: String,
    pub(super) environment: Option<String>,
    pub(super) exclusive: bool,
    pub(super) name: String,
    pub(super) driver: String,
    pub(super) operation: String,
    pub(super) class: String,
    pub(super) needs: Vec<Uuid>,
    pub(super) spec: serde_json::Value,
    pub(super) secrets_sealed: Option<Vec<u8>>,
    pub(super) wall_s: i32,
    pub(super) silence_s: i32,
    pub(super) grace_s: i32,
    pub(super) attempts: i32,
    pub(super) stack_id: Option<Uuid>,
    pub(super) stack_name: Option<String>,
    pub(super) state_serial: Option<i64>,
    pub(super) plan_key_sealed: Option<Vec<u8>>,
    pub(super) plan_of: Option<Uuid>,
    /// The plan that step has made.
    pub(super) plan_id: Option<Uuid>,
}

impl Picked {
    pub(super) fn operation(&self) -> Operation {
        Operation::parse(&self.operation).unwrap_or(Operation::Action)
    }

    /// Takes its stack for itself.
    pub(super) fn writes(&self) -> bool {
        self.stack_id.is_some() && self.operation().writes()
    }

    /// The environment its job wants for itself.
    pub(super) fn wants_environment(&self) -> Option<&str> {
        self.environment.as_deref().filter(|_| self.exclusive)
    }
}

/// Looks without locks. Order: what people wait for before background work, the team that had least
/// before the others, first come first.
pub(super) async fn candidates<'e>(
    db: impl PgExecutor<'e>,
    worker: Uuid,
    free: i64,
) -> Result<Candidates> {
    let rows = sqlx::query!(
        r#"with me as (
             select pool, labels from worker where id = $1 and revoked_at is null and drained_at is null
               and expires_at > now()),
           clock as materialized (
             select coalesce(max(finish_tag - 1 / weight), 0) as virtual from team_share, me
             where team_share.pool = me.pool),
           most as materialized (
             select kind, name, most from runner_limit),
           live as materialized (
             select j.team, j.background, count(*) as n
             from attempt a join step s on s.id = a.step_id join job j on j.id = s.job_id
             where a.state = 'running' and j.pool = (select pool from me) and exists (select from most)
             group by j.team, j.background),
           waits as (
             select q.*, greatest(ts.finish_tag, clock.virtual)
                 + (row_number() over (partition by ts.team order by q.background, q.seq) - 1) / ts.weight as tag,
               row_number() over (partition by ts.team order by q.background, q.seq) as nth
             from me cross join clock join team_share ts on ts.pool = me.pool
             cross join lateral (
               select q.step_id, q.team, q.background, q.seq from queue q
               where q.pool = ts.pool and q.team = ts.team and q.ready_at <= now()
                 and q.labels <@ me.labels
                 and (q.stack_id is null or q.operation = 'reconcile' or exists (
                   select from stack k where k.id = q.stack_id and k.holder_attempt is null
                     and (k.frozen_reason is null or q.operation in ('plan', 'drift', 'check'))))
                 and (q.environment is null or not q.exclusive or not exists (
                   select from job o where o.environment = q.environment and o.exclusive
                     and o.state in ('running', 'indeterminate') and o.id <> q.job_id))
               order by q.background, q.seq limit $2) q),
           numbered as (
             select w.*, row_number() over (order by w.background, w.tag, w.seq) as nth_of_pool,
               row_number() over (partition by w.background order by w.tag, w.seq) as nth_of_kind
             from waits w
             where w.nth <= coalesce((select m.most from most m where m.kind = 'team' and m.name = w.team)
               - (select coalesce(sum(l.n), 0) from live l where l.team = w.team), 1000000))
           select n.step_id as "step_id!", (select pool from me) as "pool!",
             exists (select from most) as "limited!"
           from numbered n
           where n.nth_of_pool <= coalesce((select m.most from most m, me
                 where m.kind = 'pool' and m.name = me.pool)
               - (select coalesce(sum(l.n), 0) from live l), 1000000)
             and (not n.background or n.nth_of_kind <= coalesce((select m.most from most m
                 where m.kind = 'background' and m.name in ('', (select pool from me))
                 order by m.name desc limit 1)
               - (select coalesce(sum(l.n), 0) from live l where l.background), 1000000))
           order by n.background, n.tag, n.seq limit $2"#,
        worker,
        free * 4 + 16
    )
    .fetch_all(db)
    .await?;
    Ok(Candidates {
        pool: rows.first().map(|row| row.pool.clone()).unwrap_or_default(),
        limited: rows.first().is_some_and(|row| row.limited),
        steps: rows.into_iter().map(|row| row.step_id).collect(),
    })
}

/// Waits for other claims of a pool that counts.
pub(super) async fn alone(tx: &mut Tx, pool: &str) -> Result<()> {
    sqlx::query!(
        r#"select pg_advisory_xact_lock(hashtextextended('gc-claim-' || $1, 0)) as "locked!: ()""#,
        pool
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// Takes up to `free` of them that nobody else holds, with all that is needed to begin.
pub(super) async fn lock(tx: &mut Tx, steps: &[Uuid], free: i64) -> Result<Vec<Picked>> {
    Ok(sqlx::query_as!(
        Picked,
        r#"select s.id, s.job_id, j.number, j.title as job_title, j.team, j.environment, j.exclusive,
             s.name, s.driver, s.operation, s.class, s.needs, s.spec, s.secrets_sealed, s.wall_s, s.silence_s,
             s.grace_s, s.attempts, s.stack_id, k.name as "stack_name?", k.state_serial as "state_serial?",
             k.plan_key_sealed as "plan_key_sealed?", s.plan_of, f.plan_id as "plan_id?"
           from queue q join job j on j.id = q.job_id join step s on s.id = q.step_id
             left join stack k on k.id = s.stack_id left join step f on f.id = s.plan_of
           where q.step_id = any($1) order by array_position($1, q.step_id) limit $2
           for update of q skip locked for no key update of j skip locked"#,
        steps,
        free
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Which of these environments nobody else decides about now, each with the job that has it.
pub(super) async fn lock_environments(
    tx: &mut Tx,
    names: &[String],
) -> Result<BTreeMap<String, Option<Uuid>>> {
    let locked = sqlx::query_scalar!(
        r#"select e.name as "name!" from unnest($1::text[]) as e (name)
           where pg_try_advisory_xact_lock(hashtextextended('gc-environment-' || e.name, 0))"#,
        names
    )
    .fetch_all(&mut **tx)
    .await?;
    // A statement of its own: it sees what whoever had the lock before has committed.
    let rows = sqlx::query!(
        r#"select e.name as "name!", (select j.id from job j where j.environment = e.name and j.exclusive
             and j.state in ('running', 'indeterminate')) as holder
           from unnest($1::text[]) as e (name)"#,
        &locked
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.holder)).collect())
}
