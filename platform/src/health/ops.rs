//! Asking.

use std::time::Duration;

use sqlx::PgPool;

use super::Health;
use crate::database::{self, Problem};

/// How long the database may take to answer before it counts as failing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks each part. Public: there is no actor, and the answer names no cause.
pub async fn probe(db: &PgPool) -> Health {
    let standing = match tokio::time::timeout(PATIENCE, database::standing_of(db)).await {
        Ok(standing) => standing,
        Err(_) => Err(Problem::Unreachable(sqlx::Error::PoolTimedOut)),
    };
    if let Err(error) = &standing {
        tracing::warn!(%error, "not ready");
    }
    Health {
        database: !matches!(standing, Err(Problem::Unreachable(_) | Problem::Refused(_))),
        migrations: standing.is_ok_and(|standing| standing.pending == 0),
    }
}
