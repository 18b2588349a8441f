//! One attempt from the assignment to the end.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use platform::jobs::{
    ErrorClass, Operation,
    wire::{Finish, PlanMade, Start},
};
use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

use super::{
    Input,
    child::{Undertaker, Waiting},
    ending::{self, End},
    lease::{Lease, now_ms},
    phases::{Harvest, Runner},
    place::place,
    stop::{Cause, Stop},
    upload::{Uploads, upload_rest},
};
use crate::{
    client::{Refused, Server},
    drivers::{At, Driver, Drivers, Phase, Refusal},
    folder::{self, Folder, FolderKey},
    lock,
    log::{Book, Pump},
    mask::Patterns,
    sandbox::Cgroup,
};

/// The log goes ahead of the end, but not for ever.
const LOG_FIRST: Duration = Duration::from_secs(2);
/// What is sent after the end is given up after so long; the worker tries once more.
const LOG_AFTER: Duration = Duration::from_secs(600);

/// Runs it.
pub(super) async fn run(input: Input, waiting: Waiting) -> anyhow::Result<()> {
    let folder = Folder::at(&input.folder);
    let Some(_responsible) = folder.take().context("taking the folder")? else {
        anyhow::bail!(
            "another process is responsible for {}",
            input.folder.display()
        );
    };
    anyhow::ensure!(!folder.has("exit.json"), "this attempt has ended");
    folder.put("shim.pid", std::process::id().to_string().as_bytes(), false)?;
    let Input {
        key,
        settings,
        assignment,
        ..
    } = input;
    let attempt = assignment.attempt;
    let stop = Stop::new();
    let lease = Lease::new(assignment.timing, stop.clone());
    let key = FolderKey::from_hex(&key).context("the folder's key")?;
    folder.keep(&assignment, &key)?;
    let server = Server::new(
        settings.server.clone(),
        Some(&settings.data),
        &assignment.token,
    )?;
    tokio::spawn(lease.clone().fence());
    tokio::spawn(lease.clone().keep(server.clone(), attempt));

    let patterns = Patterns::new(secrets(&assignment));
    let book = Book::open(&folder, settings.quota, None)?;
    let pump = Pump::new(&folder, book, Vec::new(), patterns)?;
    let uploads = Uploads::new(server.clone(), attempt, pump.book(), pump.journal());
    tokio::spawn(uploads.clone().run());

    let sandbox = &settings.sandbox;
    let cgroup = Cgroup::make(attempt, sandbox.processes, sandbox.memory);
    let at = place(assignment, &folder, &settings, &server.address())?;
    let driver = Drivers::built_in().get(&at.assignment.step.driver);
    let mut runner = Runner {
        driver: driver.clone().unwrap_or_else(|| Arc::new(Nothing)),
        at: Arc::new(at),
        undertaker: Undertaker::new()?,
        harvest: Harvest::default(),
        folder,
        settings,
        server,
        lease,
        stop,
        uploads,
        pump,
        cgroup,
    };
    let end = match prepare(&mut runner, driver).await {
        Ok(phases) => match gate(&runner).await? {
            Gate::Open => runner.run(phases, waiting).await,
            Gate::Shut(end) => Ok(end),
        },
        Err(refusal) => Ok(End::failed(refusal.class, refusal.why)),
    };
    // A machine that refuses what we need, a full disk say, is an end too.
    let end = end.unwrap_or_else(|error| broken(&runner, &error));
    close(runner, end).await
}

/// Stands in for a driver this worker does not have; never asked to run anything.
struct Nothing;

impl Driver for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal> {
        let name = &at.assignment.step.driver;
        Err(Refusal {
            class: ErrorClass::NoTool,
            why: format!("this worker has no driver called {name:?}: upgrade it"),
        })
    }
}

fn secrets(assignment: &platform::jobs::wire::Assignment) -> Vec<String> {
    let mut secrets: Vec<String> = assignment.secrets.values().cloned().collect();
    secrets.push(assignment.token.clone());
    secrets.extend(
        assignment
            .stack
            .as_ref()
            .map(|stack| stack.plan_key.clone()),
    );
    secrets
}

/// Files written, commands known; nothing has happened.
async fn prepare(
    runner: &mut Runner,
    driver: Option<Arc<dyn Driver>>,
) -> Result<Vec<Phase>, Refusal> {
    // A reconcile reads the plan another attempt consumed; its file is not for it.
    let reconciles = runner.at.assignment.step.operation == Operation::Reconcile;
    let consumed = runner.at.assignment.plan.as_ref().filter(|_| !reconciles);
    if let Some(sha256) = consumed.and_then(|plan| plan.file_sha256.clone()) {
        let bytes = plan_file(runner, &sha256).await?;
        let path = runner.at.private.join("plan");
        std::fs::write(&path, bytes).map_err(|error| Refusal::machine("the plan file", &error))?;
        let at = Arc::get_mut(&mut runner.at).expect("nobody else has it yet");
        at.plan_file = Some(path);
    }
    let driver = driver.unwrap_or_else(|| Arc::new(Nothing));
    let at = Arc::clone(&runner.at);
    let phases = tokio::task::spawn_blocking(move || driver.prepare(&at)).await;
    let phases = phases.unwrap_or_else(|_| Err(Refusal::permanent("the driver broke off")))?;
    if phases.is_empty() {
        return Err(Refusal::permanent("the driver names no command"));
    }
    Ok(phases)
}

async fn plan_file(runner: &Runner, sha256: &str) -> Result<Vec<u8>, Refusal> {
    loop {
        match runner.server.plan_file(runner.at.assignment.attempt).await {
            Ok(bytes) if hex::encode(Sha256::digest(&bytes)) == sha256 => return Ok(bytes),
            Ok(_) => {
                return Err(Refusal::permanent(
                    "the plan file is not the one that was approved: nothing was applied",
                ));
            }
            Err(Refused::Away(_)) if runner.stop.cause().is_none() => {
                sleep(Duration::from_millis(200)).await;
            }
            Err(refused) => {
                return Err(Refusal {
                    class: ErrorClass::Transient,
                    why: format!("the plan file cannot be fetched: {refused}"),
                });
            }
        }
    }
}

enum Gate {
    Open,
    Shut(End),
}

/// Asks the server whether the first process may start. From here on effects are possible, and the
/// folder says so before the server does.
async fn gate(runner: &Runner) -> anyhow::Result<Gate> {
    let class = runner.at.assignment.step.class;
    let start = Start {
        shim_pid: std::process::id(),
    };
    runner.folder.put("gate", b"", false)?;
    loop {
        if let Some(cause) = runner.stop.cause() {
            return Ok(Gate::Shut(End::stopped(cause, class, false)));
        }
        let sent = now_ms();
        match runner
            .server
            .start(runner.at.assignment.attempt, start)
            .await
        {
            Ok(renewed) => {
                runner.lease.held(sent);
                if let Some(cancel) = renewed.cancel {
                    let cause = Cause::from(cancel);
                    return Ok(Gate::Shut(End::stopped(cause, class, false)));
                }
                return Ok(Gate::Open);
            }
            Err(Refused::Away(_)) => sleep(Duration::from_millis(50)).await,
            Err(_) => runner.stop.because(Cause::Gone),
        }
    }
}

/// Something of ours failed while the tool may have run.
fn broken(runner: &Runner, error: &anyhow::Error) -> End {
    if let Some(cgroup) = &runner.cgroup {
        cgroup.kill();
    }
    let shim = i32::try_from(std::process::id()).unwrap_or_default();
    crate::processes::kill_all(|| crate::processes::descendants(shim));
    let mut end = End::killed("the worker's machine", runner.at.assignment.step.class);
    if !runner.folder.has("child.pid") {
        end.state = platform::jobs::AttemptState::Failed;
    }
    end.error = Some((
        ErrorClass::Machine,
        format!("the worker's machine refused: {error:#}"),
    ));
    end
}

async fn close(mut runner: Runner, end: End) -> anyhow::Result<()> {
    let attempt = runner.at.assignment.attempt;
    let (at, driver) = (Arc::clone(&runner.at), Arc::clone(&runner.driver));
    let evidence = tokio::task::spawn_blocking(move || driver.evidence(&at))
        .await
        .unwrap_or_default();
    for one in evidence {
        if let Ok(bytes) = std::fs::read(&one.path) {
            let server = &runner.server;
            again(&runner.stop, || {
                server.evidence(attempt, &one.name, bytes.clone())
            })
            .await;
        }
    }
    let end = send_plan(&mut runner, end).await;
    // A full disk takes the rest of the log with it, not the end.
    let _ = runner.pump.close();
    runner.uploads.wake();
    let finish = finish(&runner, &end)?;
    // A full disk does not keep the server from hearing it.
    let _ = runner.folder.put_json("exit.json", &finish, true);
    let ahead = upload_rest(&runner.uploads, LOG_FIRST).await;
    ending::settle(&runner.server, &runner.folder, attempt, &finish).await?;
    let refused = runner.folder.has("refused");
    // Where the end came too late, the log and the journal are still wanted: a reconcile reads them.
    if ahead || upload_rest(&runner.uploads, LOG_AFTER).await || refused {
        ending::done(&runner.folder)?;
    }
    folder::wipe(&runner.at.vault);
    runner.folder.wipe();
    if let Some(cgroup) = &runner.cgroup {
        cgroup.remove();
    }
    Ok(())
}

/// The plan file, then the plan; the end changes where the server does not take them.
async fn send_plan(runner: &mut Runner, end: End) -> End {
    let Some(plan) = runner.harvest.plan.take().filter(|_| end.error.is_none()) else {
        return end;
    };
    let attempt = runner.at.assignment.attempt;
    let mut file_sha256 = None;
    if let Some(path) = &plan.file {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                return End::failed(ErrorClass::Machine, format!("the plan file: {error}"));
            }
        };
        file_sha256 = Some(hex::encode(Sha256::digest(&bytes)));
        let server = &runner.server;
        if let Some(refused) = again(&runner.stop, || {
            server.put_plan_file(attempt, bytes.clone())
        })
        .await
        {
            return End::failed(
                ErrorClass::Permanent,
                format!("the plan file is not taken: {refused}"),
            );
        }
    }
    let (mut model, mut digest) = (plan.model, plan.digest);
    if runner.pump.patterns().json(&mut model) {
        // The driver has put codes where its tool says that a value is secret; this one it did not say.
        match platform::plans::check(&model) {
            Ok(checked) => digest = checked.digest,
            Err(why) => {
                return End::failed(
                    ErrorClass::Permanent,
                    format!("the plan holds a secret: {why}"),
                );
            }
        }
    }
    let made = PlanMade {
        model,
        digest,
        based_on_serial: plan.based_on_serial,
        file_sha256,
    };
    let server = &runner.server;
    let refused = again(&runner.stop, || async {
        server.plan(attempt, &made).await.map(drop)
    })
    .await;
    match refused {
        None => end,
        Some(refused) => End::failed(
            ErrorClass::Permanent,
            format!("the plan is not taken: {refused}"),
        ),
    }
}

/// Until it is taken or refused; answers the refusal.
async fn again<F: Future<Output = Result<(), Refused>>>(
    stop: &Stop,
    mut call: impl FnMut() -> F,
) -> Option<Refused> {
    let mut wait = Duration::from_millis(100);
    loop {
        match call().await {
            Ok(()) => return None,
            Err(Refused::Away(why)) => {
                if stop.cause() == Some(Cause::Gone) {
                    return Some(Refused::Away(why));
                }
                sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(5));
            }
            Err(refused) => return Some(refused),
        }
    }
}

fn finish(runner: &Runner, end: &End) -> anyhow::Result<Finish> {
    let patterns = runner.pump.patterns();
    let book = runner.pump.book();
    let book = lock(&book);
    let entries = lock(&runner.pump.journal()).len();
    let harvest = &runner.harvest;
    let mut outputs = harvest.outputs.clone();
    for value in outputs.values_mut() {
        patterns.json(value);
    }
    let mut report = harvest.report.clone();
    report.as_mut().map(|report| patterns.json(report));
    Ok(Finish {
        state: end.state,
        exit_code: harvest.exit,
        error_class: end.error.as_ref().map(|(class, _)| *class),
        error: end.text().map(|text| patterns.text(&text)),
        log_chunks: book.chunks(),
        log_bytes: i64::try_from(book.length())?,
        log_sha256: book.digest(),
        journal_entries: i64::try_from(entries)?,
        phases: harvest.phases.clone(),
        outputs,
        secret_outputs: harvest.secret_outputs.clone(),
        changes: harvest.changes,
        report,
    })
}
