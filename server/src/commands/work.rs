//! `groundcrew work`: a worker apart from the server, in whatever network its tools need.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    config::{Mistake, is_loopback, label},
    telemetry,
    web::{settings::LogFormat, shutdown},
};

/// Settings of `groundcrew work`. It needs no database: everything goes through the server.
#[derive(Clone, Debug, Args)]
pub struct Work {
    /// The server, as people reach it.
    #[arg(long, env = "GROUNDCREW_SERVER", value_name = "URL")]
    pub server: Url,
    /// File that holds the worker's token (`groundcrew worker add`), mode 0400 or 0600.
    #[arg(long, env = "GROUNDCREW_WORKER_TOKEN_FILE", value_name = "FILE")]
    pub token_file: PathBuf,
    /// Folder of this worker alone; attempts that outlive it are found again here.
    #[arg(
        long,
        env = "GROUNDCREW_WORKER_DATA",
        value_name = "FOLDER",
        default_value = "worker"
    )]
    pub data: PathBuf,
    /// Most attempts at once.
    #[arg(
        long,
        env = "GROUNDCREW_WORKER_CAPACITY",
        value_name = "NUMBER",
        default_value = "10",
        value_parser = clap::value_parser!(u32).range(1..=1024)
    )]
    pub capacity: u32,
    /// A label of its place, `zone=eu`; may be repeated.
    #[arg(
        long = "label",
        env = "GROUNDCREW_WORKER_LABELS",
        value_name = "KEY=VALUE",
        value_delimiter = ',',
        value_parser = label
    )]
    pub labels: Vec<(String, String)>,
    /// Folder of provider mirrors and plugin caches attempts may read.
    #[arg(long, env = "GROUNDCREW_WORKER_MIRROR", value_name = "FOLDER")]
    pub mirror: Option<PathBuf>,
    /// A TCP port children may call beside 443, 53 and the server's own; may be repeated.
    #[arg(
        long = "allow-port",
        env = "GROUNDCREW_WORKER_PORTS",
        value_name = "PORT",
        value_delimiter = ','
    )]
    pub ports: Vec<u16>,
    /// What is logged, as `tracing` filters say it.
    #[arg(
        long,
        env = "GROUNDCREW_LOG",
        value_name = "FILTER",
        default_value = "info"
    )]
    pub log: String,
    /// How lines are written.
    #[arg(
        long,
        env = "GROUNDCREW_LOG_FORMAT",
        value_enum,
        default_value = "human"
    )]
    pub log_format: LogFormat,
}

impl Work {
    /// What is wrong with values that parse.
    pub fn check(&self) -> Vec<Mistake> {
        let field = "--server (GROUNDCREW_SERVER)";
        let server = &self.server;
        match server.scheme() {
            "https" => Vec::new(),
            "http" if is_loopback(server) => Vec::new(),
            _ => vec![Mistake::new(
                field,
                format!("{server} would carry the token and every secret unprotected"),
                "Use https://, or http:// on this machine alone.",
            )],
        }
    }
}

/// Runs it until it is asked to stop. Attempts go on without it and are found again.
pub async fn run(settings: Work) -> anyhow::Result<()> {
    telemetry::plain(&settings.log, settings.log_format)?;
    let token = read_token(&settings.token_file)?;
    let stop = CancellationToken::new();
    let signals = tokio::spawn(shutdown::on_signal(stop.clone()));
    let mut worker = runner::worker::Settings::new(settings.server, &token, settings.data);
    worker.capacity = settings.capacity;
    worker.labels = settings.labels.into_iter().collect::<BTreeMap<_, _>>();
    worker.mirror = settings.mirror;
    worker.sandbox.ports = Some(settings.ports);
    let done = runner::worker::run(worker, stop.clone()).await;
    stop.cancel();
    signals.await.context("waiting for signals")?;
    done
}

fn read_token(path: &std::path::Path) -> anyhow::Result<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let context = || format!("--token-file: {}", path.display());
    let mode = std::fs::metadata(path)
        .with_context(context)?
        .permissions()
        .mode()
        & 0o777;
    if mode & 0o077 != 0 {
        anyhow::bail!(
            "{} has mode {mode:04o}; others may read it. Run: chmod 0600 {}",
            path.display(),
            path.display()
        );
    }
    let token = std::fs::read_to_string(path).with_context(context)?;
    Ok(token.trim().to_owned())
}
