//! The whole log as a file.

use std::io;

use sqlx::PgPool;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::of::LogOf;
use crate::{Cx, error::Result, logs::bytes, policy::Action};

/// Chunks read at once.
const BATCH: i64 = 16;

/// A log about to be taken away.
pub struct Whole {
    /// Number of its job.
    pub job: i64,
    /// Name of its step.
    pub step: String,
    /// Which try it was.
    pub attempt: i32,
    /// Its bytes as members of one gzip file, in order; an error ends it early.
    pub pieces: mpsc::Receiver<Result<Piece>>,
}

/// One member of the gzip file.
pub struct Piece {
    /// As it is stored.
    pub packed: Vec<u8>,
    /// Size unpacked.
    pub size: usize,
}

impl Piece {
    /// Its bytes.
    pub fn unpack(&self) -> io::Result<Vec<u8>> {
        bytes::unpack(&self.packed, self.size)
    }
}

/// The whole log as it is now, read while it is sent.
pub async fn whole(cx: &Cx, attempt: Uuid) -> Result<Whole> {
    let (_, log) = cx.may_on::<LogOf>(Action::LogView, attempt).await?;
    let db = cx.db.clone();
    let (send, pieces) = mpsc::channel(usize::try_from(BATCH).unwrap_or_default());
    tokio::spawn(async move {
        if let Err(error) = read(&db, attempt, &send).await {
            // Whoever reads may be gone: nobody is left to tell.
            let _ = send.send(Err(error)).await;
        }
    });
    Ok(Whole {
        job: log.job,
        step: log.step,
        attempt: log.number,
        pieces,
    })
}

/// Chunks are never changed, so each batch may be read on its own: a slow reader holds no connection.
async fn read(db: &PgPool, attempt: Uuid, send: &mpsc::Sender<Result<Piece>>) -> Result<()> {
    let mut next = 0;
    loop {
        let rows = sqlx::query!(
            "select seq, raw_bytes, body from log_chunk
             where attempt_id = $1 and seq >= $2
               and day = (select claimed_at::date from attempt where id = $1)
             order by seq limit $3",
            attempt,
            next,
            BATCH
        )
        .fetch_all(db)
        .await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        next = last.seq + 1;
        for row in rows {
            let piece = Piece {
                packed: row.body,
                size: usize::try_from(row.raw_bytes).unwrap_or_default(),
            };
            if send.send(Ok(piece)).await.is_err() {
                return Ok(());
            }
        }
    }
}
