//! Bringing the schema to where this binary expects it, and saying how it stands.

use sqlx::{
    Connection as _, PgConnection, PgPool,
    migrate::{Migrate as _, MigrateError, Migrator},
};

use super::{Login, MIGRATOR, OLDEST_POSTGRES, Problem, ops};

/// How a database's schema stands to this binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Newest migration applied; 0 when none.
    pub version: i64,
    /// Migrations of this binary that are not applied yet.
    pub pending: usize,
}

/// Applies what is missing, as the owner. Answers how many migrations ran.
///
/// Several servers may do this at once: PostgreSQL lets one at a time through.
pub async fn migrate(owner: &Login) -> Result<usize, Problem> {
    migrate_with(&MIGRATOR, owner).await
}

pub(super) async fn migrate_with(migrator: &Migrator, owner: &Login) -> Result<usize, Problem> {
    let mut connection = owner.connect().await?;
    usable(&mut connection).await?;
    let before = compare(migrator, &mut connection).await?;
    if before.pending == 0 {
        connection.close().await?;
        return Ok(0);
    }
    let done = migrator.run_direct(None, &mut connection, false).await;
    // The advisory lock of a failed run ends with the connection, so it is always closed.
    let closed = connection.close().await;
    done.map_err(|error| explain(migrator, error))?;
    closed?;
    Ok(before.pending)
}

/// How the schema stands; changes nothing.
pub async fn standing(login: &Login) -> Result<Standing, Problem> {
    let mut connection = login.connect().await?;
    usable(&mut connection).await?;
    compare(&MIGRATOR, &mut connection).await
}

/// How the schema stands, asked on a pool that serves: for health.
pub async fn standing_of(pool: &PgPool) -> Result<Standing, Problem> {
    compare(&MIGRATOR, &mut *pool.acquire().await?).await
}

/// Refuses servers and databases that cannot hold the schema at all.
async fn usable(connection: &mut PgConnection) -> Result<(), Problem> {
    let (version, encoding) = ops::server(connection).await?;
    if version < OLDEST_POSTGRES {
        return Err(Problem::TooOld { found: version });
    }
    if encoding != "UTF8" {
        return Err(Problem::Encoding(encoding));
    }
    Ok(())
}

/// Compares what was applied with what this binary has, before anything is changed.
async fn compare(migrator: &Migrator, connection: &mut PgConnection) -> Result<Standing, Problem> {
    if !ops::has_migrations(connection).await? {
        return Ok(Standing {
            version: 0,
            pending: migrator.iter().count(),
        });
    }
    let applied = connection
        .list_applied_migrations("public._sqlx_migrations")
        .await
        .map_err(|error| explain(migrator, error))?;
    for have in &applied {
        match migrator.iter().find(|m| m.version == have.version) {
            None => return Err(newer(migrator, have.version)),
            Some(m) if m.checksum != have.checksum => return Err(Problem::Changed(m.version)),
            Some(_) => {}
        }
    }
    let is_applied = |version| applied.iter().any(|have| have.version == version);
    Ok(Standing {
        version: applied.iter().map(|have| have.version).max().unwrap_or(0),
        pending: migrator.iter().filter(|m| !is_applied(m.version)).count(),
    })
}

fn newer(migrator: &Migrator, found: i64) -> Problem {
    Problem::Newer {
        found,
        known: migrator.iter().map(|m| m.version).max().unwrap_or(0),
    }
}

fn explain(migrator: &Migrator, error: MigrateError) -> Problem {
    match error {
        MigrateError::Execute(source) => source.into(),
        MigrateError::ExecuteMigration(source, version) => Problem::Migration { version, source },
        MigrateError::VersionMissing(found) => newer(migrator, found),
        MigrateError::VersionMismatch(version) => Problem::Changed(version),
        other => Problem::Statement(sqlx::Error::Migrate(Box::new(other))),
    }
}
