//! Drivers and the real tools, without worker, shim and server.
//!
//! A tool that is not on this machine skips its tests and says so; in CI (`CI` is set) it fails them.

mod ansible;
mod at;
mod bench;
mod cloudformation;
mod moto;
mod state;
mod terraform;
mod terraform_aws;
mod terraform_cut;
mod terraform_errors;
mod terraform_secrets;

use std::path::PathBuf;

/// Whether a program is there; says so when it is not.
fn have(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    assert!(
        found || std::env::var_os("CI").is_none(),
        "CI needs {program} on PATH"
    );
    if !found {
        eprintln!("skipped: {program} is not on PATH");
    }
    found
}

/// Folder of Terraform provider mirrors, by the environment variable workers know too.
fn mirror() -> Option<PathBuf> {
    let named = std::env::var_os("GROUNDCREW_WORKER_MIRROR").map(PathBuf::from);
    if named.is_none() {
        eprintln!("GROUNDCREW_WORKER_MIRROR names no folder of provider mirrors");
    }
    named
}
