//! Scripts: bash, Python, anything that can be run.
//!
//! A script is told what to do by `GROUNDCREW_OPERATION` and its secrets by variables of their
//! names. One that speaks JSON gets a [`Request`] on standard input as well, and answers with lines
//! that are JSON objects ([`Answer`]); they stay out of the log. A script that can preview answers a
//! plan; one that cannot says which effects it will have.

mod answer;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, ffi::OsString, fs, os::unix::fs::PermissionsExt as _};

use platform::{
    jobs::{ErrorClass, Operation, spec::Script as Words},
    plans,
};
use serde::Serialize;
use serde_json::Value;

use super::{After, At, Driver, Heard, Phase, Planned, Refusal, Stdout};
use answer::Answer;

/// The driver.
pub(super) struct Script;

/// What a script that speaks JSON is told.
#[derive(Serialize)]
struct Request<'a> {
    operation: Operation,
    /// Which try this is, from 1.
    number: u32,
    /// The step's own input.
    input: &'a Value,
    /// Outputs of the steps it needs, by step.
    inputs: &'a BTreeMap<String, Value>,
    /// The plan to carry out.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a Value>,
}

/// Where the answer is kept until the script has ended.
const ANSWER: &str = "answer.json";

impl Driver for Script {
    fn name(&self) -> &'static str {
        "script"
    }

    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal> {
        let script: Words = at.spec()?;
        for (name, content) in &script.files {
            at.write(name, content.as_bytes())?;
        }
        let path = at.write("run", script.run.as_bytes())?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))
            .map_err(|error| Refusal::machine("run", &error))?;
        let mut argv: Vec<OsString> = if script.run.starts_with("#!") {
            vec![path.into()]
        } else {
            vec!["bash".into(), path.into()]
        };
        argv.extend(script.arguments.iter().map(Into::into));
        let mut phase = Phase::new("run", argv);
        phase.env = environment(at, &script.environment);
        if script.json {
            let request = Request {
                operation: at.assignment.step.operation,
                number: at.assignment.number,
                input: &script.input,
                inputs: &at.assignment.inputs,
                plan: at.assignment.plan.as_ref().map(|plan| &plan.model),
            };
            let request = serde_json::to_vec(&request);
            phase.stdin = Some(request.map_err(|error| Refusal::permanent(error.to_string()))?);
            phase.stdout = Stdout::Lines;
        }
        Ok(vec![phase])
    }

    fn line(&self, at: &At, _: &str, line: &[u8]) -> Heard {
        let Some(answer) = Answer::read(line) else {
            return Heard {
                text: Some(line.to_vec()),
                journal: Vec::new(),
            };
        };
        let journal = answer.journal.clone();
        // The last answer counts; what it cannot keep is missed when the script has ended.
        if !answer.only_journal() {
            let _ = fs::write(at.private.join(ANSWER), line);
        }
        Heard {
            text: None,
            journal,
        }
    }

    fn after(&self, at: &At, _: &str, _: i32) -> Result<After, Refusal> {
        let operation = at.assignment.step.operation;
        let answer = match fs::read(at.private.join(ANSWER)) {
            Ok(line) => Answer::read(&line).unwrap_or_default(),
            Err(_) => Answer::default(),
        };
        let plan = answer.plan(at.assignment.stack.as_ref().and_then(|stack| stack.serial))?;
        if operation == Operation::Plan && plan.is_none() {
            return Err(Refusal::permanent(
                "the script ended well and answered no plan: a line {\"plan\": …} in the plan model, or {\"effects\": […]} where it cannot preview",
            ));
        }
        let changes = answer.changes.or_else(|| {
            let planned = plan.as_ref()?;
            let checked = plans::check(&planned.model).ok()?;
            Some(checked.plan.has_effects())
        });
        Ok(After {
            plan: plan.filter(|_| operation == Operation::Plan),
            outputs: answer.outputs,
            secret_outputs: answer.secret_outputs,
            changes,
            report: answer.report,
            ..After::default()
        })
    }

    fn classify(&self, _: &At, _: &str, exit: Option<i32>, tail: &[u8]) -> (ErrorClass, String) {
        let last = String::from_utf8_lossy(tail);
        let last = last
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        // The code of EX_TEMPFAIL (sysexits.h): a script says so that another try may help.
        let class = if exit == Some(75) {
            ErrorClass::Transient
        } else {
            ErrorClass::Permanent
        };
        let code = exit.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        (class, format!("the script ended with {code}: {last}"))
    }
}

/// The step's variables, and its secrets under their names.
pub(super) fn environment(at: &At, named: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut environment = named.clone();
    for (name, value) in &at.assignment.secrets {
        let fits = |(at, byte): (usize, u8)| {
            byte == b'_' || byte.is_ascii_alphabetic() || (at > 0 && byte.is_ascii_digit())
        };
        if name.bytes().enumerate().all(fits) && !value.contains('\0') {
            environment.insert(name.clone(), value.clone());
        }
    }
    environment
}

/// A plan somebody else wrote, checked and with its digest.
pub(super) fn planned(model: Value, serial: Option<i64>) -> Result<Planned, Refusal> {
    let checked = plans::check(&model).map_err(|why| Refusal::permanent(why.to_string()))?;
    Ok(Planned {
        model,
        digest: checked.digest,
        based_on_serial: serial,
        file: None,
    })
}
