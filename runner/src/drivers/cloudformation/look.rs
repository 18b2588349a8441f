//! What AWS says of the stack as a whole.

use platform::{
    jobs::ErrorClass,
    plans::{Found, Reconciled},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    super::{After, At, Refusal, known::Known},
    commands::{DETECTION, OUTCOME, RESOURCES, STACK},
};

const REPORT: &str = "reconcile.json";

/// The stack, where it is there.
pub(super) struct There {
    pub(super) id: Option<String>,
    status: String,
}

/// A resource a stack holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) id: String,
}

/// As `list-stack-resources` says it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    logical_resource_id: String,
    #[serde(default)]
    physical_resource_id: String,
    resource_type: String,
    #[serde(default)]
    resource_status: String,
}

fn json(at: &At, name: &str) -> Result<Value, Refusal> {
    let bytes = at.captured(name)?;
    let text = String::from_utf8_lossy(&bytes);
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).map_err(|error| {
        Refusal::permanent(format!(
            "the answer of aws is not understood ({name}): {error}"
        ))
    })
}

pub(super) fn read(at: &At) -> Result<There, Refusal> {
    let found = json(at, STACK)?;
    let word = |place: usize| found[0][place].as_str().map(str::to_owned);
    Ok(There {
        id: word(0),
        status: word(1).unwrap_or_default(),
    })
}

impl There {
    /// Nothing was ever made of it.
    pub(super) fn is_new(&self) -> bool {
        self.id.is_none() || self.status == "REVIEW_IN_PROGRESS"
    }

    pub(super) fn refuse_busy(&self) -> Result<(), Refusal> {
        if self.status.ends_with("_IN_PROGRESS") && !self.is_new() {
            return Err(Refusal {
                class: ErrorClass::Transient,
                why: format!("somebody is changing the stack: it is {}", self.status),
            });
        }
        if self.status == "ROLLBACK_COMPLETE" {
            return Err(Refusal::permanent(
                "the stack was rolled back when it was made (ROLLBACK_COMPLETE); AWS wants it destroyed before it is made again",
            ));
        }
        Ok(())
    }
}

pub(super) fn resources(at: &At) -> Result<Vec<Held>, Refusal> {
    let there = |one: &Listed| one.resource_status != "DELETE_COMPLETE";
    let mut held: Vec<Held> = listed(at)?
        .into_iter()
        .filter(there)
        .map(|one| Held {
            name: one.logical_resource_id,
            kind: one.resource_type,
            id: one.physical_resource_id,
        })
        .collect();
    held.sort();
    Ok(held)
}

fn listed(at: &At) -> Result<Vec<Listed>, Refusal> {
    let list = json(at, RESOURCES)?["StackResourceSummaries"].take();
    let list: Option<Vec<Listed>> = serde_json::from_value(list).map_err(|error| {
        Refusal::permanent(format!("the resources are not understood: {error}"))
    })?;
    Ok(list.unwrap_or_default())
}

pub(super) fn detection(at: &At) -> Result<String, Refusal> {
    let answer = json(at, DETECTION)?;
    let id = answer["StackDriftDetectionId"].as_str();
    id.map(str::to_owned)
        .ok_or_else(|| Refusal::permanent("AWS began no detection of drift"))
}

/// How an apply ended, and the outputs.
pub(super) fn outcome(at: &At) -> Result<After, Refusal> {
    let answer = json(at, OUTCOME)?;
    let stack = &answer["Stacks"][0];
    let status = stack["StackStatus"].as_str().unwrap_or("unknown");
    if !matches!(
        status,
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" | "DELETE_COMPLETE"
    ) {
        let why = stack["StackStatusReason"]
            .as_str()
            .unwrap_or("the events above say why");
        return Err(Refusal::permanent(format!(
            "the stack ended as {status}: {why}"
        )));
    }
    let known = Known::new(at.assignment.secrets.values());
    let mut after = After::default();
    for output in stack["Outputs"].as_array().into_iter().flatten() {
        let (Some(name), Some(value)) =
            (output["OutputKey"].as_str(), output["OutputValue"].as_str())
        else {
            continue;
        };
        if known.holds(value) {
            after
                .secret_outputs
                .insert(name.to_owned(), value.to_owned());
        } else {
            after.outputs.insert(name.to_owned(), Value::from(value));
        }
    }
    Ok(after)
}

/// What AWS itself says an attempt of unknown end has done.
pub(super) fn keep_report(at: &At) -> Result<(), Refusal> {
    let mut found = Reconciled::default();
    for one in listed(at)? {
        let (action, how) = one.resource_status.split_once('_').unwrap_or(("", ""));
        let entry = Found {
            address: one.logical_resource_id,
            action: action.to_ascii_lowercase(),
            id: Some(one.physical_resource_id).filter(|id| !id.is_empty()),
            import: false,
        };
        match how {
            "COMPLETE" => found.recovered.push(entry),
            "FAILED" => found.errored.push(entry),
            _ => found.ambiguous.push(entry),
        }
    }
    let json = serde_json::to_vec(&found).map_err(|error| Refusal::permanent(error.to_string()))?;
    std::fs::write(at.private.join(REPORT), json).map_err(|error| Refusal::machine(REPORT, &error))
}

pub(super) fn kept_report(at: &At) -> Result<Reconciled, Refusal> {
    let bytes = std::fs::read(at.private.join(REPORT)).unwrap_or_else(|_| b"{}".to_vec());
    serde_json::from_slice(&bytes).map_err(|error| Refusal::permanent(format!("{REPORT}: {error}")))
}

/// Words of the service, and what they mean.
pub(super) fn classify(phase: &str, exit: Option<i32>, tail: &str) -> (ErrorClass, String) {
    let said = tail.lines().rfind(|line| !line.trim().is_empty());
    let said = said.unwrap_or("aws did not say why").trim();
    let class = match () {
        () if tail.contains("InvalidChangeSetStatus") || tail.contains("ChangeSetNotFound") => {
            ErrorClass::StalePlan
        }
        () if [
            "Throttling",
            "Rate exceeded",
            "Could not connect",
            "Connection was closed",
            "timed out",
        ]
        .iter()
        .any(|words| tail.contains(words)) =>
        {
            ErrorClass::Transient
        }
        () => ErrorClass::Permanent,
    };
    match exit {
        Some(code) => (
            class,
            format!("{phase} ended with exit code {code}: {said}"),
        ),
        None => (class, format!("{phase} was ended by a signal")),
    }
}
