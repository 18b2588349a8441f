//! A PostgreSQL cluster of our own, with real durability, that can be killed and started again.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use nix::unistd::{Gid, Uid, User, chown};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::process::{Child, Command};

use crate::signals;

/// What the portal logs in as, and what it does with each.
const ROLES: &str = "
    create role groundcrew_portal login password 'not-a-secret-portal';
    create role groundcrew_reader login password 'not-a-secret-reader';
    create role groundcrew_auditor_signer login password 'not-a-secret-signer'";
/// After the migrations have made the roles behind them.
const GRANTS: &str = "
    grant groundcrew_app to groundcrew_portal;
    grant audit_reader to groundcrew_reader";

/// A cluster.
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<User>,
    /// Where it listens, on the loopback only.
    pub(crate) port: u16,
    postmaster: Option<Child>,
}

impl Cluster {
    /// Makes it below `base` and starts it.
    pub(crate) async fn make(base: &Path, port: u16) -> Result<Self> {
        let programs = programs()?;
        let folder = base.join("postgres");
        fs::create_dir(&folder)?;
        let owner = unprivileged()?;
        if let Some(owner) = &owner {
            chown(&folder, Some(owner.uid), Some(owner.gid))?;
        }
        let mut cluster = Self {
            programs,
            folder,
            owner,
            port,
            postmaster: None,
        };
        let data = cluster.folder.join("data");
        let made = cluster
            .command("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8"])
            .args(["--locale=C.UTF-8", "--data-checksums", "--no-instructions"])
            .stdout(Stdio::null())
            .output()
            .await?;
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        ensure!(made.status.success(), "initdb: {said}");
        cluster.start().await?;
        let mut admin = cluster.connect("postgres").await?;
        admin.execute(ROLES).await?;
        admin.execute("create database groundcrew").await?;
        Ok(cluster)
    }

    /// Starts it and waits until it answers. fsync is on: the defaults, and what the embedded
    /// cluster sets.
    pub(crate) async fn start(&mut self) -> Result<()> {
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.folder.with_file_name("postgres.log"))?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.folder.join("data"));
        let settings = [
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", self.port),
            format!("unix_socket_directories={}", self.folder.display()),
            "max_connections=120".to_owned(),
            "logging_collector=off".to_owned(),
            "timezone=UTC".to_owned(),
        ];
        for setting in settings {
            command.arg("-c").arg(setting);
        }
        let child = command
            .process_group(0)
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        self.postmaster = Some(child);
        for _ in 0..300 {
            if let Ok(connection) = self.connect("postgres").await {
                connection.close().await?;
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            // A killed postmaster's children take a moment to notice; the new one then gives up.
            let child = self.postmaster.as_mut().context("just started")?;
            if child.try_wait()?.is_some() {
                return Box::pin(self.start()).await;
            }
        }
        bail!("PostgreSQL does not answer; see postgres.log")
    }

    /// `kill -9` of the postmaster: as if the machine's memory had gone.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.postmaster.take() {
            child.start_kill()?;
            child.wait().await?;
        }
        Ok(())
    }

    /// Ends it.
    pub(crate) async fn stop(&mut self) {
        if let Some(mut child) = self.postmaster.take() {
            signals::quit(child.id());
            let _ = tokio::time::timeout(Duration::from_secs(10), child.wait()).await;
            let _ = child.start_kill();
        }
    }

    /// Gives the log-ins their rights; after the migrations.
    pub(crate) async fn grant(&self) -> Result<()> {
        let mut admin = self.connect("groundcrew").await?;
        admin.execute(GRANTS).await?;
        Ok(())
    }

    /// A program of PostgreSQL's, for measurements.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// Address of a database for a log-in, by way of `port`.
    pub(crate) fn url(login: &str, port: u16, database: &str) -> String {
        format!("postgres://{login}:not-a-secret-{login}@127.0.0.1:{port}/{database}")
    }

    /// As the superuser.
    async fn connect(&self, database: &str) -> Result<PgConnection> {
        let url = Self::url("postgres", self.port, database);
        Ok(PgConnection::connect(&url).await?)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        if let Some(owner) = &self.owner {
            command.uid(owner.uid.as_raw()).gid(owner.gid.as_raw());
        }
        command
            .current_dir(&self.folder)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }
}

/// PostgreSQL refuses to run as root, so root lends it another user.
fn unprivileged() -> Result<Option<User>> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some(user));
        }
    }
    let (uid, gid) = (Uid::from_raw(65534), Gid::from_raw(65534));
    Ok(Some(User {
        uid,
        gid,
        ..User::from_uid(Uid::effective())?.context("root")?
    }))
}

/// The newest PostgreSQL of this machine.
fn programs() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("GROUNDCREW_POSTGRES_BIN") {
        return Ok(named.into());
    }
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for version in fs::read_dir("/usr/lib/postgresql").into_iter().flatten() {
        let path = version?.path();
        let number = path.file_name().and_then(|name| name.to_str());
        if let Some(number) = number.and_then(|name| name.parse().ok()) {
            found.push((number, path.join("bin")));
        }
    }
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    for folder in std::env::split_paths(&on_path) {
        if folder.join("initdb").is_file() && folder.join("postgres").is_file() {
            found.push((0, folder));
        }
    }
    let newest = found.into_iter().max();
    Ok(newest.context("no PostgreSQL was found")?.1)
}
