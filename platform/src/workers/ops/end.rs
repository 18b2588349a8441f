//! Sending workers home.

use uuid::Uuid;

use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    error::{Error, Result},
    policy::Action,
};

/// Gives a worker no more work, or work again. It finishes what it has.
pub async fn drain(cx: &Cx, worker: Uuid, drained: bool) -> Result<()> {
    cx.may(Action::WorkerDrain).await?;
    let mut tx = cx.begin().await?;
    let was = sqlx::query_scalar!(
        r#"select drained_at is not null as "drained!" from worker
           where id = $1 and revoked_at is null for update"#,
        worker
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    if was == drained {
        return Ok(());
    }
    sqlx::query!(
        "update worker set drained_at = case when $2 then now() end where id = $1",
        worker,
        drained
    )
    .execute(&mut *tx)
    .await?;
    let event = Event::new(cx, Kind::WorkerDrained, Outcome::Success)
        .on("worker", worker)
        .with("drained", drained);
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a worker's token, and those of the attempts it runs: their next call is refused, their tools
/// are stopped, and the reaper finds them lost.
pub async fn revoke(cx: &Cx, worker: Uuid) -> Result<()> {
    cx.may(Action::WorkerRevoke).await?;
    let mut tx = cx.begin().await?;
    let ended = sqlx::query!(
        "update worker set revoked_at = now() where id = $1 and revoked_at is null",
        worker
    )
    .execute(&mut *tx)
    .await?;
    if ended.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    let event = Event::new(cx, Kind::WorkerRevoked, Outcome::Success).on("worker", worker);
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(())
}
