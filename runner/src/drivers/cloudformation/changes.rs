//! From change sets, resources and drifts to the plan model.

use platform::plans::{
    Change, Effect, NoPlan, Plan,
    mask::{Marks, Masks},
    numbers::Exact,
    secret::Key,
    value::unknown,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::{At, Refusal, known::Known},
    look::Held,
    plan_file::PlanFile,
};

/// The API's version, in place of a tool's: the command's own does not change what happens.
const VERSION: &str = "2010-05";

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ChangeSet {
    #[serde(rename = "ChangeSetId")]
    arn: String,
    stack_id: String,
    status: String,
    status_reason: Option<String>,
    changes: Option<Vec<One>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct One {
    resource_change: Option<Resource>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Resource {
    action: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
    #[serde(rename = "ResourceType")]
    kind: String,
    replacement: Option<String>,
    policy_action: Option<String>,
    details: Option<Vec<Value>>,
    before_context: Option<String>,
    after_context: Option<String>,
}

pub(super) fn empty() -> Plan {
    Plan::new("cloudformation", VERSION)
}

/// A change set that was made.
pub(super) fn read(at: &At, json: &[u8]) -> Result<(Plan, PlanFile), Refusal> {
    let numbers = Exact::default();
    let set: ChangeSet = serde_json::from_slice(&numbers.rewrite(json)).map_err(|error| {
        Refusal::permanent(format!("the change set is not understood: {error}"))
    })?;
    let reason = set.status_reason.unwrap_or_default();
    if set.status == "FAILED"
        && (reason.contains("didn't contain changes") || reason.contains("No updates"))
    {
        return Ok((empty(), PlanFile::Nothing));
    }
    if set.status != "CREATE_COMPLETE" {
        return Err(Refusal::permanent(format!(
            "no change set was made: {reason}"
        )));
    }
    let known = Known::new(at.assignment.secrets.values());
    let key = key(at)?;
    let masks = Masks {
        key: &key,
        holds_secret: &|text| known.holds(text),
        numbers: &numbers,
    };
    let inputs = inputs(at, &key)?;
    let mut plan = empty();
    for change in set
        .changes
        .into_iter()
        .flatten()
        .filter_map(|one| one.resource_change)
    {
        plan.resources.push(change.read(&masks, &inputs)?);
    }
    plan.sort();
    let file = PlanFile::Execute {
        change_set: set.arn,
        stack: set.stack_id,
    };
    Ok((plan, file))
}

fn refuse(error: NoPlan) -> Refusal {
    Refusal::permanent(error.to_string())
}

fn key(at: &At) -> Result<Key, Refusal> {
    let stack = at.assignment.stack.as_ref();
    stack
        .and_then(|stack| Key::from_hex(&stack.plan_key))
        .ok_or_else(|| Refusal::permanent("a plan needs a stack: its key hides the secrets"))
}

/// A code of all that went in: AWS names what changes, not always to what, and never secrets.
fn inputs(at: &At, key: &Key) -> Result<Value, Refusal> {
    let parameters = at
        .assignment
        .secrets
        .iter()
        .filter(|(name, _)| !name.starts_with("AWS_"));
    let parameters: Map<String, Value> = parameters
        .map(|(name, secret)| (name.clone(), json!(secret)))
        .collect();
    let all = json!({ "spec": at.assignment.spec, "secrets": parameters });
    key.seal("inputs", &Value::from(all.to_string()))
        .map_err(refuse)
}

impl Resource {
    fn read(self, masks: &Masks<'_>, inputs: &Value) -> Result<Change, Refusal> {
        let mut reasons = Vec::new();
        let action = match (self.action.as_str(), self.replacement.as_deref()) {
            ("Add", _) => Effect::Add,
            ("Import", _) => Effect::Import,
            ("Remove", _) if self.policy_action.as_deref() == Some("Retain") => Effect::Forget,
            ("Remove", _) => Effect::Remove,
            ("Modify", Some("True")) => Effect::Replace,
            ("Modify" | "Dynamic", Some("Conditional")) | ("Dynamic", _) => {
                reasons.push("may be replaced: AWS knows when it does it".to_owned());
                Effect::Replace
            }
            ("Modify", _) => Effect::Change,
            (other, _) => {
                return Err(Refusal::permanent(format!(
                    "the change set holds an action we do not know: {other}"
                )));
            }
        };
        let address = self.logical_resource_id;
        let context = |text: Option<String>| -> Result<Option<Value>, Refusal> {
            let Some(text) = text else { return Ok(None) };
            let parsed = serde_json::from_slice(&masks.numbers.rewrite(text.as_bytes()));
            let parsed = parsed.unwrap_or(Value::String(text));
            masks
                .value(&address, &parsed, Marks::NONE)
                .map(Some)
                .map_err(refuse)
        };
        let mut before = context(self.before_context)?;
        let after = context(self.after_context)?;
        if before.is_none() && action != Effect::Add {
            before = self
                .physical_resource_id
                .map(|id| json!({ "physical_id": id }));
        }
        let goes = matches!(action, Effect::Remove | Effect::Forget);
        let mut details = Map::new();
        for one in self.details.iter().flatten() {
            let target = &one["Target"];
            let name = [&target["Attribute"], &target["Name"]]
                .map(|part| part.as_str().unwrap_or_default());
            let name = name.join(".").trim_end_matches('.').to_owned();
            if target["RequiresRecreation"] == "Always" {
                reasons.push(format!("cannot be updated in place: {name}"));
            }
            details.insert(name, unknown(&address));
        }
        let after = after.or(Some(details)
            .filter(|all| !all.is_empty())
            .map(Value::Object));
        Ok(Change {
            kind: self.kind,
            action,
            before,
            after: (!goes).then(|| json!({ "inputs": inputs, "resource": after.unwrap_or_else(|| unknown(&address)) })),
            reasons,
            moved_from: None,
            import_id: None,
            address,
        })
    }
}

/// Everything the stack holds goes.
pub(super) fn removal(resources: &[Held]) -> Plan {
    let mut plan = empty();
    plan.resources = resources
        .iter()
        .map(|one| Change {
            address: one.name.clone(),
            kind: one.kind.clone(),
            action: Effect::Remove,
            before: Some(json!({ "physical_id": one.id })),
            after: None,
            reasons: Vec::new(),
            moved_from: None,
            import_id: None,
        })
        .collect();
    plan.sort();
    plan
}

/// What `describe-stack-resource-drifts` found.
pub(super) fn drift(at: &At, json: &[u8]) -> Result<Plan, Refusal> {
    let numbers = Exact::default();
    let mut answer: Value = serde_json::from_slice(&numbers.rewrite(json))
        .map_err(|error| Refusal::permanent(format!("the drifts are not understood: {error}")))?;
    let known = Known::new(at.assignment.secrets.values());
    let key = key(at)?;
    let masks = Masks {
        key: &key,
        holds_secret: &|text| known.holds(text),
        numbers: &numbers,
    };
    let mut plan = empty();
    for one in answer["StackResourceDrifts"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        let word = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
        let address = word("LogicalResourceId");
        let properties = |name: &str| -> Result<Option<Value>, Refusal> {
            let Some(text) = one[name].as_str() else {
                return Ok(None);
            };
            let parsed = serde_json::from_slice(&numbers.rewrite(text.as_bytes()));
            let parsed = parsed.unwrap_or_else(|_| Value::from(text));
            masks
                .value(&address, &parsed, Marks::NONE)
                .map(Some)
                .map_err(refuse)
        };
        let gone = one["StackResourceDriftStatus"] == "DELETED";
        plan.drift.push(Change {
            kind: word("ResourceType"),
            action: if gone { Effect::Remove } else { Effect::Change },
            before: properties("ExpectedProperties")?,
            after: properties("ActualProperties")?,
            reasons: Vec::new(),
            moved_from: None,
            import_id: None,
            address,
        });
    }
    plan.sort();
    Ok(plan)
}
