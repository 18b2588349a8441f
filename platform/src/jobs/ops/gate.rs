//! The gate before the first process, and the lease that goes on after it.

use sqlx::PgPool;

use super::held::Held;
use crate::{
    Cx,
    cx::Object as _,
    error::{Error, Result},
    jobs::{
        Cancel, Class, Operation,
        actor::AttemptActor,
        wire::{Renew, Renewed, Start, Timing},
    },
    policy::Action,
};

/// The gate: once it has passed, effects are possible. It passes once, for one shim, while the lease
/// lives. Where a person asked the job to end it does not pass, and the answer says so: the shim
/// starts nothing and finishes as cancelled.
pub async fn gate(cx: &Cx, start: Start) -> Result<Renewed> {
    let me = cx.may_as_attempt(Action::AttemptReport)?.id;
    let pid = i32::try_from(start.shim_pid).unwrap_or_default();
    let passed = sqlx::query!(
        "update attempt a set process_started_at = now(), shim_pid = $2,
           lease_until = now() + $3 * interval '1 millisecond'
         from step s join job j on j.id = s.job_id left join stack k on k.id = s.stack_id
         where a.id = $1 and s.id = a.step_id and a.state = 'running' and a.process_started_at is null
           and a.lease_until >= now() and a.deadline >= now() and j.cancel is null
           and (a.epoch is null or k.epoch = a.epoch and k.holder_attempt = a.id)",
        me,
        pid,
        lease_ms()
    )
    .execute(&cx.db)
    .await?
    .rows_affected();
    if passed == 1 {
        return Ok(renewed(None));
    }
    // It did not pass: say why. Nothing is written from here on.
    let mut tx = cx.begin().await?;
    let held = Held::load(&mut tx, me).await?.ok_or(Error::Gone)?;
    held.holds()?;
    let another = held.shim_pid.is_some_and(|before| before != pid);
    if held.lapsed || held.passed && another {
        return Err(Error::Gone);
    }
    match (held.asked(), held.passed) {
        (Some(cancel), _) => Ok(renewed(Some(cancel))),
        (None, true) => Ok(renewed(None)),
        (None, false) => Err(Error::Unavailable),
    }
}

/// The shim lives: its lease goes on.
pub async fn renew(cx: &Cx, renew: &Renew) -> Result<Renewed> {
    let me = cx.may_as_attempt(Action::AttemptReport)?.id;
    // A day at most: more is as good.
    let silent = u32::try_from(renew.silent_ms)
        .unwrap_or(u32::MAX)
        .min(86_400_000);
    let phase = renew.phase.as_deref().map(|phase| shortened(phase, 64));
    let row = sqlx::query!(
        r#"update attempt a set lease_until = now() + $2 * interval '1 millisecond', phase = $4,
             last_output_at = greatest(a.last_output_at,
               case when a.process_started_at is not null then
                 greatest(a.process_started_at, now() - $3 * interval '1 millisecond') end)
           from step s join job j on j.id = s.job_id left join stack k on k.id = s.stack_id
           where a.id = $1 and s.id = a.step_id and a.state = 'running'
             and (a.epoch is null or k.epoch = a.epoch and k.holder_attempt = a.id)
           returning j.cancel, a.deadline < now() as "overdue!""#,
        me,
        lease_ms(),
        f64::from(silent),
        phase
    )
    .fetch_optional(&cx.db)
    .await?
    .ok_or(Error::Gone)?;
    let cancel = row.cancel.as_deref().and_then(Cancel::parse);
    // Past its deadline it is killed, asked or not.
    Ok(renewed(if row.overdue {
        Some(Cancel::Force)
    } else {
        cancel
    }))
}

/// The attempt this token's hash belongs to, over or not; nothing for an unknown one. Whether it
/// still holds its step is asked by each operation.
pub async fn find_attempt(db: &PgPool, token_hash: &[u8; 32]) -> Result<Option<AttemptActor>> {
    let row = sqlx::query!(
        "select a.id, a.worker_id, a.epoch, s.id as step, s.job_id, s.stack_id, s.operation, s.class
         from attempt a join step s on s.id = a.step_id where a.token_hash = $1",
        token_hash
    )
    .fetch_optional(db)
    .await?;
    Ok(row.map(|row| AttemptActor {
        id: row.id,
        step: row.step,
        job: row.job_id,
        worker: row.worker_id,
        stack: row.stack_id,
        epoch: row.epoch,
        operation: Operation::parse(&row.operation).unwrap_or(Operation::Check),
        class: Class::parse(&row.class).unwrap_or(Class::Once),
    }))
}

fn renewed(cancel: Option<Cancel>) -> Renewed {
    Renewed {
        lease_ms: Timing::default().lease_ms,
        cancel,
    }
}

/// How long a lease lasts, as the database counts.
#[expect(clippy::cast_precision_loss, reason = "20 seconds in milliseconds")]
pub(super) fn lease_ms() -> f64 {
    Timing::default().lease_ms as f64
}

/// At most so many characters, without NUL, which no text of the database holds.
pub(super) fn shortened(text: &str, most: usize) -> String {
    text.chars().filter(|c| *c != '\0').take(most).collect()
}
