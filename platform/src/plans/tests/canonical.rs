//! RFC 8785 by its own examples, and what a plan's digest depends on.

use serde_json::{Value, json};

use super::{change, plan};
use crate::plans::{
    Effect, NoPlan,
    canonical::{self, check, digest},
    numbers::Exact,
    value,
};

#[test]
fn rfc_8785_section_3_2_2_example() {
    // The numbers as Rust reads them: serde_json reads the first one a little off, which is why
    // long numbers come as markers.
    let numbers = [
        333_333_333.333_333_3,
        1e30,
        4.50,
        2e-3,
        0.000_000_000_000_000_000_000_000_001,
    ];
    let input = json!({
        "numbers": numbers,
        "string": "\u{20ac}$\u{f}\nA'B\"\\\\\"/",
        "literals": [null, true, false],
    });
    assert_eq!(
        canonical::encode(&input).unwrap(),
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
         \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
    );
}

#[test]
fn rfc_8785_section_3_2_3_sorts_by_utf_16() {
    let input = json!({"\u{20ac}": "Euro Sign", "\r": "Carriage Return", "\u{fb33}": "Hebrew Letter Dalet With Dagesh",
        "1": "One", "\u{1f600}": "Emoji: Grinning Face", "\u{80}": "Control", "\u{f6}": "Latin Small Letter O With Diaeresis"});
    let text = canonical::encode(&input).unwrap();
    let order = [
        "Carriage", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew",
    ];
    let places: Vec<_> = order.iter().map(|word| text.find(word).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn rfc_8785_appendix_b_numbers() {
    let vectors: &[(u64, &str)] = &[
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];
    for (bits, text) in vectors {
        assert_eq!(
            canonical::encode(&json!(f64::from_bits(*bits))).unwrap(),
            *text
        );
    }
}

#[test]
fn a_number_that_a_double_would_round_is_refused_and_kept_by_its_digits() {
    let refused = canonical::encode(&json!(9_007_199_254_740_993_u64));
    assert!(matches!(refused, Err(NoPlan::Malformed(_))));
    let numbers = Exact::default();
    let read = |text: &str| -> Value {
        serde_json::from_slice(&numbers.rewrite(text.as_bytes())).unwrap()
    };
    let value = read(
        r#"{"a": 12345678901234567890123, "b": 12.5, "text 1234567890123456": "-1e9 \" 1234567890123456"}"#,
    );
    assert_eq!(numbers.digits(&value["a"]), Some("12345678901234567890123"));
    assert_eq!(value["b"], json!(12.5));
    assert_eq!(
        value["text 1234567890123456"],
        json!("-1e9 \" 1234567890123456")
    );
    assert_ne!(read("9007199254740993"), read("9007199254740992"));
    // Whoever writes the marker by hand does not have the key.
    assert_eq!(numbers.digits(&json!({"$number": "1"})), None);
}

#[test]
fn an_object_that_looks_like_a_marker_is_none() {
    for hand_made in [
        json!({"$unknown": "x"}),
        json!({"sensitive": true, "mac": "00"}),
        json!({"$number": "1"}),
        json!({"$literal": {}}),
    ] {
        let Value::Object(object) = hand_made else {
            unreachable!()
        };
        assert!(!value::is_marker(&value::literal(object)));
    }
}

#[test]
fn equal_content_has_an_equal_digest_whatever_its_order() {
    let one: Value = serde_json::from_str(
        r#"{"version":1,"tool":{"name":"terraform","version":"1.11"},"resources":[
            {"address":"a","type":"t","action":"add","after":{"x":1,"y":[1.0,2]}}]}"#,
    )
    .unwrap();
    let two: Value = serde_json::from_str(
        r#"{"resources":[{"after":{"y":[1,2],"x":1},"action":"add","type":"t","address":"a"}],
            "tool":{"version":"1.11","name":"terraform"},"version":1}"#,
    )
    .unwrap();
    assert_eq!(check(&one).unwrap().digest, check(&two).unwrap().digest);
    assert_eq!(
        check(&one).unwrap().digest,
        "f26555cdea5f61b4922917e0a12b19b7b5f2a2880660b8da16ff7042b4435740",
    );
}

type Touch = fn(&mut crate::plans::Plan);

#[test]
fn every_part_but_drift_is_under_the_digest() {
    let base = plan(Effect::Change, json!({"a": 1}), json!({"a": 2}));
    let mut drifted = base.clone();
    drifted
        .drift
        .push(change("x", Effect::Change, json!(1), json!(2)));
    assert_eq!(digest(&base).unwrap(), digest(&drifted).unwrap());
    let touches: [Touch; 8] = [
        |plan| plan.tool.version = "1.12".into(),
        |plan| plan.resources[0].address = "other".into(),
        |plan| plan.resources[0].kind = "other".into(),
        |plan| plan.resources[0].action = Effect::Replace,
        |plan| plan.resources[0].before = Some(json!({"a": 0})),
        |plan| plan.resources[0].after = Some(json!({"a": 2.5})),
        |plan| plan.resources[0].reasons.push("tainted".into()),
        |plan| plan.resources[0].moved_from = Some("old".into()),
    ];
    let mut seen = vec![digest(&base).unwrap()];
    for touch in touches {
        let mut touched = base.clone();
        touch(&mut touched);
        seen.push(digest(&touched).unwrap());
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), count);
}

#[test]
fn a_plan_out_of_order_doubled_or_with_words_of_its_own_is_refused() {
    let mut twice = plan(Effect::Add, Value::Null, json!({}));
    twice.resources.push(twice.resources[0].clone());
    let model = serde_json::to_value(&twice).unwrap();
    assert!(
        matches!(check(&model), Err(NoPlan::Malformed(why)) if why.contains("aws_s3_bucket.logs"))
    );
    let mut odd = serde_json::to_value(plan(Effect::Add, Value::Null, json!({}))).unwrap();
    odd["approved"] = json!(true);
    assert!(check(&odd).is_err());
    odd["approved"].take();
    let mut old = serde_json::to_value(plan(Effect::Add, Value::Null, json!({}))).unwrap();
    old["version"] = json!(2);
    assert!(check(&old).is_err());
}

#[test]
fn a_plan_over_32_mib_is_refused_with_a_way_out() {
    let large = plan(
        Effect::Add,
        Value::Null,
        json!("x".repeat(canonical::MAX_BYTES)),
    );
    let error = digest(&large).unwrap_err();
    assert_eq!(error, NoPlan::TooLarge);
    assert!(error.to_string().contains("split the module"));
    let mut drift = plan(Effect::Add, Value::Null, json!("x"));
    drift.drift.push(change(
        "x",
        Effect::Change,
        json!("x".repeat(canonical::MAX_BYTES)),
        json!(1),
    ));
    assert_eq!(digest(&drift).unwrap_err(), NoPlan::TooLarge);
}
