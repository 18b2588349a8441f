//! What is opened when nobody knows how a step has ended.

use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    held::Held,
    seals::{open_map, seal_map},
    settle,
};
use crate::{
    Cx,
    audit::event::{Event, Kind, Outcome},
    cx::Tx,
    error::Result,
    jobs::spec::Driver,
};

/// Notes the unknown end, and hands in a job that only looks what was done, where the driver can.
pub(super) async fn open(cx: &Cx, tx: &mut Tx, held: &Held, events: &mut Vec<Event>) -> Result<()> {
    events.push(
        Event::new(cx, Kind::StepIndeterminate, Outcome::Failure)
            .on("step", held.step)
            .with("attempt", held.id)
            .with("job", held.job_number),
    );
    let looks = look(cx, tx, held, events).await?;
    sqlx::query!(
        "insert into reconcile (step_id, attempt_id, stack_id, job_id) values ($1, $2, $3, $4)
         on conflict (step_id) do update set attempt_id = excluded.attempt_id, job_id = excluded.job_id,
           report = null, plan_id = null, made_at = now(), decided_at = null, decided_by = null,
           decision = null, reason = null",
        held.step,
        held.id,
        held.stack,
        looks
    )
    .execute(&mut **tx)
    .await?;
    let mut event = Event::new(cx, Kind::ReconcileOpened, Outcome::Success).on("step", held.step);
    if let Some(job) = looks {
        event = event.with("looks", job);
    }
    events.push(event);
    Ok(())
}

/// The job that looks: the step's own words, read-only.
async fn look(cx: &Cx, tx: &mut Tx, held: &Held, events: &mut Vec<Event>) -> Result<Option<Uuid>> {
    let step = sqlx::query!(
        "select spec, secrets_sealed, labels from step where id = $1",
        held.step
    )
    .fetch_one(&mut **tx)
    .await?;
    let driver = Driver::read(&held.driver, &step.spec).and_then(Result::ok);
    if held.stack.is_none() || !driver.is_some_and(|driver| driver.reconciles()) {
        return Ok(None);
    }
    let (job, looking) = (cx.clock.id(), cx.clock.id());
    let secrets = open_map(
        cx,
        "secrets_sealed",
        held.step,
        step.secrets_sealed.as_deref(),
    )?;
    let secrets = seal_map(cx, "secrets_sealed", looking, &secrets)?;
    let title = format!(
        "Look what {} of JOB-{} has done",
        held.step_name, held.job_number
    );
    let number = sqlx::query_scalar!(
        "with j as (
           insert into job (id, title, team, environment, pool, exclusive, steps, made_via)
             values ($1, $2, $3, $4, $5, false, 1, 'reconcile') returning number),
         s as (
           insert into step (id, job_id, place, name, title, driver, operation, class, labels, stack_id,
               spec, secrets_sealed)
             values ($6, $1, 0, 'reconcile', $2, $7, 'reconcile', 'retry', $8, $9, $10, $11))
         select number from j",
        job,
        title,
        held.team,
        held.environment,
        held.pool,
        looking,
        held.driver,
        step.labels,
        held.stack,
        step.spec,
        secrets
    )
    .fetch_one(&mut **tx)
    .await?;
    settle::queue(tx, &[looking], &[0]).await?;
    events.push(
        Event::new(cx, Kind::JobMade, Outcome::Success)
            .on("job", job)
            .with("number", number)
            .with("team", &held.team)
            .with("via", "reconcile"),
    );
    Ok(Some(job))
}

/// What the job that looked has found, and the plan it made of what is left.
pub(super) async fn report(
    tx: &mut Tx,
    step: Uuid,
    attempt: Uuid,
    report: Option<&Value>,
) -> Result<()> {
    sqlx::query!(
        r#"update reconcile r set report = coalesce($3, r.report),
             plan_id = coalesce((select id from plan where made_by_attempt = $2), r.plan_id)
           from step s where s.id = $1 and r.job_id = s.job_id and r.decided_at is null"#,
        step,
        attempt,
        report.map(Json) as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
