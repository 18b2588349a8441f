//! The portal's database and keys, as `serve` and `migrate` find them.

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use platform::{
    Cx,
    database::{self, Login},
    people::Actor,
    secrets::Keyring,
};

use crate::{
    config::{DatabaseSettings, Mistake},
    database::Logins,
    embedded_postgres::Embedded,
};

/// Connections of a command's pool.
const CONNECTIONS: u32 = 4;

/// Which portal: the same settings as those of `serve`.
#[derive(Clone, Debug, clap::Args)]
pub struct PortalDatabase {
    /// Folder of the embedded database and of the keys.
    #[arg(
        long,
        env = "GROUNDCREW_DATA",
        value_name = "FOLDER",
        default_value = "data"
    )]
    pub data: PathBuf,
    /// File of key-encryption keys; `keys` in the data folder when left out.
    #[arg(long, env = "GROUNDCREW_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Which database, as whom.
    #[command(flatten)]
    pub database: DatabaseSettings,
}

impl PortalDatabase {
    /// Reads the URLs that stand in files into their places.
    pub fn read_files(&mut self) -> Vec<Mistake> {
        self.database.read_files()
    }

    /// Where the key-encryption keys are.
    pub fn keys(&self) -> PathBuf {
        self.key_file
            .clone()
            .unwrap_or_else(|| self.data.join("keys"))
    }

    /// Who logs in: by the settings, or to the embedded database of a portal that runs.
    pub fn logins(&self) -> anyhow::Result<Logins> {
        if let Some(logins) = Logins::from_settings(&self.database, true) {
            return Ok(logins);
        }
        Embedded::logins_of_running(&self.data)?.with_context(|| {
            format!(
                "no portal runs in {}. Start it (groundcrew serve), or name its folder by --data \
                 (GROUNDCREW_DATA) or its database by DATABASE_URL",
                self.data.display()
            )
        })
    }

    /// Who may exchange notes: known for the embedded database, and where one log-in does all.
    pub fn eraser(&self) -> anyhow::Result<Option<Login>> {
        if self.database.database_url.is_none() {
            return Ok(Embedded::eraser_of_running(&self.data)?);
        }
        let alone = self.database.audit_database_url.is_none()
            && self.database.migrate_database_url.is_none();
        let url = self.database.database_url.as_ref().filter(|_| alone);
        Ok(url.map(|url| url.login().as_role("audit_eraser")))
    }

    /// A context of the portal itself, for this part of it.
    pub async fn cx(&self, part: &'static str) -> anyhow::Result<Cx> {
        let keys = Keyring::read(&self.keys())?;
        let logins = self.logins()?;
        let problem = |problem: database::Problem| anyhow::anyhow!("{problem}");
        let standing = database::standing(&logins.application)
            .await
            .map_err(problem)?;
        if standing.pending > 0 {
            anyhow::bail!(
                "the database lacks {} of this binary's migrations: run groundcrew migrate",
                standing.pending
            );
        }
        Ok(Cx::new(
            database::pool(&logins.application, CONNECTIONS),
            database::pool(&logins.reader, 1),
            Arc::new(keys),
            Actor::System(part),
        ))
    }
}
