//! Settings: one struct, `--help` is the documentation.
//!
//! All mistakes are reported at once, at start. Secrets come from files or the environment and are
//! never printed.

mod check;
mod database;
mod mistake;
mod parse;
mod runner;
#[cfg(test)]
mod tests;

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use url::Url;

pub use database::{DatabaseSettings, DatabaseUrl};
pub use mistake::{Mistake, Mistakes};
pub use parse::parse;
pub use runner::{RunnerSettings, label};

/// Settings of `groundcrew serve`. Each is a flag and an environment variable.
#[derive(Clone, Debug, Args)]
pub struct Config {
    /// Address people type into the browser; links and cookies are built from it.
    ///
    /// http on this machine is development, anything else is production and must be https.
    #[arg(
        long,
        env = "GROUNDCREW_PUBLIC_URL",
        value_name = "URL",
        default_value = "http://localhost:8080"
    )]
    pub public_url: Url,
    /// Where the portal listens.
    #[arg(
        long,
        env = "GROUNDCREW_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: SocketAddr,
    /// Where metrics are served, for the internal network only; off when left out.
    #[arg(long, env = "GROUNDCREW_METRICS_LISTEN", value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<SocketAddr>,
    /// Folder for the embedded database, keys and everything else the portal keeps.
    #[arg(
        long,
        env = "GROUNDCREW_DATA",
        value_name = "FOLDER",
        default_value = "data"
    )]
    pub data: PathBuf,
    /// Folder of the platform repository (groundcrew.yaml, teams.yaml).
    #[arg(
        long,
        env = "GROUNDCREW_REPOSITORY",
        value_name = "FOLDER",
        default_value = "platform-repository"
    )]
    pub repository: PathBuf,
    /// YAML file that lists the identity providers.
    #[arg(
        long,
        env = "GROUNDCREW_ISSUERS",
        value_name = "FILE",
        default_value = "issuers.yaml"
    )]
    pub issuers: PathBuf,
    /// File of key-encryption keys, mode 0400; `keys` in the data folder, made at the first start,
    /// when left out.
    #[arg(long, env = "GROUNDCREW_KEY_FILE", value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Which database, as whom.
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Where signed checkpoints of the audit chain come from.
    #[command(flatten)]
    pub audit: crate::audit::AuditSettings,
    /// The worker inside this server, and its logs.
    #[command(flatten)]
    pub runner: RunnerSettings,
    /// The web layer, telemetry and outgoing calls.
    #[command(flatten)]
    pub web: crate::web::WebSettings,
}

impl Config {
    /// Served by http on this machine only: what production forbids is a warning here.
    pub fn is_development(&self) -> bool {
        is_development(&self.public_url)
    }

    /// Where the key-encryption keys are.
    pub fn keys(&self) -> PathBuf {
        self.key_file
            .clone()
            .unwrap_or_else(|| self.data.join("keys"))
    }
}

/// The portal is being worked on: its own address is http on this machine.
pub fn is_development(public_url: &Url) -> bool {
    public_url.scheme() == "http" && is_loopback(public_url)
}

/// Names this machine and no other.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
