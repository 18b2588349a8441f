//! What stands in plans where a plain value cannot.
//!
//! | marker | meaning |
//! |---|---|
//! | `{"sensitive": true, "mac": …}` | a secret; equal codes mean equal values at one place |
//! | `{"$unknown": "address.path"}` | known after the change |
//! | `{"$number": "12345678901234567890"}` | a number JSON readers would round |
//! | `{"$literal": {…}}` | an object of the tool that looks like one of these |

use serde_json::{Map, Value, json};

/// A value known only after the change; `place` says where it will stand.
pub fn unknown(place: &str) -> Value {
    json!({ "$unknown": place })
}

/// A secret by its code.
pub fn sensitive(mac: &str) -> Value {
    json!({ "sensitive": true, "mac": mac })
}

/// A number by its digits.
pub fn number(digits: &str) -> Value {
    json!({ "$number": digits })
}

/// Whether it stands for a secret.
pub fn is_sensitive(value: &Value) -> bool {
    value.as_object().is_some_and(|object| {
        object.len() == 2
            && object.get("sensitive") == Some(&Value::Bool(true))
            && object.get("mac").is_some_and(Value::is_string)
    })
}

/// Whether it stands for something known after the change.
pub fn is_unknown(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|object| object.len() == 1 && object.contains_key("$unknown"))
}

/// The digits, where it stands for a number.
pub fn digits(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.get("$number")?.as_str()
}

/// Whether it stands for something else than itself.
pub fn is_marker(value: &Value) -> bool {
    is_sensitive(value) || is_unknown(value) || digits(value).is_some()
}

/// An object of the tool, kept apart from markers it may look like: nobody writes a marker by hand.
pub fn literal(object: Map<String, Value>) -> Value {
    let looks = object.keys().any(|key| key.starts_with('$'))
        || (object.contains_key("sensitive") && object.contains_key("mac"));
    if looks {
        json!({ "$literal": object })
    } else {
        Value::Object(object)
    }
}

/// `place.key`, or `place["key"]` where the key is no plain word.
pub fn key_path(place: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    match (place.is_empty(), plain) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{place}.{key}"),
        (_, false) => format!("{place}[{}]", Value::from(key)),
    }
}

/// `place[3]`.
pub fn index_path(place: &str, index: usize) -> String {
    format!("{place}[{index}]")
}
