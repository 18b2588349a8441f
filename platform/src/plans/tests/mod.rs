mod canonical;
mod compare;
mod secrets;
mod show;

use serde_json::{Value, json};

use super::*;

/// A plan of one resource.
fn plan(action: Effect, before: Value, after: Value) -> Plan {
    let mut plan = Plan::new("terraform", "1.11");
    plan.resources
        .push(change("aws_s3_bucket.logs", action, before, after));
    plan
}

fn change(address: &str, action: Effect, before: Value, after: Value) -> Change {
    Change {
        address: address.to_owned(),
        kind: "aws_s3_bucket".to_owned(),
        action,
        before: Some(before).filter(|value| !value.is_null()),
        after: Some(after).filter(|value| !value.is_null()),
        reasons: Vec::new(),
        moved_from: None,
        import_id: None,
    }
}

#[test]
fn effects_say_their_words() {
    for effect in Effect::ALL {
        assert_eq!(json!(effect), json!(effect.name()));
    }
}

#[test]
fn a_summary_counts_and_speaks() {
    let mut plan = plan(Effect::Add, Value::Null, json!({}));
    plan.resources
        .push(change("b", Effect::Replace, json!({}), json!({})));
    plan.resources
        .push(change("c", Effect::Read, Value::Null, json!({})));
    let sum = Summary::of(&plan);
    assert_eq!(sum.to_string(), "1 to add, 1 to replace");
    assert!(sum.has_effects() && plan.has_effects());
    plan.resources.drain(..2);
    assert_eq!(Summary::of(&plan).to_string(), "no changes");
    assert!(!Summary::of(&plan).has_effects() && !plan.has_effects());
}
