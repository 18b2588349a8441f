//! `groundcrew job run`: a job from a file, for platform engineers with access to the database.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use platform::{
    Cx,
    cx::{Wake, Woken},
    jobs::{
        JobState,
        ops::{self, FollowedAttempt},
        spec::JobSpec,
    },
    logs,
    wake::{self, Word},
};
use uuid::Uuid;

use super::PortalDatabase;

/// How often the job is looked at.
const EVERY: Duration = Duration::from_millis(200);

/// What to do with jobs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Hand in a job and print its number.
    #[command(
        after_help = "Exit codes: 0 handed in, or, with --wait, it succeeded; 1 it failed or was \
                            stopped; 2 the settings or arguments are wrong; 3 nobody knows how a \
                            step ended, a person must decide."
    )]
    Run(Box<Run>),
}

/// Settings of `groundcrew job run`.
#[derive(Debug, Args)]
pub struct Run {
    /// YAML or JSON file; `-` is standard input.
    pub file: PathBuf,
    /// Follow its logs to standard output and end when it ends.
    #[arg(long)]
    pub wait: bool,
    /// The same key again hands nothing in a second time.
    #[arg(long, value_name = "TEXT")]
    pub key: Option<String>,
    /// Which portal.
    #[command(flatten)]
    pub portal: PortalDatabase,
}

/// Hands it in.
pub async fn run(settings: Run) -> anyhow::Result<ExitCode> {
    let text = if settings.file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())?
    } else {
        std::fs::read_to_string(&settings.file)
            .with_context(|| format!("{} cannot be read", settings.file.display()))?
    };
    let spec = JobSpec::parse(&text)?;
    let mut cx = settings.portal.cx("command line").await?;
    let said: Arc<Mutex<BTreeSet<Word>>> = Arc::default();
    cx.wake = collect(Arc::clone(&said));
    let made = ops::enqueue(&cx, &spec, settings.key.as_deref()).await?;
    let words = std::mem::take(
        &mut *said
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner),
    );
    // A hint: servers look by themselves as well.
    if let Err(error) = wake::ops::tell(&cx, Uuid::now_v7(), &words).await {
        tracing::debug!(%error, "servers were not told");
    }
    println!("JOB-{}", made.number);
    for unable in &made.unable {
        eprintln!("Step {}: {}", unable.step, unable.why.words());
    }
    if settings.wait {
        follow(&cx, made.id).await
    } else {
        Ok(ExitCode::SUCCESS)
    }
}

fn collect(said: Arc<Mutex<BTreeSet<Word>>>) -> Wake {
    Wake::new(move |woken| {
        said.lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(match woken {
                Woken::Pool(pool) => Word::Pool(pool.to_owned()),
                Woken::Job(job) => Word::Job(job),
            });
    })
}

/// Prints what its attempts write until it ends.
async fn follow(cx: &Cx, job: Uuid) -> anyhow::Result<ExitCode> {
    let mut printed: BTreeMap<Uuid, i64> = BTreeMap::new();
    loop {
        let shown = ops::followed(cx, job).await?;
        let mut complete = true;
        for attempt in &shown.attempts {
            complete &= print(cx, attempt, &mut printed).await?;
        }
        let code = match shown.state {
            JobState::Queued | JobState::Running => None,
            JobState::Succeeded => Some(ExitCode::SUCCESS),
            JobState::Failed | JobState::Cancelled => Some(ExitCode::FAILURE),
            JobState::Indeterminate => Some(ExitCode::from(3)),
        };
        if let Some(code) = code
            && complete
        {
            for (step, error) in &shown.errors {
                eprintln!("Step {step}: {error}");
            }
            eprintln!("JOB-{} {}", shown.number, shown.state.name());
            return Ok(code);
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Prints what is new of a log. Says whether nothing more is waited for.
async fn print(
    cx: &Cx,
    attempt: &FollowedAttempt,
    printed: &mut BTreeMap<Uuid, i64>,
) -> anyhow::Result<bool> {
    let mut out = std::io::stdout().lock();
    let last = printed.entry(attempt.id).or_insert_with(|| {
        eprintln!("== {}, attempt {}", attempt.step, attempt.number);
        -1
    });
    loop {
        let tail = logs::ops::tail(cx, attempt.id, *last).await?;
        for chunk in &tail.chunks {
            out.write_all(chunk.text.as_bytes())?;
            *last = chunk.seq;
        }
        out.flush()?;
        if *last >= tail.last {
            // What a lost attempt still had to say may never come.
            return Ok(tail.complete || attempt.over);
        }
    }
}
