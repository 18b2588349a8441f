//! Breaks a running Groundcrew in every way we could think of, counts what happened, and asks
//! afterwards whether every promise was kept. A tool: it is never shipped.

mod after_quiet;
mod bench;
mod cases;
mod cluster;
mod jobs;
mod ledger;
mod logs;
mod programs;
mod proxy;
mod signals;
mod soak;
mod table;
mod worker;
mod world;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use table::Table;
use world::{Plan, World};

#[derive(Parser)]
#[command(about = "Breaks a running Groundcrew, and asks whether every promise was kept.")]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    what: What,
}

#[derive(Args)]
struct Common {
    /// The product's binary.
    #[arg(long, env = "GROUNDCREW_BIN")]
    binary: PathBuf,
    /// The platform repository.
    #[arg(long, default_value = "server/example-platform")]
    repository: PathBuf,
    /// First of a hundred free ports.
    #[arg(long, env = "GROUNDCREW_FAULTS_PORTS", default_value_t = 7400)]
    ports: u16,
    /// Keep the folder with all logs.
    #[arg(long)]
    keep: bool,
}

#[derive(Subcommand)]
enum What {
    /// Each fault at its named place, once.
    Each {
        /// Only those whose name holds this.
        #[arg(long)]
        only: Option<String>,
    },
    /// Faults at random, under load.
    Soak {
        /// How many.
        #[arg(long, default_value_t = 1000)]
        faults: usize,
        /// At most for so long.
        #[arg(long, default_value_t = 7200)]
        seconds: u64,
        /// The same faults again.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// The runner's figures beside their goals.
    Bench {
        /// Folder of the measurement of graphile-worker.
        #[arg(long, default_value = "e2e/bench/queue")]
        queue: PathBuf,
        /// Where raw figures go.
        #[arg(long)]
        out: PathBuf,
    },
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("threads");
    match runtime.block_on(run(Arguments::parse())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("faults: {why:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything held.
async fn run(arguments: Arguments) -> Result<bool> {
    let mut base = tempfile::Builder::new().prefix("gc-faults-").tempdir()?;
    base.disable_cleanup(arguments.common.keep);
    let bench = matches!(arguments.what, What::Bench { .. });
    let plan = Plan {
        binary: arguments.common.binary.canonicalize()?,
        repository: arguments.common.repository.canonicalize()?,
        ports: arguments.common.ports,
        servers: if bench { 1 } else { 2 },
        workers: if bench { 0 } else { 3 },
        inside: bench,
        capacity: 8,
    };
    let begun = tokio::time::Instant::now();
    let world = World::raise(base.path(), plan).await?;
    let table = Table::default();
    match &arguments.what {
        What::Bench { queue, out } => {
            let reached = bench::run(&world, queue, out).await;
            world.end().await;
            return reached;
        }
        What::Each { only } => cases::run(&world, &table, only.as_deref()).await,
        What::Soak {
            faults,
            seconds,
            seed,
        } => {
            soak::run(
                &world,
                &table,
                *faults,
                Duration::from_secs(*seconds),
                *seed,
            )
            .await?;
        }
    }
    cases::ask(&world, &table, Duration::from_secs(120)).await;
    world.end().await;
    println!("{}", table.print());
    println!(
        "{} faults and questions in {:.0} s",
        table.injected(),
        begun.elapsed().as_secs_f64()
    );
    if arguments.common.keep {
        println!("Logs: {}", base.path().display());
    }
    Ok(table.held())
}
