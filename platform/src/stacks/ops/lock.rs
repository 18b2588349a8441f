//! The tool's own lock, inside the attempt that holds the stack.
//!
//! The stack's holder and epoch are what keeps writers apart; this lock keeps two tools of one
//! attempt apart, and shows which of them a write comes from. A lock of an attempt that no longer
//! holds the stack counts for nothing.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::held;
use crate::{
    Cx,
    error::{Error, Result},
    policy::Action,
};

/// What a tool says of its lock; unknown fields are kept for whoever asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LockInfo {
    /// Its id: random, made by the tool.
    #[serde(rename = "ID")]
    pub id: String,
    /// The rest, in the tool's words.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

/// A lock as it is kept: with the attempt that took it.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) attempt: Uuid,
    pub(super) info: LockInfo,
}

/// Takes the lock. Another lock of the same attempt is in the way: it comes back. A reader is told
/// yes and nothing is kept: what it reads is one version, whoever writes.
pub async fn lock(cx: &Cx, stack: Uuid, info: LockInfo) -> Result<Result<(), LockInfo>> {
    let me = cx.may_as_attempt(Action::AttemptState)?;
    if !(1..=128).contains(&info.id.len()) || info.id.contains('\0') {
        return Err(Error::invalid("ID", "1 to 128 bytes"));
    }
    let (mut tx, held) = held(cx, me, stack).await?;
    if !held.writes {
        return Ok(Ok(()));
    }
    let kept = held
        .lock_info
        .as_deref()
        .and_then(|text| serde_json::from_str::<Kept>(text).ok());
    let in_the_way = kept.filter(|kept| kept.attempt == me.id && kept.info.id != info.id);
    if let Some(other) = in_the_way {
        return Ok(Err(other.info));
    }
    let id = info.id.clone();
    let kept = Kept {
        attempt: me.id,
        info,
    };
    let text = serde_json::to_string(&kept)
        .unwrap_or_default()
        .replace("\\u0000", "");
    if text.len() > 8_192 {
        return Err(Error::invalid("lock", "at most 8 KiB"));
    }
    sqlx::query!(
        "update stack set lock_id = $2, lock_info = $3 where id = $1",
        held.stack,
        id,
        text
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Lets the lock go. Without one there is nothing to do; another id is a conflict.
pub async fn unlock(cx: &Cx, stack: Uuid, id: Option<&str>) -> Result<()> {
    let me = cx.may_as_attempt(Action::AttemptState)?;
    let (mut tx, held) = held(cx, me, stack).await?;
    if !held.writes || held.lock_id.is_none() {
        return Ok(());
    }
    if held.lock_id.as_deref() != id {
        return Err(Error::conflict(
            "the lock id is not that of the stack's lock",
        ));
    }
    sqlx::query!(
        "update stack set lock_id = null, lock_info = null where id = $1",
        held.stack
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
