//! From `show -json` to the plan model.

use std::collections::{BTreeMap, BTreeSet};

use platform::plans::{
    Plan,
    mask::{Masks, collect},
    numbers::Exact,
    secret::Key,
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    super::{At, Refusal, known::Known},
    resource::{Body, Resource, alike},
};

/// Most bytes of `show -json` that are read; it repeats the plan about three times.
const MOST: usize = 4 * platform::plans::MAX_BYTES;

/// A plan read.
pub(super) struct Read {
    pub(super) plan: Plan,
    /// Values the tool marks as secret.
    pub(super) secrets: Vec<String>,
}

#[derive(Deserialize)]
struct Shown {
    terraform_version: String,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(default)]
    resource_changes: Vec<Resource>,
    #[serde(default)]
    resource_drift: Vec<Resource>,
    #[serde(default)]
    output_changes: BTreeMap<String, Body>,
    #[serde(default)]
    configuration: Configuration,
}

#[derive(Deserialize)]
struct Variable {
    #[serde(default)]
    value: Value,
}

#[derive(Default, Deserialize)]
struct Configuration {
    #[serde(default)]
    root_module: RootModule,
}

#[derive(Default, Deserialize)]
struct RootModule {
    #[serde(default)]
    variables: BTreeMap<String, Declared>,
}

#[derive(Deserialize)]
struct Declared {
    #[serde(default)]
    sensitive: bool,
}

/// Reads a plan, secrets to codes.
pub(super) fn read(at: &At, tool: &str, json: &[u8]) -> Result<Read, Refusal> {
    if json.len() > MOST {
        return Err(refuse(platform::plans::NoPlan::TooLarge));
    }
    let numbers = Exact::default();
    let shown: Shown = serde_json::from_slice(&numbers.rewrite(json)).map_err(|error| {
        Refusal::permanent(format!("show -json said what we do not know: {error}"))
    })?;
    let stack = at.assignment.stack.as_ref();
    let key = stack
        .and_then(|stack| Key::from_hex(&stack.plan_key))
        .ok_or_else(|| Refusal::permanent("the stack has no key for its plans"))?;
    let secrets = shown.secrets();
    let known = Known::new(at.assignment.secrets.values().chain(&secrets));
    let masks = Masks {
        key: &key,
        holds_secret: &|text| known.holds(text),
        numbers: &numbers,
    };
    let mut plan = Plan::new(tool, &minor(&shown.terraform_version));
    for resource in &shown.resource_changes {
        plan.resources.extend(resource.change(&masks)?);
    }
    for resource in &shown.resource_drift {
        if !alike(&resource.change.before, &resource.change.after) {
            plan.drift.extend(resource.change(&masks)?);
        }
    }
    for (name, body) in &shown.output_changes {
        plan.outputs.extend(body.output(name, &masks)?);
    }
    plan.sort();
    Ok(Read {
        plan,
        secrets: secrets.into_iter().collect(),
    })
}

pub(super) fn refuse(error: platform::plans::NoPlan) -> Refusal {
    Refusal::permanent(error.to_string())
}

fn minor(version: &str) -> String {
    version.splitn(3, '.').take(2).collect::<Vec<_>>().join(".")
}

impl Shown {
    /// Everything marked as secret, wherever: it may stand elsewhere without the mark.
    fn secrets(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let changes = self.resource_changes.iter().chain(&self.resource_drift);
        let bodies = changes
            .map(|resource| &resource.change)
            .chain(self.output_changes.values());
        for body in bodies {
            collect(&body.before, &body.before_sensitive, &mut found);
            collect(&body.after, &body.after_sensitive, &mut found);
        }
        for (name, declared) in &self.configuration.root_module.variables {
            if let Some(variable) = self.variables.get(name).filter(|_| declared.sensitive) {
                collect(&variable.value, &Value::Bool(true), &mut found);
            }
        }
        found
    }
}

/// One output of `output -json`, or of the outputs event.
#[derive(Deserialize)]
pub(super) struct Output {
    #[serde(default)]
    pub(super) sensitive: bool,
    #[serde(default)]
    pub(super) value: Value,
}

pub(super) fn outputs(json: &[u8]) -> Result<BTreeMap<String, Output>, Refusal> {
    serde_json::from_slice(json)
        .map_err(|error| Refusal::permanent(format!("the outputs are not understood: {error}")))
}
