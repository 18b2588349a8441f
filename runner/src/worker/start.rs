//! Starting shims. A few wait already, so that an attempt does not wait for a process.

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Mutex,
};

use platform::jobs::{
    AttemptState, ErrorClass,
    wire::{Assignment, Finish},
};
use sha2::{Digest as _, Sha256};
use tokio::{
    io::AsyncWriteExt as _,
    process::{Child, Command},
};

use super::{Settings, Worker, inline};
use crate::lock;
use crate::{folder::Folder, shim::Input};

/// Shims that wait.
pub(super) struct Warm {
    binary: PathBuf,
    most: usize,
    waiting: Mutex<VecDeque<Child>>,
}

impl Warm {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            binary: settings
                .binary
                .clone()
                .unwrap_or_else(|| "groundcrew".into()),
            most: settings.warm,
            waiting: Mutex::default(),
        }
    }

    /// One that waits, or a new one.
    fn take(&self) -> std::io::Result<Child> {
        loop {
            let waiting = lock(&self.waiting).pop_front();
            match waiting {
                None => return spawn(&self.binary),
                Some(mut child) => {
                    if matches!(child.try_wait(), Ok(None)) {
                        return Ok(child);
                    }
                }
            }
        }
    }

    /// As many as shall wait.
    pub(super) fn fill(&self) {
        let mut waiting = lock(&self.waiting);
        while waiting.len() < self.most {
            match spawn(&self.binary) {
                Ok(child) => waiting.push_back(child),
                Err(_) => return,
            }
        }
    }

    /// Those who wait in vain see the end of their input and go.
    pub(super) fn let_go(&self) {
        lock(&self.waiting).clear();
    }
}

/// A shim sees nothing of our environment: it may hold the address of a database.
fn spawn(binary: &Path) -> std::io::Result<Child> {
    let mut command = Command::new(binary);
    command.arg("shim").env_clear().env("LANG", "C.UTF-8");
    for name in [
        "PATH",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "NO_PROXY",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .kill_on_drop(false)
        .spawn()
}

impl Worker {
    /// Hands an attempt to a shim; one that cannot be started has failed.
    pub(super) async fn start(&self, assignment: Assignment) {
        let attempt = assignment.attempt;
        self.begun(attempt);
        if inline::is_meant(&assignment) {
            let worker = self.clone();
            tokio::spawn(async move {
                inline::run(&worker.0.server, assignment).await;
                worker.over(attempt);
            });
            return;
        }
        let folder = Folder::of(&self.0.settings.data, attempt);
        let token = assignment.token.clone();
        match self.hand_over(&folder, assignment).await {
            Ok(shim) => {
                let worker = self.clone();
                tokio::spawn(async move { worker.care(attempt, folder, Some(shim)).await });
            }
            Err(error) => {
                tracing::error!(%attempt, %error, "no shim can be started");
                let server = self.0.server.with_token(&token);
                let why = format!("the worker cannot start a process: {error}");
                let finish = nothing_ran(ErrorClass::Machine, why);
                let (worker, over) = (self.clone(), self.0.over.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = over.cancelled() => {}
                        _ = crate::shim::settle(&server, &folder, attempt, &finish) => {}
                    }
                    let _ = folder.remove();
                    worker.over(attempt);
                });
            }
        }
        // Beside the attempt, not before it.
        let worker = self.clone();
        tokio::task::spawn_blocking(move || worker.0.warm.fill());
    }

    async fn hand_over(&self, folder: &Folder, assignment: Assignment) -> anyhow::Result<Child> {
        folder.make()?;
        let input = Input {
            folder: folder.path(""),
            key: self.0.key.to_hex(),
            settings: self.0.settings.shim(),
            assignment,
        };
        let mut shim = self.0.warm.take()?;
        let mut stdin = shim.stdin.take().expect("asked for");
        stdin.write_all(&serde_json::to_vec(&input)?).await?;
        stdin.shutdown().await?;
        Ok(shim)
    }
}

/// An end before any beginning.
pub(super) fn nothing_ran(class: ErrorClass, why: String) -> Finish {
    Finish {
        state: AttemptState::Failed,
        exit_code: None,
        error_class: Some(class),
        error: Some(why),
        log_chunks: 0,
        log_bytes: 0,
        log_sha256: hex::encode(Sha256::digest(b"")),
        journal_entries: 0,
        phases: Vec::new(),
        outputs: std::collections::BTreeMap::new(),
        secret_outputs: std::collections::BTreeMap::new(),
        changes: None,
        report: None,
    }
}
