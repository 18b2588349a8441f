//! Whose token it is.

use std::collections::BTreeMap;

use sqlx::PgPool;

use crate::{
    error::{Error, Result},
    jobs::{
        Class, Operation,
        actor::{AttemptActor, WorkerActor},
    },
    people::Actor,
    secrets::sha256,
};

/// How the token of a worker begins.
pub const WORKER: &str = "gcw_";
/// How the token of an attempt begins.
pub const ATTEMPT: &str = "gca_";

/// Characters of 256 bits in base64url.
const RANDOM: usize = 43;

/// Who brings this token. `None`: nobody does, it expired, or it was ended.
///
/// The table holds SHA-256 of tokens and is asked by index: how long it takes says nothing of a
/// token. An attempt is found whether or not it is over; each operation asks that itself.
pub async fn find_by_token(db: &PgPool, token: &str) -> Result<Option<Actor>> {
    let shaped = token.len() == 4 + RANDOM && token.is_ascii();
    match token.get(..4) {
        Some(WORKER) if shaped => worker(db, &sha256(token.as_bytes())).await,
        Some(ATTEMPT) if shaped => attempt(db, &sha256(token.as_bytes())).await,
        _ => Ok(None),
    }
}

async fn worker(db: &PgPool, hash: &[u8]) -> Result<Option<Actor>> {
    let row = sqlx::query!(
        r#"select id, name, pool, labels from worker
           where token_hash = $1 and revoked_at is null and expires_at > now()"#,
        hash
    )
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let labels: BTreeMap<String, String> = serde_json::from_value(row.labels).unwrap_or_default();
    Ok(Some(Actor::Worker(Box::new(WorkerActor {
        id: row.id,
        name: row.name,
        pool: row.pool,
        labels,
    }))))
}

async fn attempt(db: &PgPool, hash: &[u8]) -> Result<Option<Actor>> {
    let row = sqlx::query!(
        r#"select a.id, a.step_id, s.job_id, a.worker_id, s.stack_id, a.epoch, s.operation, s.class
           from attempt a join step s on s.id = a.step_id join worker w on w.id = a.worker_id
           where a.token_hash = $1 and w.revoked_at is null"#,
        hash
    )
    .fetch_optional(db)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let unknown = |word: &str| {
        tracing::error!(word, "the table holds a word this binary does not know");
        Error::Internal
    };
    Ok(Some(Actor::Attempt(Box::new(AttemptActor {
        id: row.id,
        step: row.step_id,
        job: row.job_id,
        worker: row.worker_id,
        stack: row.stack_id,
        epoch: row.epoch,
        operation: Operation::parse(&row.operation).ok_or_else(|| unknown(&row.operation))?,
        class: Class::parse(&row.class).ok_or_else(|| unknown(&row.class))?,
    }))))
}
