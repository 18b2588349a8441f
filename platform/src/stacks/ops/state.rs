//! Versions of a state.

use serde::Deserialize;
use uuid::Uuid;

use super::held;
use crate::{
    Cx,
    error::{Error, Result},
    jobs::wire::STATE,
    policy::Action,
    secrets::{Place, sha256},
};

/// Where a version is sealed: `stack/serial`.
fn state_place(row: &str) -> Place<'_> {
    Place {
        table: "state_version",
        column: "sealed",
        row,
        version: 1,
    }
}

/// What must be known of a state.
#[derive(Deserialize)]
struct Head {
    serial: i64,
    lineage: String,
}

/// The newest version; none before the first.
pub async fn read_state(cx: &Cx, stack: Uuid) -> Result<Option<Vec<u8>>> {
    let me = cx.may_as_attempt(Action::AttemptState)?;
    if me.stack != Some(stack) {
        return Err(Error::forbidden(
            "needs the token of an attempt on this stack",
        ));
    }
    let row = sqlx::query!(
        r#"select v.serial as "serial?", v.sealed as "sealed?"
           from attempt a join stack k on k.id = $2
             left join state_version v on v.stack_id = k.id and v.serial = k.state_serial
           where a.id = $1 and a.state = 'running'
             and (a.epoch is null or (k.epoch = a.epoch and k.holder_attempt = a.id))"#,
        me.id,
        stack
    )
    .fetch_optional(&cx.db)
    .await?
    .ok_or(Error::Gone)?;
    match (row.serial, row.sealed) {
        (Some(serial), Some(sealed)) => open(cx, stack, serial, &sealed).map(Some),
        _ => Ok(None),
    }
}

/// Opens a version.
pub(super) fn open(cx: &Cx, stack: Uuid, serial: i64, sealed: &[u8]) -> Result<Vec<u8>> {
    cx.keys
        .open(state_place(&format!("{stack}/{serial}")), sealed)
        .map_err(|error| {
            tracing::error!(%stack, serial, %error, "a state does not open");
            Error::Internal
        })
}

/// Keeps the next version. Only from the holder at the stack's epoch, under its lock, with the same
/// lineage and the next serial. The newest version again, byte for byte, changes nothing.
pub async fn write_state(cx: &Cx, stack: Uuid, lock_id: Option<&str>, plain: &[u8]) -> Result<()> {
    let me = cx.may_as_attempt(Action::AttemptState)?;
    if plain.len() > STATE {
        return Err(Error::invalid("state", "at most 64 MiB"));
    }
    let head: Head = serde_json::from_slice(plain)
        .map_err(|_| Error::invalid("state", "is no state: JSON with serial and lineage"))?;
    let lineage_fits = (1..=128).contains(&head.lineage.len()) && !head.lineage.contains('\0');
    if head.serial < 0 || !lineage_fits {
        return Err(Error::invalid("state", "has no serial or lineage to go by"));
    }
    let (mut tx, held) = held(cx, me, stack).await?;
    if !held.writes {
        return Err(Error::forbidden(
            "needs a step that changes its stack: this one only reads",
        ));
    }
    if held.lock_id.is_none() || held.lock_id.as_deref() != lock_id {
        return Err(Error::conflict(
            "the lock id is not that of the stack's lock",
        ));
    }
    let hash = sha256(plain);
    let serial = head.serial;
    if held.serial == Some(serial) {
        let known = sqlx::query_scalar!(
            "select sha256 from state_version where stack_id = $1 and serial = $2",
            stack,
            serial
        )
        .fetch_optional(&mut *tx)
        .await?;
        return if known.is_some_and(|known| known == hash) {
            Ok(())
        } else {
            Err(Error::conflict(format!(
                "serial {serial} is there with other bytes"
            )))
        };
    }
    if held
        .lineage
        .as_ref()
        .is_some_and(|known| *known != head.lineage)
    {
        return Err(Error::conflict(
            "this state has another lineage: it belongs to something else",
        ));
    }
    if let Some(known) = held.serial
        && serial != known + 1
    {
        return Err(Error::conflict(format!(
            "serial {} is next, not {serial}",
            known + 1
        )));
    }
    let sealed = cx
        .keys
        .seal(state_place(&format!("{stack}/{serial}")), plain);
    sqlx::query!(
        "insert into state_version (stack_id, serial, epoch, lineage, attempt_id, sha256, size, sealed)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        stack,
        serial,
        held.epoch,
        head.lineage,
        me.id,
        &hash,
        i32::try_from(plain.len()).unwrap_or(i32::MAX),
        sealed
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update stack set state_serial = $2, state_lineage = $3 where id = $1",
        held.stack,
        serial,
        head.lineage
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}
