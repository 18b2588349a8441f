//! `groundcrew launch`: the last step before a tool. Reads its orders from standard input, puts the
//! process in its place, and becomes the tool.
//!
//! The shim starts it before the gate is passed and sends the orders after: an end of input without
//! orders means that nothing may start. The orders hold secrets, so they are neither arguments nor
//! in this process's environment.

use std::{
    collections::BTreeMap,
    fs::OpenOptions,
    io::{Read as _, Write as _},
    os::unix::{fs::OpenOptionsExt as _, process::CommandExt as _},
    path::PathBuf,
    process::{Command, ExitCode},
};

use anyhow::Context as _;
use nix::{
    sys::{prctl, signal::Signal},
    unistd,
};
use serde::{Deserialize, Serialize};

use crate::sandbox::Sandbox;

/// What the launch stage is to become.
#[derive(Serialize, Deserialize)]
pub struct Orders {
    /// The shim; when it is gone, so is the purpose.
    pub shim: i32,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// The whole environment.
    pub env: BTreeMap<String, String>,
    /// Working folder.
    pub work: PathBuf,
    /// What it reads; none: nothing.
    pub stdin: Option<PathBuf>,
    /// Where it writes, appended.
    pub stdout: PathBuf,
    /// Where it complains, appended.
    pub stderr: PathBuf,
    /// Where the launch stage says that there is no such tool.
    pub report: PathBuf,
    /// What it may do.
    pub sandbox: Sandbox,
}

/// Exit code when the tool could not be started; [`Orders::report`] says why.
pub const NOT_STARTED: u8 = 127;

/// Runs it. Comes back only where nothing was started, or the tool was ours.
pub fn run() -> ExitCode {
    let mut text = Vec::new();
    // The signal is set first: a shim that dies from here on takes this process with it.
    if prctl::set_pdeathsig(Signal::SIGINT).is_err()
        || std::io::stdin().read_to_end(&mut text).is_err()
        || text.is_empty()
    {
        return ExitCode::from(NOT_STARTED);
    }
    let Ok(orders) = serde_json::from_slice::<Orders>(&text) else {
        return ExitCode::from(NOT_STARTED);
    };
    drop(text);
    match carry_out(&orders) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("groundcrew: {error:#}");
            ExitCode::from(NOT_STARTED)
        }
    }
}

fn carry_out(orders: &Orders) -> anyhow::Result<ExitCode> {
    // Between the fork and the signal's being set the shim may have gone.
    anyhow::ensure!(
        unistd::getppid().as_raw() == orders.shim,
        "the shim is gone: nothing is started"
    );
    unistd::setsid().context("making a session")?;
    streams(orders).context("opening the log")?;
    // Opened before the sandbox closes the folder: the one thing to say when the tool is missing.
    let mut report = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&orders.report)
        .context("opening the report")?;
    let entered = std::env::set_current_dir(&orders.work)
        .context("entering the working folder")
        .and_then(|()| orders.sandbox.enter().context("entering the sandbox"));
    if let Err(error) = entered {
        let _ = write!(report, "machine {error:#}");
        return Err(error);
    }
    let [program, arguments @ ..] = &*orders.argv else {
        anyhow::bail!("no program is named");
    };
    // Our own tools need no second start of the same binary.
    if let [drive, name] = arguments
        && drive == "drive"
        && std::fs::read_link("/proc/self/exe").is_ok_and(|own| own.as_os_str() == program.as_str())
    {
        drop(report);
        return Ok(crate::drive::run(name));
    }
    let error = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(&orders.env)
        .exec();
    let _ = write!(report, "no_tool {program} does not start: {error}");
    Err(error).with_context(|| format!("{program} does not start"))
}

fn streams(orders: &Orders) -> anyhow::Result<()> {
    let mut append = OpenOptions::new();
    append.append(true).create(true).mode(0o600);
    let out = append.open(&orders.stdout)?;
    let err = append.open(&orders.stderr)?;
    let stdin = orders.stdin.clone();
    let stdin = OpenOptions::new()
        .read(true)
        .open(stdin.unwrap_or_else(|| "/dev/null".into()))?;
    unistd::dup2_stdin(&stdin)?;
    unistd::dup2_stdout(&out)?;
    unistd::dup2_stderr(&err)?;
    Ok(())
}
