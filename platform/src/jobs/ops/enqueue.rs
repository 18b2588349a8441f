//! Handing a job in.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::types::Json;
use uuid::Uuid;

use super::seals::{seal, seal_map};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::{append, enqueue_all},
    },
    cx::{Tx, Woken},
    error::{Error, Result},
    jobs::{
        spec::{Checked, JobSpec},
        wait::Waiting,
    },
    policy::Action,
    secrets::random,
};

/// A job that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enqueued {
    /// Its id.
    pub id: Uuid,
    /// Its number: `JOB-42`.
    pub number: i64,
    /// Steps no worker can take as things are: it waits until somebody starts one that can.
    pub unable: Vec<Unable>,
}

/// A step no worker can take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unable {
    /// Its name.
    pub step: String,
    /// What is missing.
    pub why: Waiting,
}

/// Accepts a job. The same idempotency key again, from the same kind of maker, answers the job made
/// the first time.
pub async fn enqueue(cx: &Cx, spec: &JobSpec, key: Option<&str>) -> Result<Enqueued> {
    cx.may(Action::JobCreate).await?;
    let checked = spec.check()?;
    if key.is_some_and(|key| !(1..=200).contains(&key.len()) || key.contains('\0')) {
        return Err(Error::invalid("idempotency_key", "1 to 200 characters"));
    }
    let mut tx = cx.begin().await?;
    let mut events = Vec::new();
    let stacks = stacks(cx, &mut tx, spec, &mut events).await?;
    let new = New {
        id: cx.clock.id(),
        steps: spec.steps.iter().map(|_| cx.clock.id()).collect(),
        stacks,
    };
    let Some(number) = insert(cx, &mut tx, spec, &checked, &new, key).await? else {
        tx.rollback().await?;
        return before(cx, spec, key).await;
    };
    let made = Event::new(cx, Kind::JobMade, Outcome::Success)
        .on("job", new.id)
        .with("number", number)
        .with("team", &spec.team)
        .with("via", via(cx));
    let unable = unable(&mut tx, spec).await?;
    if cx.actor.person().is_some() {
        enqueue_all(cx, &mut tx, &events).await?;
        append(cx, &mut tx, &made).await?;
    } else {
        events.push(made);
        enqueue_all(cx, &mut tx, &events).await?;
    }
    tx.commit().await?;
    cx.wake.say(Woken::Pool(&spec.pool));
    Ok(Enqueued {
        id: new.id,
        number,
        unable,
    })
}

/// Ids of a job about to be made.
struct New {
    id: Uuid,
    steps: Vec<Uuid>,
    stacks: BTreeMap<String, Uuid>,
}

/// Who hands it in: a person, or a part of the portal by name.
fn via(cx: &Cx) -> &'static str {
    match cx.actor {
        crate::people::Actor::System(part) => part,
        _ => "person",
    }
}

/// The stacks it names: made where they are new, of the job's own team where they are not.
async fn stacks(
    cx: &Cx,
    tx: &mut Tx,
    spec: &JobSpec,
    events: &mut Vec<Event>,
) -> Result<BTreeMap<String, Uuid>> {
    let names: BTreeSet<&String> = spec.steps.iter().filter_map(|s| s.stack.as_ref()).collect();
    let mut ids = BTreeMap::new();
    for name in names {
        let id = cx.clock.id();
        let key = hex::encode(random::<32>());
        let made = sqlx::query!(
            "insert into stack (id, name, team, environment, plan_key_sealed) values ($1, $2, $3, $4, $5)
             on conflict on constraint stack_name do nothing",
            id,
            name,
            spec.team,
            spec.environment,
            seal(cx, "stack", "plan_key_sealed", id, key.as_bytes())
        )
        .execute(&mut **tx)
        .await?
        .rows_affected();
        let row = sqlx::query!("select id, team from stack where name = $1", name)
            .fetch_one(&mut **tx)
            .await?;
        if row.team != spec.team {
            let at = spec
                .steps
                .iter()
                .position(|s| s.stack.as_ref() == Some(name));
            return Err(Error::invalid(
                format!("steps[{}].stack", at.unwrap_or_default()),
                format!("the stack {name} belongs to another team"),
            ));
        }
        if made == 1 {
            let event = Event::new(cx, Kind::StackMade, Outcome::Success);
            events.push(event.on("stack", id).with("name", name));
        }
        ids.insert(name.clone(), row.id);
    }
    Ok(ids)
}

/// Columns of the steps, one entry a step.
#[derive(Default)]
struct Columns {
    places: Vec<i32>,
    levels: Vec<i32>,
    names: Vec<String>,
    titles: Vec<String>,
    drivers: Vec<String>,
    operations: Vec<String>,
    classes: Vec<String>,
    needs: Vec<Json<Vec<Uuid>>>,
    labels: Vec<Json<BTreeMap<String, String>>>,
    stacks: Vec<Option<Uuid>>,
    specs: Vec<Json<serde_json::Value>>,
    secrets: Vec<Option<Vec<u8>>>,
    plans: Vec<Option<Uuid>>,
    limits: Vec<Json<[u32; 4]>>,
}

impl Columns {
    fn of(cx: &Cx, spec: &JobSpec, checked: &Checked, new: &New) -> Result<Self> {
        let mut columns = Self::default();
        let id = |at: &usize| new.steps[*at];
        for (at, (step, found)) in spec.steps.iter().zip(&checked.steps).enumerate() {
            columns.places.push(i32::try_from(at).unwrap_or_default());
            columns
                .levels
                .push(i32::try_from(found.column).unwrap_or_default());
            columns.names.push(step.name.clone());
            columns
                .titles
                .push(step.title.clone().unwrap_or_else(|| step.name.clone()));
            columns.drivers.push(step.driver.clone());
            columns.operations.push(step.operation.name().to_owned());
            columns.classes.push(found.class.name().to_owned());
            columns
                .needs
                .push(Json(found.needs.iter().map(id).collect()));
            columns.labels.push(Json(step.labels.clone()));
            let stack = step.stack.as_ref();
            columns
                .stacks
                .push(stack.and_then(|name| new.stacks.get(name).copied()));
            columns.specs.push(Json(step.spec.clone()));
            columns.secrets.push(seal_map(
                cx,
                "secrets_sealed",
                new.steps[at],
                &step.secrets,
            )?);
            columns.plans.push(found.plan.as_ref().map(id));
            columns.limits.push(Json([
                step.wall_s,
                step.silence_s,
                step.grace_s,
                step.max_attempts,
            ]));
        }
        Ok(columns)
    }
}

/// Job, steps, and what of them may start, in one statement; nothing when the key was used before.
async fn insert(
    cx: &Cx,
    tx: &mut Tx,
    spec: &JobSpec,
    checked: &Checked,
    new: &New,
    key: Option<&str>,
) -> Result<Option<i64>> {
    let steps = Columns::of(cx, spec, checked, new)?;
    let writes = spec.steps.iter().any(|step| step.operation.writes());
    let exclusive = !spec.shared && writes && spec.environment.is_some();
    Ok(sqlx::query_scalar!(
        r#"with j as (
             insert into job (id, title, team, environment, pool, background, exclusive, steps, made_by,
                 made_via, idempotency_key)
               values ($1, $2, $3, $4, $5, $6, $7, cardinality($11::uuid[]), $8, $9, $10)
               on conflict on constraint job_idempotency do nothing
               returning id, number),
           given as (
             select g.*, array(select jsonb_array_elements_text(g.needs)::uuid) as needed
             from unnest($11::uuid[], $12::int[], $13::int[], $14::text[], $15::text[], $16::text[],
                 $17::text[], $18::text[], $19::jsonb[], $20::jsonb[], $21::uuid[], $22::jsonb[],
                 $23::bytea[], $24::uuid[], $25::jsonb[])
               as g (id, place, level, name, title, driver, operation, class, needs, labels, stack_id, spec,
                 secrets, plan_of, limits)),
           s as (
             insert into step (id, job_id, place, level, name, title, driver, operation, class, needs, labels,
                 stack_id, spec, secrets_sealed, plan_of, wall_s, silence_s, grace_s, max_attempts, state,
                 ready_at)
               select g.id, j.id, g.place, g.level, g.name, g.title, g.driver, g.operation, g.class, g.needed,
                 g.labels, g.stack_id, g.spec, g.secrets, g.plan_of, (g.limits -> 0)::int,
                 (g.limits -> 1)::int, (g.limits -> 2)::int, (g.limits -> 3)::int,
                 case when g.needed = '{}' then 'queued' else 'waiting' end,
                 case when g.needed = '{}' then now() end
               from given g, j),
           t as (
             insert into team_share (team, pool) select $3, $5 from j on conflict do nothing),
           q as (
             insert into queue (step_id, job_id, team, pool, environment, stack_id, operation, labels,
                 background, exclusive)
               select g.id, j.id, $3, $5, $4, g.stack_id, g.operation, g.labels, $6, $7
               from given g, j where g.needed = '{}' order by g.place)
           select number from j"#,
        new.id,
        spec.title.trim(),
        spec.team,
        spec.environment,
        spec.pool,
        spec.background,
        exclusive,
        cx.actor.person().map(|person| person.id.0),
        via(cx),
        key,
        &new.steps,
        &steps.places,
        &steps.levels,
        &steps.names,
        &steps.titles,
        &steps.drivers,
        &steps.operations,
        &steps.classes,
        &steps.needs as _,
        &steps.labels as _,
        &steps.stacks as &[Option<Uuid>],
        &steps.specs as _,
        &steps.secrets as &[Option<Vec<u8>>],
        &steps.plans as &[Option<Uuid>],
        &steps.limits as _,
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// The job made with this key before.
async fn before(cx: &Cx, spec: &JobSpec, key: Option<&str>) -> Result<Enqueued> {
    let row = sqlx::query!(
        "select id, number, title, team from job where made_via = $1 and idempotency_key = $2",
        via(cx),
        key
    )
    .fetch_one(&cx.db)
    .await?;
    if row.team != spec.team || row.title != spec.title.trim() {
        return Err(Error::conflict(
            "the idempotency key was used for another job",
        ));
    }
    Ok(Enqueued {
        id: row.id,
        number: row.number,
        unable: Vec::new(),
    })
}

/// Steps no worker of the pool can take, as far as is known now.
async fn unable(tx: &mut Tx, spec: &JobSpec) -> Result<Vec<Unable>> {
    let workers = sqlx::query!(
        r#"select labels as "labels: Json<BTreeMap<String, String>>", drained_at is not null as "drained!"
           from worker where pool = $1 and revoked_at is null and expires_at > now()
             and lease_until > now()"#,
        spec.pool
    )
    .fetch_all(&mut **tx)
    .await?;
    let workers: Vec<(BTreeMap<String, String>, bool)> = workers
        .into_iter()
        .map(|row| (row.labels.0, row.drained))
        .collect();
    Ok(spec
        .steps
        .iter()
        .filter_map(|step| {
            let why = Waiting::for_a_worker(&spec.pool, &step.labels, &workers)?;
            Some(Unable {
                step: step.name.clone(),
                why,
            })
        })
        .collect())
}
