//! Checking the chain in its database.

use std::sync::atomic::{AtomicI64, Ordering};

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    Cx,
    audit::{
        checkpoint::Checkpoint,
        report::Report,
        verify::{Known, Row, Verifier},
    },
    error::{Error, Result},
    secrets::Keyring,
};

/// How far a verification is.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicI64,
    events: AtomicI64,
}

impl Progress {
    /// Events looked at, of how many.
    pub fn seen(&self) -> (i64, i64) {
        (
            self.done.load(Ordering::Relaxed),
            self.events.load(Ordering::Relaxed),
        )
    }
}

/// Verifies the whole chain against the checkpoints the portal has seen.
///
/// This is the portal's own word. Proof from outside is `groundcrew audit verify` with checkpoints
/// and a key that never were on this machine.
pub(super) async fn verify(cx: &Cx, progress: &Progress) -> Result<Report> {
    let seen = sqlx::query!("select size, root, note from audit_checkpoint order by size")
        .fetch_all(&cx.db)
        .await?;
    let mut refused = Vec::new();
    let mut checkpoints = Vec::new();
    for row in seen {
        let origin = row.note.lines().next().unwrap_or_default().to_owned();
        match (u64::try_from(row.size), row.root.try_into()) {
            (Ok(size), Ok(root)) => checkpoints.push(Checkpoint { origin, size, root }),
            _ => refused.push(row.size),
        }
    }
    let mut db = cx.audit_db.acquire().await?;
    let mut report = verify_database(&mut db, checkpoints, Some(&cx.keys), progress).await?;
    for size in refused {
        report.find(Some(size), false, "a checkpoint seen cannot be read");
    }
    Ok(report)
}

/// Verifies a chain in its database, whoever asks: `groundcrew audit verify` has no actor.
///
/// One snapshot, pages of events: memory stays the same at any size, and other requests get the
/// processor between pages.
pub async fn verify_database(
    db: &mut PgConnection,
    checkpoints: Vec<Checkpoint>,
    keys: Option<&Keyring>,
    progress: &Progress,
) -> Result<Report> {
    use sqlx::Connection as _;
    let mut tx = db
        .begin_with("begin isolation level repeatable read, read only")
        .await?;
    sqlx::query("set local statement_timeout = 0")
        .execute(&mut *tx)
        .await?;
    let head = sqlx::query!("select id, seq, hash from audit.chain")
        .fetch_optional(&mut *tx)
        .await?;
    let Some(head) = head else {
        let mut report = Report::default();
        report.find(None, true, "the head row is gone");
        return Ok(report);
    };
    progress.events.store(head.seq, Ordering::Relaxed);
    let mut verifier = Verifier::new(Known {
        chain: head.id,
        first: 1,
        previous: None,
        checkpoints,
        keys,
        notes: true,
    });
    let twice = sqlx::query_scalar!(
        r#"select max(seq) as "seq!" from audit.event group by canonical::jsonb ->> 'id'
           having count(*) > 1 order by 1 limit 1"#
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(seq) = twice {
        verifier.find(Some(seq), "the id was used before");
    }
    let mut after = i64::MIN;
    loop {
        let rows = page(&mut tx, after).await?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        for row in &rows {
            verifier.push(row);
        }
        progress.done.store(after, Ordering::Relaxed);
    }
    Ok(verifier.finish(Some((head.seq, &head.hash))))
}

async fn page(db: &mut PgConnection, after: i64) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"select e.seq, (extract(epoch from e.recorded_at) * 1000000)::bigint as "micros!", e.canonical,
             e.payload::text as payload, e.prev_hash, e.hash, n.body as "note?"
           from audit.event e left join audit.note n using (seq) where e.seq > $1 order by e.seq limit 500"#,
        after
    )
    .fetch_all(db)
    .await?)
}

/// The chain's id.
pub async fn chain_id(db: &mut PgConnection) -> Result<Uuid> {
    sqlx::query_scalar!("select id from audit.chain")
        .fetch_optional(db)
        .await?
        .ok_or(Error::NotFound)
}

/// How many events the chain has.
pub async fn size(db: &mut PgConnection) -> Result<i64> {
    Ok(sqlx::query_scalar!("select seq from audit.chain")
        .fetch_one(db)
        .await?)
}
