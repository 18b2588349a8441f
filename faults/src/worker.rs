//! A worker of ours: its process, its folder, its way to the servers.

use std::{
    collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::PathBuf, time::Duration,
};

use anyhow::{Context as _, Result, bail};
use platform::workers;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{programs::Program, proxy::Proxy, signals, world::World};

/// One worker.
pub(crate) struct Worker {
    /// Its name, and the value of its label `w`.
    pub(crate) name: String,
    /// Its process.
    pub(crate) program: Mutex<Program>,
    /// Between it (and its shims) and the servers.
    pub(crate) way: Proxy,
    /// Its folder.
    pub(crate) data: PathBuf,
}

impl Worker {
    /// Registers it, starts it, and waits for its hello. `environment` is for its process only.
    pub(crate) async fn begin(
        world: &World,
        name: &str,
        port: u16,
        environment: BTreeMap<String, String>,
    ) -> Result<Self> {
        let data = world.base.join("workers").join(name);
        fs::create_dir_all(&data)?;
        Self::begin_in(world, name, port, environment, data).await
    }

    /// The same with a folder made before.
    pub(crate) async fn begin_in(
        world: &World,
        name: &str,
        port: u16,
        environment: BTreeMap<String, String>,
        data: PathBuf,
    ) -> Result<Self> {
        let names = (
            format!("localhost:{port}"),
            format!("localhost:{}", world.plan.ports),
        );
        let way = Proxy::open(port, world.server_ports()).await?;
        way.rename(names);
        let token = workers::ops::add(&world.cx, name, "default", 7).await?;
        let token_file = data.with_extension("token");
        fs::write(&token_file, token)?;
        fs::set_permissions(&token_file, fs::Permissions::from_mode(0o600))?;
        let arguments = [
            "work",
            "--server",
            &format!("http://localhost:{port}"),
            "--token-file",
            &token_file.display().to_string(),
            "--label",
            &format!("w={name}"),
            "--capacity",
            &world.plan.capacity.to_string(),
            "--data",
            &data.display().to_string(),
            "--allow-port",
            &world.ledger.port.to_string(),
        ]
        .map(str::to_owned);
        let mut program = Program::new(name, &world.plan.binary, &world.base, &arguments);
        for (variable, value) in environment {
            program = program.with(&variable, value);
        }
        program.start()?;
        let worker = Self {
            name: name.to_owned(),
            program: Mutex::new(program),
            way,
            data,
        };
        worker.said_hello(world).await?;
        Ok(worker)
    }

    /// `kill -9` of the worker alone: its shims go on.
    pub(crate) async fn kill(&self) -> Result<()> {
        self.program.lock().await.kill().await
    }

    /// Starts it again.
    pub(crate) async fn start(&self) -> Result<()> {
        self.program.lock().await.start()
    }

    /// Attempts whose folders lie here.
    pub(crate) fn attempts(&self) -> Vec<Uuid> {
        let entries = fs::read_dir(self.data.join("attempts"));
        let names = entries.into_iter().flatten().flatten();
        names
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect()
    }

    /// The living shim of an attempt.
    pub(crate) fn shim(&self, attempt: Uuid) -> Option<i32> {
        let file = self.folder(attempt).join("shim.pid");
        let text = fs::read_to_string(file).ok()?;
        let pid = text
            .split(|c: char| !c.is_ascii_digit())
            .find(|part| !part.is_empty())?;
        pid.parse().ok().filter(|pid| signals::lives(*pid))
    }

    /// The processes a shim has started, the nearest first.
    pub(crate) fn tools(&self, attempt: Uuid) -> Vec<i32> {
        self.shim(attempt)
            .map(signals::descendants)
            .unwrap_or_default()
    }

    /// As when the machine's power goes: the worker, its shims and their tools, all at once.
    pub(crate) async fn lose_machine(&self) -> Result<()> {
        let mut all = Vec::new();
        if let Some(pid) = self.program.lock().await.pid() {
            all.push(pid);
        }
        for attempt in self.attempts() {
            all.extend(self.shim(attempt));
            all.extend(self.tools(attempt));
        }
        all.into_iter().for_each(signals::freeze_and_kill);
        self.program.lock().await.kill().await
    }

    /// Folder of an attempt.
    pub(crate) fn folder(&self, attempt: Uuid) -> PathBuf {
        self.data.join("attempts").join(attempt.to_string())
    }

    async fn said_hello(&self, world: &World) -> Result<()> {
        const SEEN: &str = "select first_seen_at is not null from worker where name = $1";
        for _ in 0..300 {
            let seen = sqlx::query_scalar::<_, bool>(SEEN)
                .bind(&self.name)
                .fetch_one(&world.db)
                .await
                .context("the worker's row")?;
            if seen {
                return Ok(());
            }
            if !self.program.lock().await.lives() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let said = self.program.lock().await.last_words();
        bail!("worker {} did not say hello:\n{said}", self.name)
    }
}
