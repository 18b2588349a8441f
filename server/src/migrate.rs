//! `groundcrew migrate`: brings the database to what this binary expects.

use anyhow::Context as _;
use platform::database::{self, Login};

use crate::{cli, data::DataFolder, database::Logins, embedded_postgres::Embedded};

/// Migrates and says what was done. Without a database URL, the embedded PostgreSQL is started for
/// it and stopped again.
pub async fn run(settings: cli::Migrate) -> anyhow::Result<()> {
    if let Some(owner) = Logins::to_migrate(&settings.database) {
        return migrate(&owner).await;
    }
    let _held = DataFolder::take(&settings.data)?;
    let running = Embedded::prepare(&settings.data, settings.database.postgres_bin.as_deref())?
        .start()
        .await?;
    let done = match &running.logins.owner {
        Some(owner) => migrate(owner).await,
        None => Ok(()),
    };
    running.stop().await;
    done
}

async fn migrate(owner: &Login) -> anyhow::Result<()> {
    let applied = database::migrate(owner)
        .await
        .with_context(|| format!("migrating as {}", owner.place()))?;
    let standing = database::standing(owner).await?;
    println!(
        "{applied} migrations applied as {}; the database is at version {}.",
        owner.place(),
        standing.version
    );
    Ok(())
}
