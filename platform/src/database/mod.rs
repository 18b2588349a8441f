//! The ground: how the portal connects, which schema it expects, and what its log-ins may do.
//!
//! Three log-ins, three jobs: the application's (role `groundcrew_app`) serves, the audit reader's
//! (role `audit_reader`) reads the chain, the owner's migrates. [`check`] refuses a database that
//! the application could use to rewrite its own history.

mod login;
mod migrate;
mod ops;
mod privileges;
#[cfg(test)]
mod tests;

pub use login::{Login, pool};
pub use migrate::{Standing, migrate, standing, standing_of};
pub use privileges::check;

/// Oldest PostgreSQL this schema runs on.
pub const OLDEST_POSTGRES: u32 = 15;

/// Migrations of this binary.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");

/// Why the database cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// It does not answer: worth another try.
    #[error("the database does not answer: {0}")]
    Unreachable(#[source] sqlx::Error),
    /// It answers, and refuses the log-in itself.
    #[error("the database refuses the log-in: {0}")]
    Refused(#[source] sqlx::Error),
    /// Server too old.
    #[error("PostgreSQL {found} is too old: Groundcrew needs {OLDEST_POSTGRES} or later")]
    TooOld {
        /// Its major version.
        found: u32,
    },
    /// Hashes and canonical bytes are UTF-8.
    #[error(
        "the database's encoding is {0}, and the audit chain needs UTF8. Make a new database: \
         create database groundcrew encoding 'UTF8' template template0"
    )]
    Encoding(String),
    /// A newer binary migrated this database.
    #[error(
        "migration {found} of the database is newer than this binary, which knows up to {known}. \
         Run the binary that made it, or a later one; nothing was changed"
    )]
    Newer {
        /// Newest version the database has.
        found: i64,
        /// Newest version this binary has.
        known: i64,
    },
    /// A migration was edited after it ran here.
    #[error(
        "migration {0} is not the one that was applied to this database: its text has changed \
         since. Nothing was changed"
    )]
    Changed(i64),
    /// Migrations are missing, and nobody gave the owner's log-in.
    #[error(
        "the database lacks {pending} of this binary's migrations. Run `groundcrew migrate` with \
         MIGRATE_DATABASE_URL, or set it for `serve` too"
    )]
    Behind {
        /// How many.
        pending: usize,
    },
    /// A migration failed; its transaction was rolled back.
    #[error("migration {version} failed and was rolled back: {source}")]
    Migration {
        /// Which.
        version: i64,
        /// What PostgreSQL said.
        source: sqlx::Error,
    },
    /// A log-in may do what it must not, or may not do what it must.
    #[error("the database's log-ins are not as they must be:\n{}", .0.join("\n"))]
    Privileges(Vec<String>),
    /// Anything else PostgreSQL said.
    #[error("the database refused a statement: {0}")]
    Statement(#[source] sqlx::Error),
}

/// Makes the portal's database in an embedded cluster; `superuser` is connected to another one.
pub async fn create_database(superuser: &Login) -> Result<(), Problem> {
    Ok(ops::create_database(&mut superuser.connect().await?).await?)
}

/// Makes the log-ins of an embedded cluster, after its migrations made the roles.
pub async fn create_logins(superuser: &Login) -> Result<(), Problem> {
    Ok(ops::create_logins(&mut superuser.connect().await?).await?)
}

impl Problem {
    /// Whether the same may work in a moment, without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable(_))
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        match (&error, code.as_deref()) {
            // Log-in, password, database: 28…, 3D000, and "permission denied for database".
            (_, Some(code)) if code.starts_with("28") || code == "3D000" => Self::Refused(error),
            // Going down, starting, too many connections, connection lost.
            (_, Some(code))
                if code.starts_with("57P") || code.starts_with("08") || code == "53300" =>
            {
                Self::Unreachable(error)
            }
            (
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::Protocol(_),
                _,
            ) => Self::Unreachable(error),
            (sqlx::Error::Tls(_) | sqlx::Error::Configuration(_), _) => Self::Refused(error),
            _ => Self::Statement(error),
        }
    }
}
