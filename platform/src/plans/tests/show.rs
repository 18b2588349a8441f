use serde_json::{Value, json};

use super::plan;
use crate::plans::{
    Effect, Shown, show,
    value::{sensitive, unknown},
};

fn text(value: &str) -> Shown {
    Shown::Text(value.to_owned())
}

#[test]
fn a_change_shows_what_changes_and_counts_the_rest() {
    let plan = plan(
        Effect::Change,
        json!({"tags": {"a.b": "1", "c": 2}, "key": sensitive("00"), "list": [1, 2], "same": true}),
        json!({"tags": {"a.b": "2", "c": 2}, "key": sensitive("01"), "list": [1], "same": true, "id": unknown("x")}),
    );
    let shown = &show(&plan).resources[0];
    let lines: Vec<_> = shown
        .attributes
        .iter()
        .map(|one| (one.path.as_str(), one.before.clone(), one.after.clone()))
        .collect();
    assert_eq!(
        lines,
        [
            ("id", None, Some(Shown::Unknown)),
            ("key", Some(Shown::Secret), Some(Shown::Secret)),
            ("list[1]", Some(text("2")), None),
            ("tags[\"a.b\"]", Some(text("1")), Some(text("2"))),
        ]
    );
    assert_eq!(shown.unchanged, 3);
}

#[test]
fn what_is_made_shows_all_but_nothing_null() {
    let plan = plan(
        Effect::Add,
        Value::Null,
        json!({"a": null, "b": [], "c": 1.5, "d": {}}),
    );
    let shown = &show(&plan).resources[0];
    let paths: Vec<_> = shown
        .attributes
        .iter()
        .map(|one| one.path.as_str())
        .collect();
    assert_eq!(paths, ["b", "c", "d"]);
}

#[test]
fn a_resource_of_many_attributes_is_cut_and_says_so() {
    let many: Vec<u32> = (0..700).collect();
    let shown = &show(&plan(Effect::Add, Value::Null, json!({ "n": many }))).resources[0];
    assert_eq!((shown.attributes.len(), shown.left_out), (500, 200));
    let long = show(&plan(
        Effect::Add,
        Value::Null,
        json!({"t": "ä".repeat(5_000)}),
    ));
    let Some(Shown::Text(text)) = &long.resources[0].attributes[0].after else {
        panic!()
    };
    assert!(text.ends_with("… (10000 bytes)"));
}

#[test]
fn a_plan_reads_well_in_a_log() {
    let mut plan = plan(
        Effect::Replace,
        json!({"size": 1, "key": sensitive("00"), "name": "a", "old": true}),
        json!({"size": 2, "key": sensitive("01"), "name": "a", "id": unknown("x")}),
    );
    plan.resources[0]
        .reasons
        .push("cannot be updated in place: size".into());
    insta::assert_snapshot!(crate::plans::text(&plan), @r#"
    ± aws_s3_bucket.logs (replace), cannot be updated in place: size
        id: (known after apply)
        key: (secret) → (secret)
        old: "true" → gone
        size: "1" → "2"
        (1 unchanged)

    Plan: 1 to replace.
    "#);
}
