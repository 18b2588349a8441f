//! `groundcrew migrate`: brings the database to what this binary expects.

use anyhow::Context as _;
use platform::database::{self, Login};

use crate::{cli, data::DataFolder, database::Logins, embedded_postgres::Embedded};

/// Migrates and says what was done. Without a database URL, the embedded PostgreSQL is started,
/// which brings it up to date, and stopped again.
pub async fn run(settings: cli::Migrate) -> anyhow::Result<()> {
    if let Some(owner) = Logins::to_migrate(&settings.database) {
        let applied = database::migrate(&owner)
            .await
            .with_context(|| format!("migrating as {}", owner.place()))?;
        return say(applied, &owner).await;
    }
    let _held = DataFolder::take(&settings.data)?;
    let running = Embedded::prepare(&settings.data, settings.database.postgres_bin.as_deref())?
        .start()
        .await?;
    let said = say(running.applied, &running.logins.application).await;
    running.stop().await;
    said
}

async fn say(applied: usize, login: &Login) -> anyhow::Result<()> {
    let version = database::standing(login).await?.version;
    println!(
        "{applied} migrations applied; the database of {} is at version {version}.",
        login.place()
    );
    Ok(())
}
