//! A stand-in for the shim: runs a driver's commands one after the other.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use platform::{
    jobs::{ErrorClass, Operation, wire::JournalEntry},
    plans::Plan,
};
use runner::drivers::{After, At, Driver, Phase, Planned, Stdout};
use serde_json::Value;
use tempfile::TempDir;

use super::{at::at, state::StateServer};

/// What a try of a step is told.
pub(super) struct Try {
    pub(super) operation: Operation,
    pub(super) spec: Value,
    pub(super) secrets: BTreeMap<String, String>,
    pub(super) inputs: BTreeMap<String, Value>,
    /// The plan it consumes and its file.
    pub(super) plan: Option<(Planned, Vec<u8>)>,
    /// Other bytes than those that were approved.
    pub(super) file_instead: Option<Vec<u8>>,
    /// Kills the child, hard, when a line holds this.
    pub(super) kill_at: Option<String>,
}

impl Try {
    pub(super) fn new(operation: Operation, spec: Value) -> Self {
        Self {
            operation,
            spec,
            secrets: BTreeMap::new(),
            inputs: BTreeMap::new(),
            plan: None,
            file_instead: None,
            kill_at: None,
        }
    }

    pub(super) fn secret(mut self, name: &str, value: &str) -> Self {
        self.secrets.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(super) fn plan(mut self, plan: (Planned, Vec<u8>)) -> Self {
        self.plan = Some(plan);
        self
    }
}

/// What came of it.
#[derive(Default)]
pub(super) struct Ran {
    pub(super) plan: Option<Planned>,
    /// The plan file's bytes.
    pub(super) file: Vec<u8>,
    pub(super) after: After,
    pub(super) log: String,
    pub(super) journal: Vec<JournalEntry>,
    pub(super) phases: Vec<String>,
    pub(super) failed: Option<(ErrorClass, String)>,
    pub(super) evidence: Vec<String>,
}

impl Ran {
    /// The plan in the model; panics with the log when there is none.
    pub(super) fn model(&self) -> Plan {
        self.succeeded();
        let planned = self
            .plan
            .as_ref()
            .unwrap_or_else(|| panic!("no plan: {}", self.log));
        platform::plans::check(&planned.model).expect("a plan").plan
    }

    /// The plan as a later try consumes it.
    pub(super) fn approved(&self) -> (Planned, Vec<u8>) {
        self.succeeded();
        (self.plan.clone().expect("a plan"), self.file.clone())
    }

    pub(super) fn succeeded(&self) -> &Self {
        assert!(self.failed.is_none(), "{:?}\n{}", self.failed, self.log);
        self
    }

    pub(super) fn error(&self) -> &(ErrorClass, String) {
        self.failed
            .as_ref()
            .unwrap_or_else(|| panic!("it succeeded: {}", self.log))
    }
}

/// Runs one try against a state server.
pub(super) fn run(driver: &dyn Driver, state: &StateServer, one: Try) -> Ran {
    let folders = TempDir::new().expect("a folder");
    let at = at(driver, &folders, state, &one);
    let mut ran = Ran::default();
    let mut waiting = match driver.prepare(&at) {
        Ok(phases) => phases,
        Err(refusal) => {
            ran.failed = Some((refusal.class, refusal.why));
            return ran;
        }
    };
    waiting.reverse();
    while let Some(phase) = waiting.pop() {
        ran.phases.push(phase.name.clone());
        let exit = run_phase(driver, &at, &phase, one.kill_at.as_deref(), &mut ran);
        let Some(exit) = exit.filter(|exit| phase.ok.contains(exit)) else {
            ran.failed = Some(driver.classify(&at, &phase.name, exit, ran.log.as_bytes()));
            break;
        };
        match driver.after(&at, &phase.name, exit) {
            Ok(after) => add(&mut ran, after, &mut waiting),
            Err(refusal) => {
                ran.failed = Some((refusal.class, refusal.why));
                break;
            }
        }
    }
    if let Some(file) = ran.plan.as_ref().and_then(|plan| plan.file.as_ref()) {
        ran.file = std::fs::read(file).expect("the plan file");
    }
    ran.evidence = driver
        .evidence(&at)
        .into_iter()
        .map(|one| one.name)
        .collect();
    ran
}

fn add(ran: &mut Ran, after: After, waiting: &mut Vec<Phase>) {
    ran.log.push_str(&String::from_utf8_lossy(&after.text));
    ran.journal.extend(after.journal.iter().cloned());
    waiting.extend(after.more.iter().rev().cloned());
    ran.plan = after.plan.clone().or(ran.plan.take());
    let so_far = std::mem::take(&mut ran.after);
    ran.after = After {
        changes: after.changes.or(so_far.changes),
        report: after.report.clone().or(so_far.report),
        outputs: so_far
            .outputs
            .into_iter()
            .chain(after.outputs.clone())
            .collect(),
        secret_outputs: so_far
            .secret_outputs
            .into_iter()
            .chain(after.secret_outputs.clone())
            .collect(),
        secrets: so_far
            .secrets
            .into_iter()
            .chain(after.secrets.clone())
            .collect(),
        ..After::default()
    };
}

fn run_phase(
    driver: &dyn Driver,
    at: &At,
    phase: &Phase,
    kill_at: Option<&str>,
    ran: &mut Ran,
) -> Option<i32> {
    let mut command = Command::new(&phase.argv[0]);
    command
        .args(&phase.argv[1..])
        .current_dir(&at.work)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", &at.work)
        .env("TMPDIR", &at.vault)
        .env("LANG", "C.UTF-8")
        .envs(&phase.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the tool starts");
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(phase.stdin.as_deref().unwrap_or_default());
    }
    let said = Arc::new(Mutex::new(Vec::new()));
    let errors = {
        let mut pipe = child.stderr.take().expect("piped");
        let said = said.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            said.lock().expect("whole").extend(bytes);
        })
    };
    hear(driver, at, phase, kill_at, &mut child, ran);
    let status = child.wait().expect("it ends");
    errors.join().expect("read");
    ran.log
        .push_str(&String::from_utf8_lossy(&said.lock().expect("whole")));
    status.code()
}

fn hear(
    driver: &dyn Driver,
    at: &At,
    phase: &Phase,
    kill_at: Option<&str>,
    child: &mut Child,
    ran: &mut Ran,
) {
    let mut pipe = BufReader::new(child.stdout.take().expect("piped"));
    if let Stdout::File(name) = &phase.stdout {
        let mut file = std::fs::File::options();
        let file = file.append(true).create(true).open(at.private.join(name));
        let mut file = file.expect("a file");
        std::io::copy(&mut pipe, &mut file).expect("copied");
        return;
    }
    for line in pipe.split(b'\n').map_while(Result::ok) {
        let heard = match phase.stdout {
            Stdout::Lines => driver.line(at, &phase.name, &line),
            _ => runner::drivers::Heard {
                text: Some(line.clone()),
                journal: Vec::new(),
            },
        };
        if let Some(text) = heard.text {
            ran.log.push_str(&String::from_utf8_lossy(&text));
            ran.log.push('\n');
        }
        ran.journal.extend(heard.journal);
        if kill_at.is_some_and(|word| String::from_utf8_lossy(&line).contains(word)) {
            child.kill().expect("killed");
        }
    }
}
