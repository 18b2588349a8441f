//! Appending to and reading from the chain.

use super::{canonical, event::Event, note};
use crate::{
    Cx,
    cx::Tx,
    error::{Error, Result},
};

/// Appends to the chain inside the caller's transaction: the last statement before its commit,
/// because the head of the chain stays locked until then.
///
/// Returns the event's place in the chain.
pub async fn append(cx: &Cx, tx: &mut Tx, event: &Event) -> Result<i64> {
    let (canonical, note) = prepare(cx, event)?;
    let seq = sqlx::query_scalar!(
        r#"select audit.append($1, $2) as "seq!""#,
        canonical,
        note as Option<Vec<u8>>,
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(seq)
}

/// Puts an event into the waiting line inside the caller's transaction; the leader moves it into
/// the chain within a second. For events so frequent that they must not wait for the head.
pub async fn enqueue(cx: &Cx, tx: &mut Tx, event: &Event) -> Result<()> {
    let (canonical, note) = prepare(cx, event)?;
    sqlx::query!(
        "select audit.enqueue($1, $2)",
        canonical,
        note as Option<Vec<u8>>,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Canonical bytes and sealed note of an event.
fn prepare(cx: &Cx, event: &Event) -> Result<(String, Option<Vec<u8>>)> {
    let mut event = event.clone();
    event.confine();
    let refused = |why: canonical::NotCanonical| {
        tracing::error!(kind = event.kind.name(), %why, "an event has no canonical form");
        Error::Internal
    };
    if event.note.is_empty() {
        let canonical = canonical::encode(&event.object(None)).map_err(refused)?;
        return Ok((canonical, None));
    }
    let sealed = note::seal(&cx.keys, event.id, &event.note).map_err(refused)?;
    let canonical = canonical::encode(&event.object(Some(&sealed.commitment))).map_err(refused)?;
    Ok((canonical, Some(sealed.body)))
}
