//! Stopping a job: nothing more of it starts; what runs is interrupted, or killed.

use uuid::Uuid;

use super::{object::Job, settle};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::{append, enqueue_all},
    },
    cx::Woken,
    error::{Error, Result},
    jobs::{Cancel, graph},
    policy::Action,
};

/// Stops a job. Steps that wait are over at once; those that run hear of it at their next renewal. A
/// second time, with force, kills them.
pub async fn cancel(cx: &Cx, job: Uuid, how: Cancel, reason: &str) -> Result<()> {
    let (mut tx, job) = cx.may_on::<Job>(Action::JobCancel, job).await?;
    let reason = super::decide::reason(reason)?;
    if job.state.is_over() {
        return Err(Error::conflict("this job has ended"));
    }
    if job.cancel.is_some_and(|before| before >= how) {
        return Err(Error::conflict("this job was asked to end already"));
    }
    sqlx::query!(
        "update job set cancel = $2, cancel_by = $3, cancel_at = now() where id = $1",
        job.id,
        how.name(),
        cx.actor.person().map(|person| person.id.0)
    )
    .execute(&mut *tx)
    .await?;
    let mut nodes = settle::nodes(&mut tx, job.id).await?;
    let settled = graph::settle(&mut nodes, true);
    let mut events = Vec::new();
    settle::write(cx, &mut tx, (job.id, job.number), &settled, &mut events).await?;
    enqueue_all(cx, &mut tx, &events).await?;
    let event = Event::new(cx, Kind::JobCancelled, Outcome::Success)
        .on("job", job.id)
        .with("how", how.name())
        .with("number", job.number)
        .noting("reason", reason);
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    cx.wake.say(Woken::Job(job.id));
    cx.wake.say(Woken::Pool(&job.pool));
    Ok(())
}
