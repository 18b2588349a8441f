//! Terraform and `OpenTofu`.
//!
//! | operation | commands |
//! |---|---|
//! | plan | `init` where there is something to download, `plan -out`, `show -json` |
//! | apply, destroy | `init` the same way, `apply` of the consumed plan file, `output` where an output is secret |
//! | drift | `plan -refresh-only -out`, `show -json` |
//! | check | `plan`, without keeping it |
//! | reconcile | `show -json` of the state, `plan` with imports of what the journal says is there, `show -json` |
//!
//! State lives in the portal, through the tool's HTTP backend; the address and the attempt's token
//! come by the environment and so are in no plan file. A plan reads without a lock, since it may not
//! write. What is destroyed stands in a plan made with `-destroy` and is applied like any other.

mod archive;
mod classify;
mod commands;
mod events;
mod folder;
mod reconcile;
mod resource;
mod show;

use platform::{
    jobs::{ErrorClass, Operation, spec::Terraform as Spec},
    plans,
};
use sha2::{Digest as _, Sha256};

use super::{After, At, Driver, Evidence, Heard, Phase, Planned, Refusal, drifted};
use commands::Tool;

/// Name of the plan file in the working folder.
const PLAN_FILE: &str = "groundcrew.tfplan";
/// What `show -json` said, in the private folder.
const SHOWN: &str = "show.json";
/// The outputs event of an apply, in the private folder.
const OUTPUTS: &str = "outputs-event.json";
/// What `output -json` said, in the private folder.
const ALL_OUTPUTS: &str = "outputs.json";
/// What `show -json` said of the state, in the private folder.
const STATE: &str = "state.json";
/// There once no `init` was needed; in the private folder.
const UNPREPARED: &str = "no-init";

/// The driver.
pub struct Terraform;

impl Driver for Terraform {
    fn name(&self) -> &'static str {
        "terraform"
    }

    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal> {
        let spec: Spec = at.spec()?;
        let tool = Tool::new(at, &spec)?;
        folder::lay_out(at, &spec)?;
        match at.assignment.step.operation {
            Operation::Plan | Operation::Check => {
                let mut phases = tool.init_unless_bare(&spec)?;
                phases.push(tool.plan(&spec, if spec.destroy { &["-destroy"] } else { &[] }));
                Ok(phases)
            }
            Operation::Drift => {
                let mut phases = tool.init_unless_bare(&spec)?;
                phases.push(tool.plan(&spec, &["-refresh-only"]));
                Ok(phases)
            }
            Operation::Apply | Operation::Destroy => {
                let mut phases = Vec::new();
                if approved_file(at)?.needs_providers() {
                    phases.push(tool.init());
                }
                phases.push(tool.apply(&spec));
                Ok(phases)
            }
            Operation::Reconcile => Ok(vec![tool.init(), tool.show_state()]),
            Operation::Action => Err(Refusal::permanent(
                "terraform has no actions; use a script for them",
            )),
        }
    }

    fn line(&self, at: &At, phase: &str, line: &[u8]) -> Heard {
        let heard = events::hear(phase, line);
        if let Some(outputs) = &heard.outputs {
            // Lost outputs are read anew in `after`.
            let _ = std::fs::write(at.private.join(OUTPUTS), outputs.to_string());
        }
        heard.heard
    }

    fn after(&self, at: &At, phase: &str, exit: i32) -> Result<After, Refusal> {
        let spec: Spec = at.spec()?;
        let tool = Tool::new(at, &spec)?;
        match (phase, at.assignment.step.operation) {
            ("plan", operation) => after_plan(at, &tool, &spec, operation, exit),
            ("show", Operation::Reconcile) => reconcile::report(at, &tool),
            ("show", operation) => planned(at, &tool, operation),
            ("state", _) => reconcile::prepare(at, &tool, &spec),
            ("apply", _) => after_apply(at, &tool, &spec),
            ("output", _) => outputs(&at.captured(ALL_OUTPUTS)?),
            _ => Ok(After::default()),
        }
    }

    fn classify(
        &self,
        _at: &At,
        phase: &str,
        exit: Option<i32>,
        tail: &[u8],
    ) -> (ErrorClass, String) {
        classify::classify(phase, exit, &String::from_utf8_lossy(tail))
    }

    fn evidence(&self, at: &At) -> Vec<Evidence> {
        let path = at.work.join("errored.tfstate");
        let there = path.is_file();
        there
            .then(|| Evidence {
                name: "errored.tfstate".to_owned(),
                path,
            })
            .into_iter()
            .collect()
    }
}

/// The approved plan file, compared once more with what was approved, put where the tool reads it.
fn approved_file(at: &At) -> Result<archive::Archive, Refusal> {
    let missing = || Refusal {
        class: ErrorClass::StalePlan,
        why: "there is no approved plan file: make a plan and have it approved".to_owned(),
    };
    let plan = at.assignment.plan.as_ref().ok_or_else(missing)?;
    let path = at.plan_file.as_ref().ok_or_else(missing)?;
    let bytes = std::fs::read(path).map_err(|error| Refusal::machine("the plan file", &error))?;
    let digest = hex::encode(Sha256::digest(&bytes));
    if plan.file_sha256.as_deref() != Some(&*digest) {
        return Err(Refusal {
            class: ErrorClass::StalePlan,
            why: "the plan file is not the one that was approved; nothing was applied".to_owned(),
        });
    }
    let archive = archive::Archive::read(&bytes)?;
    at.write(PLAN_FILE, &bytes)?;
    if let Some(lock) = &archive.lock_file {
        // The very providers the plan was made with.
        at.write(".terraform.lock.hcl", lock)?;
    }
    Ok(archive)
}

fn after_plan(
    at: &At,
    tool: &Tool<'_>,
    spec: &Spec,
    operation: Operation,
    exit: i32,
) -> Result<After, Refusal> {
    let mut after = After::default();
    if exit == 1 {
        // Taken for bare and was not, or imports were refused: once more, the long way.
        if folder::forget(at, UNPREPARED) {
            after.more = vec![tool.init(), tool.plan_again(spec, operation)];
            return Ok(after);
        }
        if operation == Operation::Reconcile {
            return reconcile::without_imports(at, tool, spec);
        }
        return Err(Refusal::permanent("no plan was made; the log says why"));
    }
    after.changes = Some(exit == 2);
    if operation != Operation::Check {
        after.more.push(tool.show_plan());
    }
    Ok(after)
}

/// From what `show -json` said of the plan file.
fn planned(at: &At, tool: &Tool<'_>, operation: Operation) -> Result<After, Refusal> {
    let read = show::read(at, tool.name(), &at.captured(SHOWN)?)?;
    let file = at.work.join(PLAN_FILE);
    let bytes = std::fs::read(&file).map_err(|error| Refusal::machine(PLAN_FILE, &error))?;
    let archive = archive::Archive::read(&bytes)?;
    let digest =
        plans::digest(&read.plan).map_err(|error| Refusal::permanent(error.to_string()))?;
    let text = plans::text(&read.plan).into_bytes();
    let mut after = After {
        secrets: read.secrets,
        text,
        ..After::default()
    };
    if operation == Operation::Drift {
        after.changes = Some(!read.plan.drift.is_empty());
        after
            .outputs
            .insert("drift".to_owned(), drifted(&read.plan));
        return Ok(after);
    }
    let model =
        serde_json::to_value(&read.plan).map_err(|error| Refusal::permanent(error.to_string()))?;
    after.changes = Some(read.plan.has_effects());
    after.plan = Some(Planned {
        model,
        digest,
        based_on_serial: archive.serial,
        file: Some(file),
    });
    Ok(after)
}

fn after_apply(at: &At, tool: &Tool<'_>, spec: &Spec) -> Result<After, Refusal> {
    let said = at.captured(OUTPUTS).unwrap_or_default();
    let after = outputs(&said);
    match after {
        Ok(after) if after.secret_outputs.is_empty() => Ok(after),
        // The event leaves the values of secrets out, or got lost.
        _ => {
            let mut more = Vec::new();
            if !at.work.join(".terraform").is_dir() {
                more.extend(tool.init_unless_bare(spec)?);
            }
            more.push(tool.output());
            Ok(After {
                more,
                ..After::default()
            })
        }
    }
}

fn outputs(said: &[u8]) -> Result<After, Refusal> {
    let mut after = After::default();
    for (name, output) in show::outputs(said)? {
        if output.sensitive {
            let text = match output.value {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            after.secret_outputs.insert(name, text);
        } else {
            after.outputs.insert(name, output.value);
        }
    }
    Ok(after)
}
