//! The worker: says hello, asks for work, starts a shim for each attempt, cleans up after dead ones.
//!
//! It may be killed at any time. Shims live on without it; the next worker on the same folder finds
//! them by the locks they hold, and finishes for those that died.

mod care;
mod inline;
mod recover;
mod settings;
mod start;

use std::{
    collections::BTreeSet,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use anyhow::Context as _;
use platform::jobs::wire::{Claim, Hello, PROTOCOL, Timing};
use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    client::{Refused, Server},
    folder::{Folder, FolderKey, Responsible},
    lock, processes, sandbox,
};

pub use settings::Settings;

/// How long one question for work may wait for an answer.
const CLAIM_MS: u64 = 20_000;

/// What the parts of a worker share. Cheap to clone.
#[derive(Clone)]
struct Worker(Arc<Inner>);

struct Inner {
    settings: Settings,
    server: Server,
    key: FolderKey,
    running: Mutex<BTreeSet<Uuid>>,
    freed: Notify,
    warm: start::Warm,
    over: CancellationToken,
}

/// Runs it until it is cancelled. Its shims live on.
pub async fn run(settings: Settings, cancel: CancellationToken) -> anyhow::Result<()> {
    let settings = settings.ready()?;
    let _one = only_one(&settings)?;
    let server = Server::new(settings.server.clone(), None, &settings.token)?;
    fs::write(settings.data.join("server"), settings.server.as_str())
        .context("noting where the server is")?;
    // What it holds is not for children to read, whoever they run as.
    let _ = nix::sys::prctl::set_dumpable(false);
    let worker = Worker(Arc::new(Inner {
        key: FolderKey::new(&settings.token),
        warm: start::Warm::new(&settings),
        settings,
        server,
        running: Mutex::default(),
        freed: Notify::new(),
        over: cancel.clone(),
    }));
    for (attempt, folder) in Folder::all(&worker.0.settings.data) {
        worker.adopt(attempt, folder);
    }
    tokio::select! {
        () = cancel.cancelled() => {}
        () = worker.say_hello() => {}
        () = worker.take_work() => {}
    }
    worker.0.warm.let_go();
    Ok(())
}

/// Two workers in one folder would each clean up after the other's shims.
fn only_one(settings: &Settings) -> anyhow::Result<Responsible> {
    for folder in [settings.data.clone(), settings.data.join("attempts")] {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("making {}", folder.display()))?;
    }
    Folder::at(&settings.data)
        .take()?
        .with_context(|| format!("another worker runs in {}", settings.data.display()))
}

impl Worker {
    async fn say_hello(&self) {
        let inner = &self.0;
        let vault = inner.settings.vault.clone();
        let vault = vault.unwrap_or_else(|| inner.settings.data.clone());
        let warnings = sandbox::warnings(&inner.settings.sandbox, &vault);
        for warning in &warnings {
            tracing::warn!(warning, "this machine lacks something");
        }
        loop {
            let hello = Hello {
                protocol: PROTOCOL,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                labels: inner.settings.labels.clone(),
                capacity: inner.settings.capacity,
                warnings: warnings.clone(),
                clock_ms: clock_ms(),
                running: self.running(),
                load_1m: load().unwrap_or_default(),
            };
            let wait = match inner.server.hello(&hello).await {
                Ok(welcome) => welcome.timing.hello_ms,
                Err(refused) => {
                    tracing::warn!(%refused, "the server does not greet this worker");
                    Timing::default().hello_ms / 5
                }
            };
            sleep(Duration::from_millis(wait)).await;
        }
    }

    async fn take_work(&self) {
        let inner = &self.0;
        let mut wait = Duration::from_millis(100);
        loop {
            let free = self.free();
            if free == 0 {
                inner.freed.notified().await;
                continue;
            }
            let claim = Claim {
                free,
                wait_ms: CLAIM_MS,
            };
            match inner.server.claim(claim).await {
                Ok(claimed) => {
                    wait = Duration::from_millis(100);
                    for assignment in claimed.assignments {
                        self.start(assignment).await;
                    }
                }
                Err(refused) => {
                    tracing::debug!(%refused, "no work");
                    if !matches!(refused, Refused::Away(_)) {
                        wait = Duration::from_secs(5);
                    }
                    sleep(wait).await;
                    wait = (wait * 2).min(Duration::from_secs(5));
                }
            }
        }
    }

    fn free(&self) -> u32 {
        let running = lock(&self.0.running).len();
        let running = u32::try_from(running).unwrap_or(u32::MAX);
        self.0.settings.capacity.saturating_sub(running)
    }

    fn running(&self) -> Vec<Uuid> {
        lock(&self.0.running).iter().copied().collect()
    }

    fn begun(&self, attempt: Uuid) {
        lock(&self.0.running).insert(attempt);
    }

    fn over(&self, attempt: Uuid) {
        lock(&self.0.running).remove(&attempt);
        self.0.freed.notify_one();
    }
}

fn clock_ms() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}

fn load() -> Option<f64> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// A folder in memory for secret files, where the machine has one that children's locks do not
/// share: not `/dev/shm`.
fn memory() -> Option<std::path::PathBuf> {
    let candidates = [
        std::env::var_os("RUNTIME_DIRECTORY").map(Into::into),
        std::env::var_os("XDG_RUNTIME_DIR").map(Into::into),
        Some(std::path::PathBuf::from("/run")),
    ];
    candidates.into_iter().flatten().find_map(|base| {
        let folder = base.join("groundcrew-vault");
        let made = match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => true,
            made => made.is_ok(),
        };
        (made && processes::is_memory(&folder)).then_some(folder)
    })
}
