//! AWS `CloudFormation`, by the `aws` command.
//!
//! | operation | commands |
//! |---|---|
//! | plan | `create-change-set`, `wait`, `describe-change-set`; with `destroy`: `list-stack-resources` |
//! | apply | `execute-change-set` of the change set that was approved, then its events to the end |
//! | destroy | `delete-stack`, where it still holds what was approved to be removed |
//! | drift | `detect-stack-drift`, `describe-stack-resource-drifts` |
//! | reconcile | `list-stack-resources`, then a new change set |
//!
//! The plan file names the change set; AWS keeps what is in it and refuses to execute it once the
//! stack has moved.

mod changes;
mod commands;
mod events;
mod look;
mod plan_file;
#[cfg(test)]
mod tests;

use platform::{
    jobs::{ErrorClass, Operation, spec::CloudFormation as Spec},
    plans::{self, Plan, Reconciled, compare},
};

use super::{After, At, Driver, Heard, Phase, Planned, Refusal, drifted};
use commands::Aws;
use plan_file::PlanFile;

/// The driver.
pub struct CloudFormation;

impl Driver for CloudFormation {
    fn name(&self) -> &'static str {
        "cloudformation"
    }

    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal> {
        let spec: Spec = at.spec()?;
        let aws = Aws::new(at, &spec)?;
        match at.assignment.step.operation {
            Operation::Plan | Operation::Reconcile => Ok(vec![aws.look()]),
            Operation::Apply | Operation::Destroy => match PlanFile::approved(at)? {
                PlanFile::Execute { change_set, stack } => Ok(vec![
                    aws.events_before(&stack),
                    aws.execute(&change_set),
                    aws.watch(&stack),
                    aws.outcome(&stack),
                ]),
                PlanFile::Delete { stack, .. } => Ok(vec![aws.resources(&stack)]),
                PlanFile::Nothing => Err(Refusal::permanent("the plan has nothing to do")),
            },
            Operation::Drift => Ok(vec![aws.detect_drift()]),
            Operation::Check | Operation::Action => Err(Refusal::permanent(
                "cloudformation has no checks and no actions",
            )),
        }
    }

    fn line(&self, at: &At, phase: &str, line: &[u8]) -> Heard {
        match phase {
            "watch" => events::hear(at, line),
            _ => Heard {
                text: Some(line.to_vec()),
                journal: Vec::new(),
            },
        }
    }

    fn after(&self, at: &At, phase: &str, _exit: i32) -> Result<After, Refusal> {
        let spec: Spec = at.spec()?;
        let aws = Aws::new(at, &spec)?;
        let operation = at.assignment.step.operation;
        match (phase, operation) {
            ("look", _) => after_look(at, &aws, &spec),
            ("resources", Operation::Plan) => planned_removal(at),
            ("resources", Operation::Reconcile) => {
                look::keep_report(at)?;
                Ok(next(aws.propose(&spec, look::read(at)?.is_new())?))
            }
            ("resources", _) => still_to_delete(at, &aws),
            ("describe", _) => planned_changes(at),
            ("before", _) => {
                events::remember(at, &at.captured(commands::EVENTS)?);
                Ok(After::default())
            }
            ("outcome", _) => look::outcome(at),
            ("detect", _) => Ok(next(vec![
                aws.watch_drift(&look::detection(at)?),
                aws.drifts(),
            ])),
            ("drifts", _) => {
                let plan = changes::drift(at, &at.captured(commands::DRIFTS)?)?;
                let mut after = After {
                    changes: Some(!plan.drift.is_empty()),
                    text: plans::text(&plan).into_bytes(),
                    ..After::default()
                };
                after.outputs.insert("drift".to_owned(), drifted(&plan));
                Ok(after)
            }
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
        look::classify(phase, exit, &String::from_utf8_lossy(tail))
    }
}

fn next(more: Vec<Phase>) -> After {
    After {
        more,
        ..After::default()
    }
}

fn after_look(at: &At, aws: &Aws<'_>, spec: &Spec) -> Result<After, Refusal> {
    let there = look::read(at)?;
    there.refuse_busy()?;
    match (at.assignment.step.operation, &there.id, spec.destroy) {
        (Operation::Plan, None, true) => planned(at, &changes::empty(), &PlanFile::Nothing),
        (Operation::Plan, Some(id), true) | (Operation::Reconcile, Some(id), _) => {
            Ok(next(vec![aws.resources(id)]))
        }
        _ => Ok(next(aws.propose(spec, there.is_new())?)),
    }
}

fn planned(at: &At, plan: &Plan, file: &PlanFile) -> Result<After, Refusal> {
    let refused = |error: String| Refusal::permanent(error);
    let mut after = After {
        changes: Some(plan.has_effects()),
        text: plans::text(plan).into_bytes(),
        ..After::default()
    };
    if at.assignment.step.operation == Operation::Reconcile {
        let mut found: Reconciled = look::kept_report(at)?;
        let approved = at.assignment.plan.as_ref();
        if let Some(old) = approved.and_then(|old| Plan::try_from(&old.model).ok()) {
            let compared = compare(&old, plan);
            found.subset = compared.subset;
            found.beyond = compared.added;
        }
        found.changes = plan.has_effects();
        after.report = serde_json::to_value(&found).ok();
    }
    after.plan = Some(Planned {
        model: serde_json::to_value(plan).map_err(|error| refused(error.to_string()))?,
        digest: plans::digest(plan).map_err(|error| refused(error.to_string()))?,
        based_on_serial: at.assignment.stack.as_ref().and_then(|stack| stack.serial),
        file: Some(file.write(at)?),
    });
    Ok(after)
}

fn planned_changes(at: &At) -> Result<After, Refusal> {
    let (plan, file) = changes::read(at, &at.captured(commands::CHANGES)?)?;
    planned(at, &plan, &file)
}

fn planned_removal(at: &At) -> Result<After, Refusal> {
    let stack = look::read(at)?.id.unwrap_or_default();
    let resources = look::resources(at)?;
    let plan = changes::removal(&resources);
    planned(at, &plan, &PlanFile::Delete { stack, resources })
}

/// Deletes what was approved to be removed, or nothing.
fn still_to_delete(at: &At, aws: &Aws<'_>) -> Result<After, Refusal> {
    let PlanFile::Delete { stack, resources } = PlanFile::approved(at)? else {
        return Ok(After::default());
    };
    if look::resources(at)? != resources {
        return Err(Refusal {
            class: ErrorClass::StalePlan,
            why: "the stack no longer holds what was approved to be removed; nothing was removed"
                .to_owned(),
        });
    }
    Ok(next(vec![
        aws.events_before(&stack),
        aws.delete(&stack),
        aws.watch(&stack),
        aws.outcome(&stack),
    ]))
}
