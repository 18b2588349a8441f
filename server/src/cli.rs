//! What can be asked of the binary. `--help` is the reference.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::{
    audit,
    commands::{job, secrets, work, worker},
    config::{self, Config, DatabaseSettings, Mistakes},
    migrate, serve, sync,
};

/// Internal developer platform: requests, approvals, a runner, runbooks. One binary, one
/// PostgreSQL.
#[derive(Debug, Parser)]
#[command(
    name = "groundcrew",
    version,
    propagate_version = true,
    after_help = "Exit codes: 0 done; 1 it did not work, or what was checked is not sound; \
                  2 the settings or arguments are wrong."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the portal.
    Serve(Box<Config>),
    /// Bring the database to what this binary expects, and stop.
    Migrate(Box<Migrate>),
    /// Run a worker: takes work from a server and carries it out here. Needs no database.
    Work(Box<work::Work>),
    /// Make workers known to the portal.
    #[command(subcommand)]
    Worker(worker::Command),
    /// Hand jobs in.
    #[command(subcommand)]
    Job(job::Command),
    /// Seal values under another key.
    #[command(subcommand)]
    Secrets(secrets::Command),
    /// Check and sign the audit chain.
    #[command(subcommand)]
    Audit(audit::cli::Command),
    /// Check a platform repository as a sync would, offline. Exit code 0 or 1.
    Check {
        /// Folder of the platform repository.
        path: PathBuf,
    },
}

/// Settings of `groundcrew migrate`.
#[derive(Clone, Debug, clap::Args)]
pub struct Migrate {
    /// Folder of the embedded database.
    #[arg(
        long,
        env = "GROUNDCREW_DATA",
        value_name = "FOLDER",
        default_value = "data"
    )]
    pub data: PathBuf,
    /// Which database, as whom.
    #[command(flatten)]
    pub database: DatabaseSettings,
}

/// It did not work.
const FAILED: u8 = 1;
/// The settings or arguments are wrong.
const MISUSED: u8 = 2;

/// Parses and runs. Everything that goes wrong is on standard error when this returns.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(code) = internal(&arguments) {
        return code;
    }
    let (mut command, mistakes) = match parse(arguments) {
        Ok(parsed) => parsed,
        Err(error) => {
            let code = if error.use_stderr() { MISUSED } else { 0 };
            // Nobody is left to tell when even this cannot be written.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    if let Err(mistakes) = command.check(mistakes) {
        eprintln!("{mistakes}");
        return ExitCode::from(MISUSED);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the system gives no threads: {error}");
            return ExitCode::from(FAILED);
        }
    };
    let done = runtime.block_on(command.execute());
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("groundcrew: {error:#}");
            ExitCode::from(if error.is::<Mistakes>() || error.is::<sync::Refused>() {
                MISUSED
            } else {
                FAILED
            })
        }
    }
}

/// What our own processes call: no settings, no help, no time to lose.
fn internal(arguments: &[OsString]) -> Option<ExitCode> {
    let first = arguments.get(2);
    match arguments.get(1)?.to_str()? {
        "shim" => Some(runner::shim::run(first.map(Path::new))),
        "launch" => Some(runner::launch::run()),
        "drive" => Some(runner::drive::run(&first?.to_string_lossy())),
        _ => None,
    }
}

fn parse(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<(Command, Vec<config::Mistake>), clap::Error> {
    let (mut matches, mistakes) = config::parse(Cli::command(), arguments)?;
    Ok((Cli::from_arg_matches_mut(&mut matches)?.command, mistakes))
}

impl Command {
    /// Adds what is wrong with values that parse.
    fn check(&mut self, mut mistakes: Vec<config::Mistake>) -> Result<(), Mistakes> {
        match self {
            Self::Serve(config) => mistakes.extend(config.check()),
            Self::Migrate(migrate) => mistakes.extend(migrate.database.read_files()),
            Self::Work(work) => mistakes.extend(work.check()),
            Self::Worker(worker::Command::Add(add)) => mistakes.extend(add.portal.read_files()),
            Self::Job(job::Command::Run(run)) => mistakes.extend(run.portal.read_files()),
            Self::Secrets(secrets::Command::Rewrap(rewrap)) => {
                mistakes.extend(rewrap.portal.read_files());
            }
            Self::Audit(_) | Self::Check { .. } => {}
        }
        if mistakes.is_empty() {
            Ok(())
        } else {
            Err(Mistakes(mistakes))
        }
    }

    async fn execute(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Serve(config) => Box::pin(serve::run(*config)).await?,
            Self::Migrate(settings) => migrate::run(*settings).await?,
            Self::Work(settings) => work::run(*settings).await?,
            Self::Worker(worker::Command::Add(settings)) => worker::add(*settings).await?,
            Self::Job(job::Command::Run(settings)) => return job::run(*settings).await,
            Self::Secrets(secrets::Command::Rewrap(settings)) => {
                return secrets::rewrap(*settings).await;
            }
            Self::Audit(command) => return Ok(command.execute().await),
            Self::Check { path } => return Ok(check(&path)),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints what a sync would say of the repository.
fn check(path: &Path) -> ExitCode {
    match platform::repository::load(path, None) {
        Ok(found) => {
            println!(
                "{} is sound: {} teams, version {}.",
                path.display(),
                found.teams.len(),
                found.version
            );
            ExitCode::SUCCESS
        }
        Err(findings) => {
            println!("{}", sync::Refused(findings));
            ExitCode::from(FAILED)
        }
    }
}
