//! The driver that does nothing, for a while: demos, tests, benchmarks. It runs `groundcrew drive
//! echo`, or nothing at all inside the worker where its step says `inline`.

use std::collections::BTreeMap;

use platform::{
    jobs::{ErrorClass, Operation, spec::Echo as Words, wire::JournalEntry},
    plans::{self, Change, Effect, Plan},
};

use super::{After, At, Driver, Heard, Phase, Planned, Refusal, Stdout};
use crate::drive::echo::{JOURNAL, Orders};

/// The driver.
pub(super) struct Echo;

impl Driver for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal> {
        let echo: Words = words(at)?;
        let operation = at.assignment.step.operation;
        let changing = operation.writes() && !echo.resources.is_empty();
        let hostile = !echo.hostile.is_empty();
        let orders = Orders {
            number: at.assignment.number,
            action: changing.then(|| operation.name().to_owned()),
            secrets: if hostile {
                at.assignment.secrets.clone()
            } else {
                BTreeMap::new()
            },
            echo,
        };
        let argv = [
            at.binary.clone().into_os_string(),
            "drive".into(),
            "echo".into(),
        ];
        let mut phase = Phase::new("echo", argv);
        if changing {
            phase.stdout = Stdout::Lines;
        }
        let orders = serde_json::to_vec(&orders);
        phase.stdin = Some(orders.map_err(|error| Refusal::permanent(error.to_string()))?);
        Ok(vec![phase])
    }

    fn line(&self, _: &At, _: &str, line: &[u8]) -> Heard {
        let entry = line.strip_prefix(JOURNAL);
        match entry.and_then(|text| serde_json::from_slice::<JournalEntry>(text).ok()) {
            Some(entry) => Heard {
                text: None,
                journal: vec![entry],
            },
            None => Heard {
                text: Some(line.to_vec()),
                journal: Vec::new(),
            },
        }
    }

    fn after(&self, at: &At, _: &str, _: i32) -> Result<After, Refusal> {
        let echo: Words = words(at)?;
        let secret = |name: &String| Some((name.clone(), at.assignment.secrets.get(name)?.clone()));
        let mut after = After {
            outputs: echo.outputs.clone(),
            secret_outputs: echo.secret_outputs.iter().filter_map(secret).collect(),
            changes: echo.changes,
            ..After::default()
        };
        match at.assignment.step.operation {
            Operation::Plan => after.plan = Some(plan(at, &echo)?),
            Operation::Reconcile => {
                let report = serde_json::json!({ "recovered": [], "ambiguous": [], "remaining": echo.resources });
                after.report = Some(report);
            }
            _ => {}
        }
        Ok(after)
    }

    fn classify(&self, at: &At, _: &str, exit: Option<i32>, _: &[u8]) -> (ErrorClass, String) {
        let class = words(at).ok().and_then(|echo| echo.error_class);
        let how = exit.map_or_else(|| "a signal".to_owned(), |code| format!("exit code {code}"));
        (
            class.unwrap_or(ErrorClass::Permanent),
            format!("echo ended with {how}"),
        )
    }
}

fn words(at: &At) -> Result<Words, Refusal> {
    if at.assignment.spec.is_null() {
        return Ok(Words::default());
    }
    at.spec()
}

fn plan(at: &At, echo: &Words) -> Result<Planned, Refusal> {
    let version = env!("CARGO_PKG_VERSION")
        .rsplit_once('.')
        .map_or("", |(minor, _)| minor);
    let mut plan = Plan::new("echo", version);
    plan.resources = echo
        .resources
        .iter()
        .map(|address| Change {
            address: address.clone(),
            kind: "echo".to_owned(),
            action: Effect::Add,
            before: None,
            after: Some(serde_json::json!({ "address": address })),
            reasons: Vec::new(),
            moved_from: None,
            import_id: None,
        })
        .collect();
    plan.sort();
    plan.resources.dedup_by(|a, b| a.address == b.address);
    Planned::new(
        &plan,
        at.assignment.stack.as_ref().and_then(|stack| stack.serial),
        None,
    )
}

impl Planned {
    /// From a plan, with its digest.
    pub fn new(
        plan: &Plan,
        based_on_serial: Option<i64>,
        file: Option<std::path::PathBuf>,
    ) -> Result<Self, Refusal> {
        let digest = plans::digest(plan).map_err(|why| Refusal::permanent(why.to_string()))?;
        let model = serde_json::to_value(plan);
        Ok(Self {
            model: model.map_err(|why| Refusal::permanent(why.to_string()))?,
            digest,
            based_on_serial,
            file,
        })
    }
}
