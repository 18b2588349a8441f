//! Appending to the chain: the only writes there are.

use crate::audit::{canonical, event::Event, note};
use crate::{
    Cx,
    cx::Tx,
    error::{Error, Result},
    policy::Action,
};

/// Any number nobody else uses: "gc-drain" in ASCII.
const LOCK: i64 = 0x6763_2d64_7261_696e;

/// Most events moved in one transaction.
const MOST: i32 = 200;

/// Appends to the chain inside the caller's transaction: the last statement before its commit,
/// because the head of the chain stays locked until then.
///
/// Returns the event's place in the chain.
pub async fn append(cx: &Cx, tx: &mut Tx, event: &Event) -> Result<i64> {
    let (canonical, note) = prepare(cx, event)?;
    append_canonical(tx, &canonical, note).await
}

/// Appends what is in canonical form already.
pub(super) async fn append_canonical(
    tx: &mut Tx,
    canonical: &str,
    note: Option<Vec<u8>>,
) -> Result<i64> {
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

/// The same for several at once, in this order.
pub async fn enqueue_all(cx: &Cx, tx: &mut Tx, events: &[Event]) -> Result<()> {
    let events = Prepared::of(cx, events)?;
    sqlx::query!(
        r#"select count(audit.enqueue(canonical, note)) as "moved!"
           from unnest($1::text[], $2::bytea[]) as given (canonical, note)"#,
        &events.texts,
        &events.notes as &[Option<Vec<u8>>],
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(())
}

/// Events ready for a statement that does more than enqueue them.
pub(crate) struct Prepared {
    pub(crate) texts: Vec<String>,
    pub(crate) notes: Vec<Option<Vec<u8>>>,
}

impl Prepared {
    /// In this order.
    pub(crate) fn of(cx: &Cx, events: &[Event]) -> Result<Self> {
        let mut of = Self {
            texts: Vec::with_capacity(events.len()),
            notes: Vec::with_capacity(events.len()),
        };
        for event in events {
            let (canonical, note) = prepare(cx, event)?;
            of.texts.push(canonical);
            of.notes.push(note);
        }
        Ok(of)
    }
}

/// Canonical bytes and sealed note of an event.
pub(in crate::audit) fn prepare(cx: &Cx, event: &Event) -> Result<(String, Option<Vec<u8>>)> {
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

/// Moves waiting events into the chain until none waits; answers how many. Of several servers that
/// try at once one works, the others go on.
///
/// The portal's own work: no person asks for it, so there is nothing to decide.
pub async fn drain(cx: &Cx) -> Result<u64> {
    cx.may(Action::AuditKeep).await?;
    let mut moved = 0;
    loop {
        let mut tx = cx.begin().await?;
        let leads =
            sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "leads!""#, LOCK)
                .fetch_one(&mut *tx)
                .await?;
        if !leads {
            return Ok(moved);
        }
        let now = sqlx::query_scalar!(r#"select audit.drain($1) as "moved!""#, MOST)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        moved += u64::from(now.unsigned_abs());
        if now < MOST {
            return Ok(moved);
        }
    }
}
