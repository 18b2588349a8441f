//! The embedded PostgreSQL: a private cluster in the data folder, for whoever has no database yet.
//!
//! It listens on a Unix socket in a folder of its own and lets in two system users, the portal's
//! and the one the server runs as; everybody else is refused by the folder and by `peer`. The
//! portal's parts log in under different names, so what holds of a company's database holds here.
//!
//! This is the one module outside `runner` that starts processes: the database must run before
//! there is a queue a runner could take work from.

mod cluster;
mod find;
mod owner;
mod process;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use platform::database::{self, Login};
use sqlx::postgres::PgConnectOptions;

use crate::database::Logins;

pub use find::{Installation, Places};

/// Why there is no embedded PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No installation, or none that is new enough.
    #[error(
        "no PostgreSQL {oldest} or later was found{}.\n\
         Install one (Debian: apt-get install postgresql; macOS: brew install postgresql@17), name \
         its folder by GROUNDCREW_POSTGRES_BIN, or set DATABASE_URL to a database you have",
        were_found(.found),
        oldest = database::OLDEST_POSTGRES
    )]
    NoInstallation {
        /// What was found and is too old or incomplete.
        found: Vec<String>,
    },
    /// The cluster was made by another major version.
    #[error(
        "the cluster in {folder} was made by PostgreSQL {cluster}, and only {have} was found. \
         Install PostgreSQL {cluster}, or bring the cluster up to date with pg_upgrade"
    )]
    OtherVersion {
        /// Where the cluster is.
        folder: PathBuf,
        /// Major version that made it.
        cluster: String,
        /// Major versions found.
        have: String,
    },
    /// A folder or file is not as it must be.
    #[error("{path}: {why}")]
    Folder {
        /// Which.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed ({status}). Its last words:\n{output}")]
    Program {
        /// Which.
        program: &'static str,
        /// How it ended.
        status: String,
        /// The end of its output.
        output: String,
    },
    /// It runs, and cannot be used.
    #[error(transparent)]
    Database(#[from] database::Problem),
}

impl Refusal {
    fn folder(path: &Path, why: impl ToString) -> Self {
        Self::Folder {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }
}

fn were_found(installations: &[String]) -> String {
    if installations.is_empty() {
        String::new()
    } else {
        format!(" (found: {})", installations.join("; "))
    }
}

/// A cluster that can be started.
#[derive(Debug)]
pub struct Embedded {
    cluster: cluster::Cluster,
}

/// A cluster that runs until it is stopped or the portal dies.
#[derive(Debug)]
pub struct Running {
    keeper: process::Keeper,
    /// Log-ins of the portal's parts.
    pub logins: Logins,
    /// Migrations applied at this start.
    pub applied: usize,
}

impl Embedded {
    /// Finds PostgreSQL and makes or takes over the cluster's folder; starts nothing yet.
    pub fn prepare(data: &Path, named: Option<&Path>) -> Result<Self, Refusal> {
        let installations = Places::of_this_machine(named).search();
        Ok(Self {
            cluster: cluster::Cluster::prepare(data, installations)?,
        })
    }

    /// Log-ins of the portal's parts; usable once the cluster runs.
    pub fn logins(&self) -> Logins {
        logins(self.cluster.socket_folder())
    }

    /// Log-ins of the cluster that runs in this data folder, for a command beside the portal; none
    /// where none runs.
    pub fn logins_of_running(data: &Path) -> Result<Option<Logins>, Refusal> {
        Ok(cluster::running(data)?.map(|socket| logins(&socket)))
    }

    /// The log-in that may erase notes, of the cluster that runs in this data folder.
    pub fn eraser_of_running(data: &Path) -> Result<Option<Login>, Refusal> {
        let socket = cluster::running(data)?;
        Ok(socket.map(|socket| login(&socket, "groundcrew_audit_eraser", "groundcrew")))
    }

    /// Starts it, waits for it, and makes database, schema and log-ins. The superuser is used for
    /// this and for nothing else.
    pub async fn start(self) -> Result<Running, Refusal> {
        let maintenance = self.login(cluster::SUPERUSER, "postgres");
        let logins = self.logins();
        let keeper = process::Keeper::start(&self.cluster, &maintenance).await?;
        let mut running = Running {
            keeper,
            logins,
            applied: 0,
        };
        match running.furnish(&maintenance).await {
            Ok(applied) => running.applied = applied,
            Err(problem) => {
                running.stop().await;
                return Err(problem.into());
            }
        }
        Ok(running)
    }

    fn login(&self, user: &str, name: &str) -> Login {
        login(self.cluster.socket_folder(), user, name)
    }
}

fn logins(socket: &Path) -> Logins {
    let login = |user| login(socket, user, "groundcrew");
    Logins {
        application: login("groundcrew_portal"),
        reader: login("groundcrew_audit_reader"),
        owner: Some(login(cluster::SUPERUSER)),
        shared: false,
    }
}

fn login(socket: &Path, user: &str, name: &str) -> Login {
    Login::new(
        PgConnectOptions::new_without_pgpass()
            .socket(socket)
            .port(cluster::PORT)
            .username(user)
            .database(name),
    )
}

impl Running {
    async fn furnish(&self, maintenance: &Login) -> Result<usize, database::Problem> {
        database::create_database(maintenance).await?;
        let applied = match &self.logins.owner {
            Some(owner) => database::migrate(owner).await?,
            None => 0,
        };
        database::create_logins(maintenance).await?;
        Ok(applied)
    }

    /// Stops it: open transactions are rolled back, everything committed is on disk.
    pub async fn stop(self) {
        self.keeper.stop().await;
    }
}
