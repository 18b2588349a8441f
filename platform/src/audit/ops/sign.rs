//! What a signer needs of the chain, and what the portal remembers of its checkpoints.

use sqlx::PgConnection;
use uuid::Uuid;

use super::append;
use crate::{
    Cx,
    audit::{
        chain::{self, Hash},
        checkpoint::Checkpoint,
        event::{Event, Kind, Outcome},
        merkle::Frontier,
    },
    error::{Error, Result},
    policy::Action,
};

/// Why nothing is signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The chain is shorter than what was signed.
    #[error("the chain ends at {now}, {signed} events were signed before")]
    Smaller {
        /// Events now.
        now: u64,
        /// Events signed.
        signed: u64,
    },
    /// The events signed before are not those that are there.
    #[error("the first {signed} events are not those that were signed before")]
    Inconsistent {
        /// Events signed.
        signed: u64,
    },
    /// Numbers are missing, or the head is not the last event.
    #[error("event {0} is missing or does not end the chain as the head says")]
    Broken(i64),
    /// The last checkpoint is of another chain.
    #[error("this is chain {0}, another one was signed before")]
    OtherChain(Uuid),
}

/// The tree as it stands, for the signer: refused where it is not consistent with the last one.
/// Reads every hash, so that nothing signed before can have changed.
pub async fn stands(
    db: &mut PgConnection,
    origin: &str,
    last: Option<&Checkpoint>,
) -> Result<Result<Checkpoint, Refusal>> {
    let head = sqlx::query!("select id, seq, hash from audit.chain")
        .fetch_one(&mut *db)
        .await?;
    let signed = last.map_or(0, |last| last.size);
    if last.is_some_and(|last| last.chain() != Some(head.id)) {
        return Ok(Err(Refusal::OtherChain(head.id)));
    }
    let mut tree = Frontier::default();
    let mut newest: Vec<u8> = chain::genesis(head.id).to_vec();
    let mut at = 0;
    'chain: loop {
        let page = hashes(db, at).await?;
        if page.is_empty() {
            break;
        }
        for (seq, hash) in page {
            if seq > head.seq {
                break 'chain; // appended meanwhile
            }
            if seq != at + 1 {
                return Ok(Err(Refusal::Broken(at + 1)));
            }
            at = seq;
            newest = hash.to_vec();
            tree.push(&hash);
            if last.is_some_and(|last| last.size == tree.size() && last.root != tree.root()) {
                return Ok(Err(Refusal::Inconsistent { signed }));
            }
        }
    }
    if tree.size() < signed {
        return Ok(Err(Refusal::Smaller {
            now: tree.size(),
            signed,
        }));
    }
    if at != head.seq || newest != head.hash {
        return Ok(Err(Refusal::Broken(head.seq)));
    }
    Ok(Ok(Checkpoint {
        origin: origin.to_owned(),
        size: tree.size(),
        root: tree.root(),
    }))
}

/// Remembers a published checkpoint whose signature was checked, or confirms that it is still the
/// newest; `local` where it was signed on this server. A root that contradicts one seen before is an event and an alarm.
pub async fn see_checkpoint(
    cx: &Cx,
    checkpoint: &Checkpoint,
    note: &str,
    local: bool,
) -> Result<()> {
    cx.may(Action::AuditVerify).await?;
    let size = i64::try_from(checkpoint.size).map_err(|_| Error::Internal)?;
    let mut tx = cx.begin().await?;
    let held = sqlx::query_scalar!(
        r#"insert into audit_checkpoint (size, root, note, local) values ($1, $2, $3, $4)
           on conflict (size) do update set seen_at = now()
           returning root = $2 as "held!""#,
        size,
        &checkpoint.root[..],
        note,
        local
    )
    .fetch_one(&mut *tx)
    .await?;
    if !held {
        tracing::error!(size, "two checkpoints of one size contradict each other");
        let event = Event::new(cx, Kind::CheckpointRefused, Outcome::Failure)
            .on("checkpoint", size)
            .with("reason", "contradiction");
        append(cx, &mut tx, &event).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// A page of places and hashes after a place.
pub(super) async fn hashes(db: &mut PgConnection, after: i64) -> Result<Vec<(i64, Hash)>> {
    let rows = sqlx::query!(
        "select seq, hash from audit.event where seq > $1 order by seq limit 5000",
        after
    )
    .fetch_all(db)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.seq, row.hash.try_into().unwrap_or_default()))
        .collect())
}
