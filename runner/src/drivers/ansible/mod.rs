//! Ansible.
//!
//! | operation | commands |
//! |---|---|
//! | plan | `ansible-playbook --check --diff` |
//! | apply | the same again, compared with what was approved, then the playbook |
//! | drift, check | `ansible-playbook --check --diff` |
//! | action | the playbook |
//!
//! Ansible keeps no plan file, so we do: what went into the check. An apply is started only with the
//! same, and only when a check right before it says the same. A callback plugin of ours says what each
//! task does.

mod events;
mod plan;

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
};

use platform::{
    jobs::{ErrorClass, Operation, spec::Ansible as Spec},
    plans::{self, Plan, compare, secret::Key},
};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{After, At, Driver, Heard, Phase, Planned, Refusal, Stdout, python};

/// The callback plugin.
const CALLBACK: &str = include_str!("callback.py");
/// What went into a check, kept as the plan file.
const INPUTS: &str = "groundcrew_inputs.json";
/// What it said during a check, in the private folder.
const EVENTS: &str = "events.jsonl";
/// Only the worker's own machine.
const LOCALHOST: &str = "localhost ansible_connection=local ansible_python_interpreter=\"{{ ansible_playbook_python }}\"\n";

/// The driver.
pub struct Ansible;

impl Driver for Ansible {
    fn name(&self) -> &'static str {
        "ansible"
    }

    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal> {
        let spec: Spec = at.spec()?;
        lay_out(at, &spec)?;
        let phase = match at.assignment.step.operation {
            Operation::Action => playbook(at, &spec, "run", &[])?,
            Operation::Destroy | Operation::Reconcile => {
                return Err(Refusal::permanent(
                    "ansible cannot take back or find out what a playbook did; write a playbook that does",
                ));
            }
            _ => playbook(at, &spec, "check", &["--check", "--diff"])?,
        };
        Ok(vec![phase])
    }

    fn line(&self, at: &At, phase: &str, line: &[u8]) -> Heard {
        if phase == "check" {
            keep(at, line);
        }
        events::hear(phase, line)
    }

    fn after(&self, at: &At, phase: &str, _exit: i32) -> Result<After, Refusal> {
        if phase != "check" {
            return Ok(After::default());
        }
        // Bench and server take plans of stacks only; a check without one says changed or not.
        let operation = at.assignment.step.operation;
        let said = at.captured(EVENTS).unwrap_or_default();
        let inputs = inputs(at)?;
        let plan = plan::read(at, &said, &hex::encode(Sha256::digest(&inputs)))?;
        let mut after = After {
            text: plans::text(&plan).into_bytes(),
            changes: Some(plan.has_effects()),
            ..After::default()
        };
        match operation {
            Operation::Apply => {
                still_as_approved(at, &plan, &inputs)?;
                let spec: Spec = at.spec()?;
                after.more.push(playbook(at, &spec, "run", &[])?);
            }
            Operation::Plan => after.plan = Some(planned(at, &plan, &inputs)?),
            _ => {}
        }
        Ok(after)
    }

    fn classify(
        &self,
        _at: &At,
        phase: &str,
        exit: Option<i32>,
        tail: &[u8],
    ) -> (ErrorClass, String) {
        let tail = String::from_utf8_lossy(tail);
        let words = ["failed: [", "unreachable: [", "ERROR! ", "[ERROR]: "];
        let said = tail
            .lines()
            .rfind(|line| words.iter().any(|word| line.starts_with(word)));
        let said = said.unwrap_or("the log says why");
        match exit {
            Some(4) => (
                ErrorClass::Transient,
                format!("a host did not answer: {said}"),
            ),
            Some(2) => (ErrorClass::Permanent, format!("a task failed: {said}")),
            Some(code) => (
                ErrorClass::Permanent,
                format!("{phase} ended with exit code {code}: {said}"),
            ),
            None => (
                ErrorClass::Permanent,
                format!("{phase} was ended by a signal"),
            ),
        }
    }
}

fn lay_out(at: &At, spec: &Spec) -> Result<(), Refusal> {
    for (name, content) in &spec.files {
        at.write(name, content.as_bytes())?;
    }
    at.write("groundcrew_callbacks/groundcrew.py", CALLBACK.as_bytes())?;
    at.write("groundcrew_hosts", LOCALHOST.as_bytes())?;
    at.write(
        "groundcrew_variables.json",
        json!(spec.variables).to_string().as_bytes(),
    )?;
    // Secrets of earlier steps are called `step.output`: no names of variables.
    let secrets = at
        .assignment
        .secrets
        .iter()
        .filter(|(name, _)| !name.contains('.'));
    let secrets: Map<String, Value> = secrets
        .map(|(name, one)| (name.clone(), json!(one)))
        .collect();
    at.write_secret(
        "groundcrew_secrets.json",
        json!(secrets).to_string().as_bytes(),
    )?;
    Ok(())
}

fn playbook(at: &At, spec: &Spec, name: &str, extra: &[&str]) -> Result<Phase, Refusal> {
    let program = python::program(at, "ansible-playbook")?;
    let inventory = spec.inventory.as_deref().unwrap_or("groundcrew_hosts");
    let secrets = at.vault.join("groundcrew_secrets.json");
    let secrets = format!("@{}", secrets.to_string_lossy());
    let mut words = vec![
        "-i",
        inventory,
        "-e",
        "@groundcrew_variables.json",
        "-e",
        &secrets,
    ];
    words.extend(extra);
    if let Some(limit) = &spec.limit {
        words.extend(["--limit", limit]);
    }
    let tags = spec.tags.join(",");
    if !tags.is_empty() {
        words.extend(["--tags", &tags]);
    }
    // A playbook called like an option is still a playbook.
    words.extend(["--", &spec.playbook]);
    let argv =
        std::iter::once(program.path.clone().into_os_string()).chain(words.iter().map(Into::into));
    let mut phase = Phase::new(name, argv).stdout(Stdout::Lines);
    phase.env = spec.environment.clone();
    phase.read = program.needs;
    let home = at.work.join(".ansible");
    let folders = [
        (
            "ANSIBLE_CALLBACK_PLUGINS",
            at.work.join("groundcrew_callbacks"),
        ),
        ("ANSIBLE_LOCAL_TEMP", home.join("tmp")),
        ("ANSIBLE_REMOTE_TEMP", home.join("remote")),
        ("ANSIBLE_HOME", home),
    ];
    for (name, folder) in folders {
        phase = phase.env(name, folder.to_string_lossy());
    }
    for (name, value) in [
        ("ANSIBLE_STDOUT_CALLBACK", "groundcrew"),
        ("ANSIBLE_NOCOLOR", "1"),
        ("ANSIBLE_RETRY_FILES_ENABLED", "0"),
        ("PYTHONUNBUFFERED", "1"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
    ] {
        phase = phase.env(name, value);
    }
    Ok(phase)
}

fn keep(at: &At, line: &[u8]) {
    let path = at.private.join(EVENTS);
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path);
    // What is not kept is missing from the plan, which is then not the approved one.
    if let Ok(mut file) = file {
        let _ = file.write_all(line).and_then(|()| file.write_all(b"\n"));
    }
}

/// What goes into a run, for the plan file: the step's words, and a code of its secrets.
fn inputs(at: &At) -> Result<Vec<u8>, Refusal> {
    let key = at
        .assignment
        .stack
        .as_ref()
        .and_then(|stack| Key::from_hex(&stack.plan_key));
    let key =
        key.ok_or_else(|| Refusal::permanent("a plan needs a stack: its key hides the secrets"))?;
    let refused = |error: plans::NoPlan| Refusal::permanent(error.to_string());
    let secrets = key
        .seal("secrets", &json!(at.assignment.secrets))
        .map_err(refused)?;
    let spec: Spec = at.spec()?;
    let inputs = json!({ "spec": spec, "secrets": secrets });
    serde_json::to_vec(&inputs).map_err(|error| Refusal::permanent(error.to_string()))
}

fn planned(at: &At, plan: &Plan, inputs: &[u8]) -> Result<Planned, Refusal> {
    let refused = |error: String| Refusal::permanent(error);
    Ok(Planned {
        digest: plans::digest(plan).map_err(|error| refused(error.to_string()))?,
        model: serde_json::to_value(plan).map_err(|error| refused(error.to_string()))?,
        based_on_serial: at.assignment.stack.as_ref().and_then(|stack| stack.serial),
        file: Some(at.write(INPUTS, inputs)?),
    })
}

/// Nothing is started unless it would do what was approved.
fn still_as_approved(at: &At, now: &Plan, inputs: &[u8]) -> Result<(), Refusal> {
    let stale = |why: String| Refusal {
        class: ErrorClass::StalePlan,
        why,
    };
    let approved = at.assignment.plan.as_ref();
    let approved = approved.ok_or_else(|| stale("there is no approved plan".to_owned()))?;
    let approved = Plan::try_from(&approved.model).map_err(|error| stale(error.to_string()))?;
    let file = at.plan_file.as_ref().map(fs::read).transpose();
    let file = file.map_err(|error| Refusal::machine("the plan file", &error))?;
    if file.as_deref() != Some(inputs) {
        let why = "the playbook, its variables or its secrets are not those that were approved; nothing was started";
        return Err(stale(why.to_owned()));
    }
    let compared = compare(&approved, now);
    if compared.same {
        return Ok(());
    }
    let mut what = compared.added;
    what.extend(compared.gone);
    what.extend(compared.differs.into_iter().map(|one| one.address));
    what.truncate(5);
    Err(stale(format!(
        "the playbook would no longer do what was approved; nothing was started. It differs in: {}",
        what.join(", ")
    )))
}
