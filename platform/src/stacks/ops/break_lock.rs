//! Taking a stack from whoever holds it.

use uuid::Uuid;

use super::of::{Acting, act, reason};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    error::Result,
    policy::Action,
};

/// Raises the stack's epoch: its holder's next call is refused, its tool stops, and what became of
/// it is found out by a reconcile. Safe at any time.
pub async fn break_lock(cx: &Cx, stack: Uuid, why: &str) -> Result<()> {
    let (mut tx, held) = cx
        .may_on::<Acting>(
            Action::StackBreakLock,
            act(cx, stack, Action::StackBreakLock, stack),
        )
        .await?;
    let why = reason(why)?;
    sqlx::query!(
        "update stack set epoch = epoch + 1, holder_attempt = null, lock_id = null, lock_info = null
         where id = $1",
        held.id
    )
    .execute(&mut *tx)
    .await?;
    let mut event = Event::new(cx, Kind::LockBroken, Outcome::Success)
        .on("stack", held.id)
        .with("epoch", held.epoch + 1)
        .noting("reason", why);
    if let Some(attempt) = held.holder {
        event = event.with("attempt", attempt);
    }
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(())
}
