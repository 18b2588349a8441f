//! From `show -json` to the plan model.

use std::collections::{BTreeMap, BTreeSet};

use platform::plans::{
    Change, Effect, OutputChange, Plan,
    mask::{Marks, Masks, collect},
    numbers::Exact,
    secret::Key,
    value::{index_path, key_path},
};
use serde::Deserialize;
use serde_json::Value;

use super::super::{At, Refusal, known::Known};

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

#[derive(Deserialize)]
struct Resource {
    address: String,
    previous_address: Option<String>,
    #[serde(rename = "type", default)]
    kind: String,
    deposed: Option<String>,
    change: Body,
    action_reason: Option<String>,
}

#[derive(Deserialize)]
struct Body {
    actions: Vec<String>,
    #[serde(default)]
    before: Value,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    after_unknown: Value,
    #[serde(default)]
    before_sensitive: Value,
    #[serde(default)]
    after_sensitive: Value,
    #[serde(default)]
    replace_paths: Vec<Vec<Value>>,
    importing: Option<Importing>,
}

#[derive(Deserialize)]
struct Importing {
    #[serde(default)]
    id: String,
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
        plan.drift.extend(resource.change(&masks)?);
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

fn refuse(error: platform::plans::NoPlan) -> Refusal {
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

impl Resource {
    fn change(&self, masks: &Masks<'_>) -> Result<Option<Change>, Refusal> {
        let moved_from = self
            .previous_address
            .as_ref()
            .filter(|from| **from != self.address);
        let action = self.change.effect()?;
        if action == Effect::None && moved_from.is_none() {
            return Ok(None);
        }
        let address = match &self.deposed {
            Some(key) => format!("{} (deposed {key})", self.address),
            None => self.address.clone(),
        };
        let (before, after) = self.change.values(&self.address, masks)?;
        Ok(Some(Change {
            address: masks.text(&address).map_err(refuse)?,
            kind: self.kind.clone(),
            action,
            before,
            after,
            reasons: self.reasons(),
            moved_from: moved_from
                .map(|from| masks.text(from))
                .transpose()
                .map_err(refuse)?,
            import_id: (self.change.importing.as_ref())
                .map(|importing| masks.text(&importing.id))
                .transpose()
                .map_err(refuse)?,
        }))
    }

    fn reasons(&self) -> Vec<String> {
        let paths: Vec<String> = self
            .change
            .replace_paths
            .iter()
            .map(|path| path_text(path))
            .collect();
        let mut reasons = Vec::new();
        let why = match self.action_reason.as_deref() {
            None => None,
            Some("replace_because_tainted") => Some("tainted".to_owned()),
            Some("replace_because_cannot_update") if paths.is_empty() => {
                Some("cannot be updated in place".to_owned())
            }
            Some("replace_because_cannot_update") => {
                Some(format!("cannot be updated in place: {}", paths.join(", ")))
            }
            Some("replace_by_request") => Some("replacing was asked for".to_owned()),
            Some("replace_by_triggers") => Some("triggered by another resource".to_owned()),
            Some("delete_because_no_resource_config") => Some("no longer declared".to_owned()),
            Some(other) => Some(other.replace('_', " ")),
        };
        reasons.extend(why);
        if self.change.actions == ["create", "delete"] {
            reasons.push("made anew before the old one is removed".to_owned());
        }
        reasons
    }
}

fn path_text(path: &[Value]) -> String {
    path.iter().fold(String::new(), |place, step| match step {
        Value::String(key) => key_path(&place, key),
        Value::Number(index) => {
            let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
            index_path(&place, index.unwrap_or(0))
        }
        _ => format!("{place}[*]"),
    })
}

impl Body {
    fn effect(&self) -> Result<Effect, Refusal> {
        let actions: Vec<&str> = self.actions.iter().map(String::as_str).collect();
        Ok(match (actions.as_slice(), &self.importing) {
            (["no-op"], Some(_)) => Effect::Import,
            (["no-op"], None) => Effect::None,
            (["create"], _) => Effect::Add,
            (["update"], _) => Effect::Change,
            (["delete"], _) => Effect::Remove,
            (["delete", "create"] | ["create", "delete"], _) => Effect::Replace,
            (["read"], _) => Effect::Read,
            (["forget"], _) => Effect::Forget,
            _ => {
                return Err(Refusal::permanent(format!(
                    "the plan holds an action this worker does not know: {}",
                    actions.join(", ")
                )));
            }
        })
    }

    fn values(
        &self,
        place: &str,
        masks: &Masks<'_>,
    ) -> Result<(Option<Value>, Option<Value>), Refusal> {
        let before = Marks {
            sensitive: &self.before_sensitive,
            unknown: &Value::Null,
        };
        let after = Marks {
            sensitive: &self.after_sensitive,
            unknown: &self.after_unknown,
        };
        let before = masks.value(place, &self.before, before).map_err(refuse)?;
        let after = masks.value(place, &self.after, after).map_err(refuse)?;
        let there = |value: Value| Some(value).filter(|value| !value.is_null());
        // A sensitive null is sealed; a resource that is not there is not.
        let before = if self.before.is_null() {
            None
        } else {
            there(before)
        };
        Ok((before, there(after).filter(|_| self.actions != ["delete"])))
    }

    fn output(
        &self,
        name: &str,
        masks: &Masks<'_>,
    ) -> Result<Option<(String, OutputChange)>, Refusal> {
        let action = self.effect()?;
        if action == Effect::None {
            return Ok(None);
        }
        let (before, after) = self.values(&key_path("output", name), masks)?;
        Ok(Some((
            name.to_owned(),
            OutputChange {
                action,
                before,
                after,
            },
        )))
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
