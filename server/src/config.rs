//! Settings: one struct, `--help` is the documentation.
//!
//! All mistakes are reported at once, at start. Secrets come from files or the environment and are
//! never printed.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use url::Url;

/// Settings of `groundcrew serve`. Each is a flag and an environment variable.
#[derive(Clone, Debug, Parser)]
pub struct Config {
    /// Address people type into the browser; links and cookies are built from it.
    #[arg(
        long,
        env = "GROUNDCREW_PUBLIC_URL",
        default_value = "http://localhost:8080"
    )]
    pub public_url: Url,
    /// Where the portal listens.
    #[arg(long, env = "GROUNDCREW_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where metrics are served; off when left out.
    #[arg(long, env = "GROUNDCREW_METRICS_LISTEN")]
    pub metrics_listen: Option<SocketAddr>,
    /// Folder for the embedded database, keys and everything else the portal keeps.
    #[arg(long, env = "GROUNDCREW_DATA", default_value = "data")]
    pub data: PathBuf,
    /// Folder of the platform repository (groundcrew.yaml, teams.yaml).
    #[arg(long, env = "GROUNDCREW_REPOSITORY")]
    pub repository: PathBuf,
    /// YAML file that lists the identity providers.
    #[arg(long, env = "GROUNDCREW_ISSUERS")]
    pub issuers: PathBuf,
    /// Database of the application (a login in role `groundcrew_app`); embedded PostgreSQL when left out.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Same database, login in role `audit_reader`, for the Audit page.
    #[arg(long, env = "AUDIT_DATABASE_URL", hide_env_values = true)]
    pub audit_database_url: Option<String>,
    /// Same database, owner of the schema; only migrations use it.
    #[arg(long, env = "MIGRATE_DATABASE_URL", hide_env_values = true)]
    pub migrate_database_url: Option<String>,
    /// The web layer, telemetry and outgoing calls.
    #[command(flatten)]
    pub web: crate::web::WebSettings,
}
