use serde_json::{Value, json};

use super::{change, plan};
use crate::plans::{Effect, OutputChange, compare, value::unknown};

#[test]
fn equal_plans_are_the_same_refine_and_are_a_subset() {
    let one = plan(Effect::Change, json!({"a": 1}), json!({"a": 2}));
    let found = compare(&one, &one);
    assert!(found.same && found.refines && found.subset);
    assert!(found.added.is_empty() && found.gone.is_empty() && found.differs.is_empty());
}

#[test]
fn a_known_value_for_an_unknown_refines_any_other_does_not() {
    let old = plan(
        Effect::Add,
        Value::Null,
        json!({"id": unknown("x.id"), "tags": {"a": "b"}}),
    );
    let known = plan(
        Effect::Add,
        Value::Null,
        json!({"id": "i-1", "tags": {"a": "b"}}),
    );
    let found = compare(&old, &known);
    assert!(!found.same && found.refines && found.subset);
    assert_eq!(found.differs[0].paths, ["id"]);

    let other = plan(
        Effect::Add,
        Value::Null,
        json!({"id": "i-1", "tags": {"a": "c"}}),
    );
    let found = compare(&old, &other);
    assert!(!found.refines && !found.subset);
    assert_eq!(found.differs[0].paths, ["id", "tags.a"]);
    assert!(
        !compare(&known, &old).refines,
        "a known value became unknown"
    );
}

#[test]
fn another_action_is_named_and_no_subset() {
    let old = plan(Effect::Change, json!({"a": 1}), json!({"a": 2}));
    let new = plan(Effect::Replace, json!({"a": 1}), json!({"a": 2}));
    let found = compare(&old, &new);
    assert!(!found.refines && !found.subset);
    assert_eq!(
        found.differs[0].action,
        Some((Effect::Change, Effect::Replace))
    );
}

#[test]
fn the_rest_of_a_plan_is_a_subset_and_anything_more_is_not() {
    let mut old = plan(
        Effect::Add,
        Value::Null,
        json!({"id": unknown("x.id"), "bucket": "logs"}),
    );
    old.resources
        .push(change("b", Effect::Remove, json!({}), Value::Null));
    old.outputs.insert(
        "name".into(),
        OutputChange {
            action: Effect::Add,
            before: None,
            after: Some(unknown("name")),
        },
    );
    let mut rest = old.clone();
    rest.resources.remove(0);
    let found = compare(&old, &rest);
    assert!(found.subset && !found.refines && !found.same);
    assert_eq!(found.gone, ["aws_s3_bucket.logs"]);

    // What was made already is imported as it was to become.
    let mut imported = old.clone();
    imported.resources[0].action = Effect::Import;
    imported.resources[0].after = Some(json!({"id": "logs", "bucket": "logs"}));
    assert!(compare(&old, &imported).subset);
    imported.resources[0].after = Some(json!({"id": "logs", "bucket": "other"}));
    assert!(!compare(&old, &imported).subset);

    let mut more = rest.clone();
    more.resources
        .push(change("c", Effect::Add, Value::Null, json!({})));
    let found = compare(&old, &more);
    assert!(!found.subset);
    assert_eq!(found.added, ["c"]);
    more.resources[1].action = Effect::Read;
    assert!(compare(&old, &more).subset, "looking up changes nothing");
}

#[test]
fn the_second_half_of_a_replacement_is_a_subset() {
    let old = plan(Effect::Replace, json!({"a": 1}), json!({"a": 2}));
    let add = plan(Effect::Add, Value::Null, json!({"a": 2}));
    assert!(compare(&old, &add).subset);
    let mut deposed = plan(Effect::Remove, json!({"a": 1}), Value::Null);
    deposed.resources[0].address += " (deposed 0a1b2c3d)";
    assert!(compare(&old, &deposed).subset);
    let changed = plan(Effect::Change, json!({"a": 2}), json!({"a": 3}));
    assert!(!compare(&changed, &deposed).subset);
}
