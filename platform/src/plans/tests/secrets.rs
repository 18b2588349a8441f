//! What a plan says of secrets: that they changed, nothing else.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::plan;
use crate::plans::{
    Effect, digest,
    mask::{Marks, Masks, collect},
    numbers::Exact,
    secret::Key,
    value::{is_sensitive, is_unknown},
};

fn masked(key: &Key, raw: &Value, sensitive: &Value, unknown: &Value) -> Value {
    let mut known = BTreeSet::from(["known-secret".to_owned()]);
    collect(raw, sensitive, &mut known);
    let holds_secret = |text: &str| known.iter().any(|secret| text.contains(secret));
    let masks = Masks {
        key,
        holds_secret: &holds_secret,
        numbers: &Exact::default(),
    };
    masks.value("x", raw, Marks { sensitive, unknown }).unwrap()
}

#[test]
fn security_57_only_a_secret_changed_makes_a_new_digest() {
    let key = Key::new([7; 32]);
    let of = |password: &str, key: &Key| {
        let after = masked(
            key,
            &json!({"user": "app", "password": password}),
            &json!({"password": true}),
            &Value::Null,
        );
        digest(&plan(Effect::Add, Value::Null, after)).unwrap()
    };
    assert_eq!(of("first-secret", &key), of("first-secret", &key));
    assert_ne!(of("first-secret", &key), of("other-secret", &key));
    assert_ne!(
        of("first-secret", &key),
        of("first-secret", &Key::new([8; 32]))
    );
}

#[test]
fn security_57_a_dictionary_without_the_key_finds_nothing() {
    use sha2::{Digest as _, Sha256};
    let secret = "correct horse battery";
    let after = masked(
        &Key::new([7; 32]),
        &json!({"p": secret}),
        &json!({"p": true}),
        &Value::Null,
    );
    let text = after.to_string();
    let mac = after["p"]["mac"].as_str().unwrap();
    // The guesser knows the word, the place and the form, and has every key but the right one.
    for key in 0..=255_u8 {
        let guessed = Key::new([key; 32]).seal("x.p", &json!(secret)).unwrap();
        assert_eq!(guessed == after["p"], key == 7);
    }
    for guess in [
        secret.to_owned(),
        json!(secret).to_string(),
        format!("groundcrew-plan-secret-v1\n{secret}"),
    ] {
        assert_ne!(mac, hex::encode(Sha256::digest(&guess)));
        assert!(!text.contains(&guess));
    }
}

#[test]
fn security_55_a_secret_shows_nowhere_in_the_plan() {
    let key = Key::new([1; 32]);
    // As `terraform_data` does it: the output repeats the input and has lost the mark.
    let raw = json!({"input": {"secret": "hunter2-hunter2"}, "output": {"secret": "hunter2-hunter2"},
        "url": "postgres://u:hunter2-hunter2@db", "n": "has known-secret inside", "known-secret": 1});
    let model = masked(
        &key,
        &raw,
        &json!({"input": {"secret": true}}),
        &Value::Null,
    );
    let text = model.to_string();
    assert!(
        !text.contains("hunter2") && !text.contains("known-secret"),
        "{text}"
    );
    assert!(is_sensitive(&model["output"]["secret"]) && is_sensitive(&model["url"]));
    assert_ne!(
        model["output"]["secret"], model["input"]["secret"],
        "codes are bound to their place"
    );
}

#[test]
fn unknown_values_stand_where_they_will_be() {
    let key = Key::new([1; 32]);
    let raw = json!({"input": {"a": 1}, "list": [{"x": 1}, {"x": null}], "gone": null});
    let unknown = json!({"id": true, "input": {}, "list": [{}, {"x": true}], "gone": {"deep": true}, "off": false});
    let model = masked(&key, &raw, &json!(false), &unknown);
    assert_eq!(model["id"], json!({"$unknown": "x.id"}));
    assert_eq!(model["list"][1]["x"], json!({"$unknown": "x.list[1].x"}));
    assert!(is_unknown(&model["gone"]["deep"]));
    assert!(model.get("off").is_none());
}

#[test]
fn a_secret_with_long_numbers_has_one_code() {
    let key = Key::new([1; 32]);
    let code = || {
        let numbers = Exact::default();
        let text = r#"{"pin": 12345678901234567890}"#;
        let raw: Value = serde_json::from_slice(&numbers.rewrite(text.as_bytes())).unwrap();
        let masks = Masks {
            key: &key,
            holds_secret: &|_| false,
            numbers: &numbers,
        };
        masks
            .value(
                "x",
                &raw,
                Marks {
                    sensitive: &json!(true),
                    unknown: &Value::Null,
                },
            )
            .unwrap()
    };
    assert_eq!(code(), code());
}
