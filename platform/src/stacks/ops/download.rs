//! Taking a version of a state away: it holds secrets in clear.

use uuid::Uuid;

use super::{
    of::{Acting, act, reason},
    state,
};
use crate::{
    Cx,
    audit::{
        event::{Event, Kind, Outcome},
        ops::append,
    },
    error::{Error, Result},
    policy::Action,
};

/// A version of a state in clear, after a fresh sign-in for this very version, with a reason. On the
/// record before the first byte.
pub async fn download(cx: &Cx, stack: Uuid, serial: i64, why: &str) -> Result<Vec<u8>> {
    let (mut tx, _) = cx
        .may_on::<Acting>(
            Action::StateDownload,
            act(
                cx,
                stack,
                Action::StateDownload,
                format!("{stack}.{serial}"),
            ),
        )
        .await?;
    let why = reason(why)?;
    let row = sqlx::query!(
        "select sealed, sha256 from state_version where stack_id = $1 and serial = $2",
        stack,
        serial
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or(Error::NotFound)?;
    let plain = state::open(cx, stack, serial, &row.sealed)?;
    let event = Event::new(cx, Kind::StateDownloaded, Outcome::Success)
        .on("stack", stack)
        .with("serial", serial)
        .noting("reason", why);
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
    Ok(plain)
}
