//! Comparing two plans of one stack.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Change, Comparison, Difference, Effect, Plan, value};

/// Most paths named per resource.
const PATHS: usize = 50;

/// How `new` stands to `old`.
pub fn compare(old: &Plan, new: &Plan) -> Comparison {
    let before: BTreeMap<&str, &Change> = by_address(old);
    let after: BTreeMap<&str, &Change> = by_address(new);
    let mut found = Comparison {
        same: old.version == new.version
            && old.tool == new.tool
            && old.resources == new.resources
            && old.outputs == new.outputs,
        refines: old.tool == new.tool,
        subset: old.tool == new.tool,
        ..Comparison::default()
    };
    for (address, change) in &after {
        match before.get(address) {
            Some(known) if *known == *change => {}
            Some(known) => {
                found.differs.push(difference(known, change));
                found.refines &= refines(known, change);
            }
            None => {
                found.added.push((*address).to_owned());
                found.refines = false;
            }
        }
        found.subset &= covered(&before, change);
    }
    for address in before
        .keys()
        .filter(|address| !after.contains_key(*address))
    {
        found.gone.push((*address).to_owned());
        found.refines = false;
    }
    compare_outputs(old, new, &mut found);
    found
}

fn by_address(plan: &Plan) -> BTreeMap<&str, &Change> {
    plan.resources
        .iter()
        .map(|one| (one.address.as_str(), one))
        .collect()
}

fn compare_outputs(old: &Plan, new: &Plan, found: &mut Comparison) {
    for (name, output) in &new.outputs {
        let known = old.outputs.get(name);
        if known == Some(output) {
            continue;
        }
        found.outputs.push(name.clone());
        let fits =
            known.is_some_and(|known| becomes_known(known.after.as_ref(), output.after.as_ref()));
        found.subset &= fits;
        found.refines &= fits && known.is_some_and(|known| known.action == output.action);
    }
    for name in old
        .outputs
        .keys()
        .filter(|name| !new.outputs.contains_key(*name))
    {
        found.outputs.push(name.clone());
        found.refines = false;
    }
}

/// The same act on the same thing, with nothing but unknowns become known.
fn refines(old: &Change, new: &Change) -> bool {
    old.action == new.action
        && old.kind == new.kind
        && old.before == new.before
        && old.reasons == new.reasons
        && old.moved_from == new.moved_from
        && old.import_id == new.import_id
        && becomes_known(old.after.as_ref(), new.after.as_ref())
}

/// Whether the old plan did this, or more, to the resource.
fn covered(old: &BTreeMap<&str, &Change>, new: &Change) -> bool {
    if !new.has_effect() {
        return true;
    }
    let Some(known) = old.get(new.address.as_str()) else {
        // What a replacement that was cut short left of the old object.
        let replaced = new
            .address
            .split_once(" (deposed")
            .map(|(address, _)| address);
        return new.action == Effect::Remove
            && replaced
                .and_then(|address| old.get(address))
                .is_some_and(|known| known.action == Effect::Replace);
    };
    match (known.action, new.action) {
        // Made already: taken over as it was to become. The second half of a replacement.
        (Effect::Add | Effect::Replace, Effect::Import) | (Effect::Replace, Effect::Add) => {
            known.kind == new.kind && becomes_known(known.after.as_ref(), new.after.as_ref())
        }
        _ => refines(known, new),
    }
}

/// Whether `new` equals `old` wherever `old` was known.
fn becomes_known(old: Option<&Value>, new: Option<&Value>) -> bool {
    match (old, new) {
        (None, None) => true,
        (Some(old), Some(new)) => value_becomes_known(old, new),
        _ => false,
    }
}

fn value_becomes_known(old: &Value, new: &Value) -> bool {
    if value::is_unknown(old) {
        return true;
    }
    if value::is_marker(old) || value::is_marker(new) {
        return old == new;
    }
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => keys(old, new).all(|key| {
            let (old, new) = (old.get(key), new.get(key));
            value_becomes_known(old.unwrap_or(&Value::Null), new.unwrap_or(&Value::Null))
        }),
        (Value::Array(old), Value::Array(new)) => {
            old.len() == new.len()
                && old
                    .iter()
                    .zip(new)
                    .all(|(old, new)| value_becomes_known(old, new))
        }
        _ => old == new,
    }
}

fn keys<'a>(
    old: &'a Map<String, Value>,
    new: &'a Map<String, Value>,
) -> impl Iterator<Item = &'a String> {
    old.keys()
        .chain(new.keys().filter(|key| !old.contains_key(*key)))
}

fn difference(old: &Change, new: &Change) -> Difference {
    let mut paths = Vec::new();
    let null = Value::Null;
    for (old, new) in [(&old.before, &new.before), (&old.after, &new.after)] {
        differing(
            "",
            old.as_ref().unwrap_or(&null),
            new.as_ref().unwrap_or(&null),
            &mut paths,
        );
    }
    paths.sort();
    paths.dedup();
    paths.truncate(PATHS);
    Difference {
        address: new.address.clone(),
        action: (old.action != new.action).then_some((old.action, new.action)),
        paths,
    }
}

fn differing(place: &str, old: &Value, new: &Value, paths: &mut Vec<String>) {
    if old == new || paths.len() > 2 * PATHS {
        return;
    }
    match (old, new) {
        (Value::Object(from), Value::Object(to))
            if !value::is_marker(old) && !value::is_marker(new) =>
        {
            for key in keys(from, to) {
                let (from, to) = (from.get(key), to.get(key));
                let path = value::key_path(place, key);
                differing(
                    &path,
                    from.unwrap_or(&Value::Null),
                    to.unwrap_or(&Value::Null),
                    paths,
                );
            }
        }
        (Value::Array(from), Value::Array(to)) if from.len() == to.len() => {
            for (index, (from, to)) in from.iter().zip(to).enumerate() {
                differing(&value::index_path(place, index), from, to, paths);
            }
        }
        _ if !place.is_empty() => paths.push(place.to_owned()),
        _ => {}
    }
}
