//! `groundcrew shim`: one process for one attempt, in a session of its own.
//!
//! It owns the child: its files, its end, its secrets' masking, the renewal of its lease, and the
//! decision to stop it. Worker and server may die, be upgraded and come back meanwhile. When the
//! shim itself dies, its child is interrupted.

mod attempt;
mod child;
mod ending;
mod lease;
mod phases;
mod place;
mod stop;
mod upload;

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use nix::{sys::prctl, unistd};
use platform::jobs::wire::Assignment;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{log::Quota, sandbox::SandboxSettings};

pub use ending::{End, settle};
pub use place::place;
pub use stop::Cause;
pub use upload::{Uploads, upload_rest};

/// What a worker tells a shim, on its standard input. Holds secrets.
#[derive(Clone, Serialize, Deserialize)]
pub struct Input {
    /// The attempt's folder, made.
    pub folder: PathBuf,
    /// Key of the folder's sealed part, 64 hex digits.
    pub key: String,
    /// How to run it.
    pub settings: ShimSettings,
    /// What to do.
    pub assignment: Assignment,
}

/// How a worker's shims run their children.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShimSettings {
    /// The server.
    pub server: Url,
    /// The worker's folder.
    pub data: PathBuf,
    /// Our own binary.
    pub binary: PathBuf,
    /// Provider mirrors and plugin caches.
    pub mirror: Option<PathBuf>,
    /// Where secret files lie in memory; each attempt has a folder in it.
    pub vault: Option<PathBuf>,
    /// What children may do.
    pub sandbox: SandboxSettings,
    /// Environment of every child: `PATH`, and what the operator hands on.
    pub environment: BTreeMap<String, String>,
    /// How much of a log is kept.
    pub quota: Quota,
}

/// Runs it. `folder` says which attempt this is in the process table; a shim started before its
/// attempt is known has none.
pub fn run(folder: Option<&Path>) -> ExitCode {
    // Not a session leader yet: the worker started us as a plain child.
    let _ = unistd::setsid();
    let _ = prctl::set_child_subreaper(true);
    let _ = prctl::set_dumpable(false);
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return ExitCode::FAILURE;
    };
    // Under way while nobody has anything to do yet.
    let Ok(waiting) = child::Waiting::start() else {
        eprintln!("groundcrew: the launch stage does not start");
        return ExitCode::FAILURE;
    };
    let mut text = Vec::new();
    if std::io::stdin().read_to_end(&mut text).is_err() || text.is_empty() {
        return ExitCode::SUCCESS;
    }
    let Ok(input) = serde_json::from_slice::<Input>(&text) else {
        eprintln!("groundcrew: what the worker said is not understood");
        return ExitCode::FAILURE;
    };
    drop(text);
    if folder.is_some_and(|folder| folder != input.folder) {
        eprintln!("groundcrew: this is the folder of another attempt");
        return ExitCode::FAILURE;
    }
    let result = runtime.block_on(attempt::run(input, waiting));
    // Blocking reads and writes that hang do not keep a finished shim.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("groundcrew: {error:#}");
            ExitCode::FAILURE
        }
    }
}
