//! The product's processes: started by their binary, logged to files, killed by number.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::process::{Child, Command};

use crate::signals;

/// One process and how to start it again.
pub(crate) struct Program {
    /// Its name, and that of its log.
    pub(crate) name: String,
    binary: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    log: PathBuf,
    child: Option<Child>,
}

impl Program {
    /// Describes it; nothing runs yet.
    pub(crate) fn new(name: &str, binary: &Path, log: &Path, arguments: &[String]) -> Self {
        Self {
            name: name.to_owned(),
            binary: binary.to_owned(),
            arguments: arguments.to_vec(),
            environment: Vec::new(),
            log: log.join(format!("{name}.log")),
            child: None,
        }
    }

    /// Adds to its environment.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Starts it, if it does not run.
    pub(crate) fn start(&mut self) -> Result<()> {
        if self.lives() {
            return Ok(());
        }
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)?;
        let child = Command::new(&self.binary)
            .args(&self.arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.log.parent().context("a folder")?)
            .env("RUST_LOG", "info")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", self.binary.display()))?;
        self.child = Some(child);
        Ok(())
    }

    /// Runs it to its end and answers what it wrote.
    pub(crate) async fn run(&self) -> Result<String> {
        let output = Command::new(&self.binary)
            .args(&self.arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .output()
            .await?;
        let said = [&output.stdout[..], &output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        anyhow::ensure!(output.status.success(), "{}: {said}", self.name);
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Its number.
    pub(crate) fn pid(&self) -> Option<i32> {
        i32::try_from(self.child.as_ref()?.id()?).ok()
    }

    /// Whether it runs.
    pub(crate) fn lives(&mut self) -> bool {
        let child = self.child.as_mut();
        child.is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// `kill -9`.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            let _ = child.start_kill();
            child.wait().await?;
        }
        Ok(())
    }

    /// Asks it to end; insists after a while.
    pub(crate) async fn stop(&mut self) {
        if let Some(pid) = self.pid() {
            signals::ask(pid);
        }
        if let Some(mut child) = self.child.take()
            && tokio::time::timeout(Duration::from_secs(15), child.wait())
                .await
                .is_err()
        {
            let _ = child.start_kill();
            let _ = child.wait().await;
        }
    }

    /// The end of its log, for a report.
    pub(crate) fn last_words(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}
