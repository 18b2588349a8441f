//! Finishing for a shim that is dead: end what it left running, send what it had not sent, say
//! honestly what is known.

use std::{
    io::{self, BufRead as _},
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use platform::jobs::{
    AttemptState, Class, ErrorClass,
    wire::{Assignment, Finish, JournalEntry},
};
use tokio::time::sleep;
use uuid::Uuid;

use super::{Settings, start::nothing_ran};
use crate::{
    client::Server,
    drivers::{At, Drivers, Heard},
    folder::{self, Folder, FolderKey},
    lock,
    log::{Book, Mark, Pump, Reading},
    mask::Patterns,
    processes,
    sandbox::Cgroup,
    shim::{self, Uploads, upload_rest},
};

/// The rest of a log is sent for so long, then kept for the next time.
const REST: Duration = Duration::from_secs(600);

/// Does all of it, and removes the folder. We are responsible for it.
pub(super) async fn settle(
    settings: &Settings,
    server: &Server,
    key: &FolderKey,
    attempt: Uuid,
    folder: &Folder,
) -> anyhow::Result<()> {
    if !folder.has("done") {
        let assignment = folder.kept(key);
        let grace = assignment.as_ref().map_or(0, |one| one.limits.grace_s);
        end_family(folder, attempt, Duration::from_secs(grace.into())).await;
        match assignment {
            None => {
                // Nothing has run, or the worker's token has changed: the server finds out by the lease.
                tracing::warn!(%attempt, "a dead shim's attempt cannot be finished from here");
            }
            Some(assignment) => {
                let server = server.with_token(&assignment.token);
                finish(settings, &server, assignment, folder).await?;
            }
        }
    }
    if let Some(vault) = &settings.vault {
        folder::wipe(&vault.join(attempt.to_string()));
    }
    folder.wipe();
    if let Some(cgroup) = Cgroup::find(attempt) {
        cgroup.remove();
    }
    folder.remove()?;
    Ok(())
}

/// The kernel has interrupted the child when its shim died. It gets the same grace as ever.
async fn end_family(folder: &Folder, attempt: Uuid, grace: Duration) {
    let pid: Option<i32> = std::fs::read_to_string(folder.path("child.pid"))
        .ok()
        .and_then(|text| text.parse().ok());
    let cgroup = Cgroup::find(attempt);
    let groups = cgroup.clone();
    let living = move || {
        let mut living = processes::of_attempt(attempt, pid);
        living.extend(groups.iter().flat_map(Cgroup::members));
        living.sort_unstable();
        living.dedup();
        living
    };
    let until = Instant::now() + grace;
    let first = living();
    for one in &first {
        processes::signal(*one, Signal::SIGINT);
    }
    while Instant::now() < until && !living().is_empty() {
        sleep(Duration::from_millis(50)).await;
    }
    if let Some(cgroup) = &cgroup {
        cgroup.kill();
    }
    if !living().is_empty() {
        let killed = tokio::task::spawn_blocking(move || processes::kill_all(&living)).await;
        let killed = killed.unwrap_or_default();
        tracing::warn!(%attempt, killed, "processes outlived their shim and their grace");
        let _ = folder.put("killed", b"", false);
    }
}

async fn finish(
    settings: &Settings,
    server: &Server,
    assignment: Assignment,
    folder: &Folder,
) -> anyhow::Result<()> {
    let attempt = assignment.attempt;
    let class = assignment.step.class;
    let driver = Drivers::built_in().get(&assignment.step.driver);
    let secrets: Vec<String> = assignment.secrets.values().cloned().collect();
    let secrets = secrets.into_iter().chain([assignment.token.clone()]);
    let secrets = secrets.chain(assignment.stack.iter().map(|stack| stack.plan_key.clone()));
    let patterns = Patterns::new(secrets);
    let at = shim::place(assignment, folder, &settings.shim(), &server.address())?;

    let known: Option<Finish> = folder.json("exit.json");
    let mark = Mark::kept(folder).unwrap_or_default();
    let to = if known.is_some() { 0 } else { mark.book };
    let book = Book::open(folder, settings.quota, Some(to))?;
    let mut entries = journal(folder)?;
    if known.is_none() {
        entries.truncate(usize::try_from(mark.journal).unwrap_or_default());
    }
    let mut pump = Pump::new(folder, book, entries, patterns)?;
    if known.is_none() && folder.has("child.pid") {
        read_on(&mut pump, folder, &mark, &at, driver.as_deref())?;
    }
    let uploads = Uploads::new(server.clone(), attempt, pump.book(), pump.journal());
    let sending = tokio::spawn(uploads.clone().run());
    if let Some(driver) = driver {
        for one in driver.evidence(&at) {
            if let Ok(bytes) = std::fs::read(&one.path) {
                let _ = server.evidence(attempt, &one.name, bytes).await;
            }
        }
    }
    let finish = known.unwrap_or_else(|| end(folder, class, &pump));
    let ahead = upload_rest(&uploads, Duration::from_secs(2)).await;
    shim::settle(server, folder, attempt, &finish).await?;
    // Also where the end came too late: a reconcile reads log and journal.
    let sent = ahead || upload_rest(&uploads, REST).await || folder.has("refused");
    sending.abort();
    anyhow::ensure!(sent, "the rest of the log is not taken yet");
    Ok(())
}

fn read_on(
    pump: &mut Pump,
    folder: &Folder,
    mark: &Mark,
    at: &At,
    driver: Option<&dyn crate::drivers::Driver>,
) -> io::Result<()> {
    let reading = Reading {
        process: mark.process,
        phase: mark.phase.clone(),
        lines: mark.lines,
        logged: true,
    };
    pump.turn_to(folder, &reading, mark);
    let mut line = |line: &[u8]| -> Heard {
        driver.map_or_else(
            || Heard {
                text: Some(line.to_vec()),
                journal: Vec::new(),
            },
            |driver| driver.line(at, &mark.phase, line),
        )
    };
    while pump.pump(&mut line, true)? {}
    pump.say("the shim of this attempt died; its child was interrupted")?;
    pump.close()
}

fn end(folder: &Folder, class: Class, pump: &Pump) -> Finish {
    let began = folder.has("gate");
    let why = if began {
        "the shim died while the tool ran: what the tool had done by then is in its journal and its state"
    } else {
        "the shim died before anything was started"
    };
    let mut finish = nothing_ran(ErrorClass::Machine, why.to_owned());
    if began && class == Class::Once {
        finish.state = AttemptState::Indeterminate;
    }
    let book = pump.book();
    let book = lock(&book);
    finish.log_chunks = book.chunks();
    finish.log_bytes = i64::try_from(book.length()).unwrap_or(i64::MAX);
    finish.log_sha256 = book.digest();
    let entries = lock(&pump.journal()).len();
    finish.journal_entries = i64::try_from(entries).unwrap_or(i64::MAX);
    finish
}

fn journal(folder: &Folder) -> io::Result<Vec<JournalEntry>> {
    let file = match std::fs::File::open(folder.path("journal.jsonl")) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut entries = Vec::new();
    for line in io::BufReader::new(file).lines() {
        match serde_json::from_str(&line?) {
            Ok(entry) => entries.push(entry),
            // The last one, half written.
            Err(_) => break,
        }
    }
    Ok(entries)
}
