//! From the events of `--check --diff` to the plan model.

use std::collections::BTreeMap;

use platform::plans::{
    Change, Effect, NoPlan, Plan,
    mask::{Marks, Masks},
    numbers::Exact,
    secret::Key,
    value::unknown,
};
use serde_json::{Value, json};

use super::{
    super::{At, Refusal, known::Known},
    events::{Difference, Event, Part},
};

/// Reads what a check said; `inputs` stands for what went in.
pub(super) fn read(at: &At, lines: &[u8], inputs: &str) -> Result<Plan, Refusal> {
    if lines.len() > 2 * platform::plans::MAX_BYTES {
        return Err(refuse(NoPlan::TooLarge));
    }
    let numbers = Exact::default();
    let stack = at.assignment.stack.as_ref();
    let key = stack.and_then(|stack| Key::from_hex(&stack.plan_key));
    let key =
        key.ok_or_else(|| Refusal::permanent("a plan needs a stack: its key hides the secrets"))?;
    let known = Known::new(at.assignment.secrets.values());
    let masks = Masks {
        key: &key,
        holds_secret: &|text| known.holds(text),
        numbers: &numbers,
    };
    let mut plan = Plan::new("ansible", "");
    let mut seen = BTreeMap::new();
    for line in lines.split(|byte| *byte == b'\n') {
        let Some(event) = Event::read(&numbers.rewrite(line)) else {
            continue;
        };
        if event.what == "playbook" {
            plan.tool.version = event
                .version
                .splitn(3, '.')
                .take(2)
                .collect::<Vec<_>>()
                .join(".");
        }
        if !matches!(event.what.as_str(), "ok" | "skipped" | "ignored") {
            continue;
        }
        for part in &event.parts {
            let Some(mut change) = change(&event, part, &masks, inputs)? else {
                continue;
            };
            let times: &mut u32 = seen.entry(change.address.clone()).or_default();
            *times += 1;
            if *times > 1 {
                // Tasks of one name: by their order.
                change.address = format!("{} ({times})", change.address);
            }
            plan.resources.push(change);
        }
    }
    plan.sort();
    Ok(plan)
}

fn refuse(error: NoPlan) -> Refusal {
    Refusal::permanent(error.to_string())
}

fn change(
    event: &Event,
    part: &Part,
    masks: &Masks<'_>,
    inputs: &str,
) -> Result<Option<Change>, Refusal> {
    if !part.changed && !part.blind {
        return Ok(None);
    }
    let place = match &part.item {
        Some(item) => format!("{} [{item}]", event.address()),
        None => event.address(),
    };
    let address = masks.text(&place).map_err(refuse)?;
    let mut change = Change {
        kind: event.action.clone(),
        action: effect(&part.diffs),
        before: None,
        after: None,
        reasons: Vec::new(),
        moved_from: None,
        import_id: None,
        address,
    };
    if event.hidden || part.diffs.is_empty() {
        // Nothing is said of what it would do; another playbook, input or secret is another plan.
        change.after = Some(json!({ "inputs": inputs, "effect": unknown(&change.address) }));
        let why = if event.hidden {
            "hidden by no_log"
        } else {
            "cannot be previewed"
        };
        change.reasons.push(why.to_owned());
    } else {
        let value = |which: fn(&Difference) -> &Value| {
            let values: Vec<&Value> = part.diffs.iter().map(which).collect();
            let value = match values.as_slice() {
                [one] => (*one).clone(),
                more => json!(more),
            };
            masks.value(&place, &value, Marks::NONE).map_err(refuse)
        };
        let there =
            |value: Value| Some(value).filter(|value| !value.is_null() && *value != json!(""));
        change.before = there(value(|one| &one.before)?);
        change.after = there(value(|one| &one.after)?);
    }
    Ok(Some(change))
}

fn effect(diffs: &[Difference]) -> Effect {
    let absent = |value: &Value| value.get("state") == Some(&json!("absent"));
    match diffs {
        [] => Effect::Change,
        all if all.iter().all(|one| one.new || absent(&one.before)) => Effect::Add,
        all if all.iter().any(|one| absent(&one.after)) => Effect::Remove,
        _ => Effect::Change,
    }
}
