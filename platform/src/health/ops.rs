//! Asking.

use std::time::Duration;

use sqlx::{Connection as _, PgPool};

use super::Health;

/// How long the database may take to answer before it counts as failing.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks each part. Public: there is no actor, and the answer names no cause.
pub async fn probe(db: &PgPool) -> Health {
    let ping = async { db.acquire().await?.ping().await };
    let database = matches!(tokio::time::timeout(PATIENCE, ping).await, Ok(Ok(())));
    Health {
        database,
        migrations: database,
    }
}
