//! Laying a plan out for people.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Attribute, Change, Plan, Shown, ShownPlan, ShownResource, Summary, value};

/// Most attributes shown per resource.
const ATTRIBUTES: usize = 500;
/// Most characters of one value.
const LETTERS: usize = 4_000;

/// A plan as a page shows it.
pub fn show(plan: &Plan) -> ShownPlan {
    let mut outputs = Lines::default();
    for (name, output) in &plan.outputs {
        outputs.walk(name, output.before.as_ref(), output.after.as_ref());
    }
    ShownPlan {
        tool: plan.tool.clone(),
        summary: Summary::of(plan),
        resources: plan.resources.iter().map(resource).collect(),
        outputs: outputs.attributes,
        drift: plan.drift.iter().map(resource).collect(),
    }
}

fn resource(change: &Change) -> ShownResource {
    let mut lines = Lines::default();
    lines.walk("", change.before.as_ref(), change.after.as_ref());
    ShownResource {
        address: change.address.clone(),
        kind: change.kind.clone(),
        action: change.action,
        reasons: change.reasons.clone(),
        moved_from: change.moved_from.clone(),
        import_id: change.import_id.clone(),
        attributes: lines.attributes,
        unchanged: lines.unchanged,
        left_out: lines.left_out,
    }
}

#[derive(Default)]
struct Lines {
    attributes: Vec<Attribute>,
    unchanged: u32,
    left_out: u32,
}

impl Lines {
    fn walk(&mut self, place: &str, before: Option<&Value>, after: Option<&Value>) {
        let before = before.filter(|value| !value.is_null());
        let after = after.filter(|value| !value.is_null());
        if before.is_none() && after.is_none() {
            return;
        }
        if let (Some(keys), true) = (keys(before, after), opens(before) && opens(after)) {
            for key in keys {
                let path = value::key_path(place, key);
                self.walk(
                    &path,
                    before.and_then(|v| v.get(key)),
                    after.and_then(|v| v.get(key)),
                );
            }
        } else if let (Some(length), true) = (length(before, after), opens(before) && opens(after))
        {
            for index in 0..length {
                let path = value::index_path(place, index);
                let (from, to) = (
                    before.and_then(|v| v.get(index)),
                    after.and_then(|v| v.get(index)),
                );
                self.walk(&path, from, to);
            }
        } else if before == after {
            self.unchanged += 1;
        } else if self.attributes.len() >= ATTRIBUTES {
            self.left_out += 1;
        } else {
            self.attributes.push(Attribute {
                path: if place.is_empty() { "(value)" } else { place }.to_owned(),
                before: before.map(shown),
                after: after.map(shown),
            });
        }
    }
}

/// Whether a value is looked into: a filled container, or nothing.
fn opens(one: Option<&Value>) -> bool {
    one.is_none_or(|one| match one {
        Value::Object(object) => !object.is_empty() && !value::is_marker(one),
        Value::Array(list) => !list.is_empty(),
        _ => false,
    })
}

fn keys<'a>(before: Option<&'a Value>, after: Option<&'a Value>) -> Option<BTreeSet<&'a String>> {
    let both = [before, after];
    let objects: Option<Vec<_>> = both.into_iter().flatten().map(Value::as_object).collect();
    Some(
        objects?
            .into_iter()
            .flat_map(|object| object.keys())
            .collect(),
    )
}

fn length(before: Option<&Value>, after: Option<&Value>) -> Option<usize> {
    let lists: Option<Vec<_>> = [before, after]
        .into_iter()
        .flatten()
        .map(Value::as_array)
        .collect();
    lists?.into_iter().map(Vec::len).max()
}

fn shown(one: &Value) -> Shown {
    if value::is_sensitive(one) {
        return Shown::Secret;
    }
    if value::is_unknown(one) {
        return Shown::Unknown;
    }
    let text = match (value::digits(one), one) {
        (Some(digits), _) => digits.to_owned(),
        (None, Value::String(text)) => text.clone(),
        (None, other) => other.to_string(),
    };
    match text.char_indices().nth(LETTERS) {
        Some((cut, _)) => Shown::Text(format!("{}… ({} bytes)", &text[..cut], text.len())),
        None => Shown::Text(text),
    }
}
