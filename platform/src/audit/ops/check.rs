//! Checking the chain in its database.

use sqlx::PgConnection;
use uuid::Uuid;

use super::append;
use crate::{
    Cx,
    audit::{
        checkpoint::Checkpoint,
        event::{Event, Kind, Outcome},
        report::Report,
        verify::{Known, Row, Verifier},
    },
    error::{Error, Result},
    policy::Action,
    secrets::Keyring,
};

/// Verifies the whole chain against the checkpoints the portal has seen, and records the outcome.
///
/// This is the portal's own word. Proof from outside is `groundcrew audit verify` with checkpoints
/// and a key that never were on this machine.
pub async fn verify(cx: &Cx) -> Result<Report> {
    cx.may(Action::AuditVerify).await?;
    let begun = std::time::Instant::now();
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
    let mut report = verify_database(&mut db, checkpoints, Some(&cx.keys)).await?;
    for size in refused {
        report.find(Some(size), false, "a checkpoint seen cannot be read");
    }
    let outcome = if report.sound() {
        Outcome::Success
    } else {
        Outcome::Failure
    };
    let mut event = Event::new(cx, Kind::AuditVerified, outcome)
        .on("chain", report.chain)
        .with("upto", report.last)
        .with("checkpoints", report.checkpoints)
        .with("covered", report.covered)
        .with("took_ms", begun.elapsed().as_millis());
    if let Some(bad) = report.first_bad() {
        tracing::error!(seq = bad.seq, why = bad.why, "the audit chain is not sound");
        event = event
            .with("first_bad", bad.seq.unwrap_or_default())
            .noting("why", &bad.why);
    }
    let mut tx = cx.begin().await?;
    append(cx, &mut tx, &event).await?;
    tx.commit().await?;
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

/// Whether the last verification is more than a day ago, or there was none.
pub async fn verification_due(cx: &Cx) -> Result<bool> {
    cx.may(Action::AuditVerify).await?;
    Ok(sqlx::query_scalar!(
        r#"select coalesce(max(recorded_at), '-infinity') < now() - interval '24 hours' as "due!"
           from audit.event where payload ->> 'action' = $1"#,
        Kind::AuditVerified.name()
    )
    .fetch_one(&cx.audit_db)
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
