//! What an operator says about a worker.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Context as _;
use url::Url;

use crate::{log::Quota, sandbox::SandboxSettings, shim::ShimSettings};

/// A worker's settings. Holds its token.
#[derive(Clone)]
pub struct Settings {
    /// The server: `https://groundcrew.example.com/`, or the loopback listener of our own.
    pub server: Url,
    /// The worker's token.
    pub token: String,
    /// Folder of this worker alone, kept over restarts.
    pub data: PathBuf,
    /// Most attempts at once.
    pub capacity: u32,
    /// Labels of its place.
    pub labels: BTreeMap<String, String>,
    /// Our own binary, which has the subcommands `shim`, `launch` and `drive`; the one that runs
    /// where nothing is said.
    pub binary: Option<PathBuf>,
    /// Provider mirrors and plugin caches attempts may read.
    pub mirror: Option<PathBuf>,
    /// Folder for secret files; one in memory where nothing is said and the machine has one.
    pub vault: Option<PathBuf>,
    /// What children may do.
    pub sandbox: SandboxSettings,
    /// How much of a log is kept.
    pub quota: Quota,
    /// Shims that wait for an attempt, so that none waits for a shim.
    pub warm: usize,
}

impl Settings {
    /// As most workers have them.
    pub fn new(server: Url, token: &str, data: impl Into<PathBuf>) -> Self {
        Self {
            server,
            token: token.to_owned(),
            data: data.into(),
            capacity: 10,
            labels: BTreeMap::new(),
            binary: None,
            mirror: None,
            vault: None,
            sandbox: SandboxSettings::default(),
            quota: Quota::default(),
            warm: 2,
        }
    }

    /// With everything the operator left to us.
    pub(super) fn ready(mut self) -> anyhow::Result<Self> {
        self.data = std::path::absolute(&self.data).context("the worker's folder")?;
        if self.binary.is_none() {
            self.binary = Some(std::env::current_exe().context("finding our own binary")?);
        }
        if self.vault.is_none() {
            self.vault = super::memory();
        }
        if !self.server.path().ends_with('/') {
            self.server.set_path(&format!("{}/", self.server.path()));
        }
        Ok(self)
    }

    /// What its shims need of it.
    pub(super) fn shim(&self) -> ShimSettings {
        let path = std::env::var("PATH");
        let path = path.unwrap_or_else(|_| "/usr/local/bin:/usr/bin:/bin".to_owned());
        let mut environment = BTreeMap::from([("PATH".to_owned(), path)]);
        for name in &self.sandbox.environment {
            if let Ok(value) = std::env::var(name) {
                environment.insert(name.clone(), value);
            }
        }
        ShimSettings {
            server: self.server.clone(),
            data: self.data.clone(),
            binary: self.binary.clone().unwrap_or_else(|| "groundcrew".into()),
            mirror: self.mirror.clone(),
            vault: self.vault.clone(),
            sandbox: self.sandbox.clone(),
            environment,
            quota: self.quota,
        }
    }
}
