//! `groundcrew audit`: what auditors and the signer run, apart from the portal.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};

use super::{sign, verify};
use crate::config::DatabaseUrl;

/// What to do with the chain.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the chain, in its database or in an export, against signed checkpoints.
    #[command(
        after_help = "Exit codes: 0 sound; 1 tampered, with the first bad event and why; \
                            2 could not check."
    )]
    Verify(Box<Verify>),
    /// Sign checkpoints of the chain: a process, a log-in and a key of its own.
    #[command(
        after_help = "Exit codes: 0 stopped, or signed once; 1 the chain contradicts what \
                            was signed before, nothing was signed; 2 could not run."
    )]
    Sign(Box<Sign>),
}

/// Settings of `groundcrew audit verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Database of the chain: a log-in in role `audit_reader`.
    #[arg(
        long,
        env = "AUDIT_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub db: Option<DatabaseUrl>,
    /// An export (JSON Lines) instead of the database; needs no network.
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// Folder of checkpoints, from a place the portal's machine cannot write to.
    #[arg(long, value_name = "FOLDER")]
    pub checkpoints: PathBuf,
    /// Public keys of the signer, and of the portal's manifests for exports: files, or the keys
    /// themselves.
    #[arg(long, value_name = "PUB", required = true)]
    pub key: Vec<String>,
    /// The portal's key-encryption keys, to check notes too; without them notes are counted only.
    #[arg(long, value_name = "FILE")]
    pub note_keys: Option<PathBuf>,
}

/// Settings of `groundcrew audit sign`.
#[derive(Debug, Args)]
pub struct Sign {
    /// Database of the chain: a log-in in role `audit_signer`.
    #[arg(
        long,
        env = "AUDIT_SIGNER_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub db: DatabaseUrl,
    /// File of the signing key, mode 0400; made where it is missing, its public half beside it with
    /// the ending `.pub`.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The portal's host: checkpoints are named `HOST/audit/CHAIN`.
    #[arg(long, value_name = "HOST")]
    pub host: String,
    /// Folder to publish to; at least two in earnest, in places the database's owner cannot write.
    #[arg(long, value_name = "FOLDER", required = true)]
    pub out: Vec<PathBuf>,
    /// Sign once and stop.
    #[arg(long)]
    pub once: bool,
}

impl Command {
    /// Runs it. Everything that goes wrong is said on standard error.
    pub async fn execute(self) -> ExitCode {
        match self {
            Self::Verify(settings) => verify::run(*settings).await,
            Self::Sign(settings) => sign::run(*settings).await,
        }
    }
}
