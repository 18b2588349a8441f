//! The canonical form of an event: RFC 8785, narrowed so that three languages agree on the bytes.
//!
//! One JSON object without white space, keys `[a-z][a-z0-9_]*` sorted and unique; text, booleans,
//! integers within ±(2^53 − 1), lists and objects; no floats, no null; at most 8 deep and 16 KiB.
//! `vectors.json` holds this module, `audit.canonical` in SQL and `canonical.py` equal.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _};

/// Largest integer every JSON reader keeps exactly.
pub const MAX_INTEGER: i64 = 9_007_199_254_740_991;
/// Largest event, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// Deepest nesting; the outermost object is 1.
pub const MAX_DEPTH: usize = 8;

/// An object: keys in byte order.
pub type Object = BTreeMap<Cow<'static, str>, Value>;

/// What the canonical form can say. Closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text; U+0000 becomes U+FFFD when written.
    Text(String),
    /// An integer within ±[`MAX_INTEGER`].
    Integer(i64),
    /// True or false.
    Bool(bool),
    /// A list.
    List(Vec<Self>),
    /// An object.
    Object(Object),
}

/// Why something has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    /// Not JSON at all.
    #[error("not JSON")]
    NotJson,
    /// A float, or an integer beyond ±(2^53 − 1).
    #[error("{0} is no safe integer")]
    Number(String),
    /// Null: the key should be left out.
    #[error("null, where the key should be left out")]
    Null,
    /// A key outside `[a-z][a-z0-9_]*`.
    #[error("key {0:?} is not [a-z][a-z0-9_]*")]
    Key(String),
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than 8")]
    Depth,
    /// Over [`MAX_BYTES`].
    #[error("larger than 16 KiB")]
    Size,
    /// JSON, but other bytes than its canonical form.
    #[error("not in canonical form")]
    Bytes,
}

/// Writes a value canonically.
pub fn encode(value: &Value) -> Result<String, NotCanonical> {
    let mut out = String::with_capacity(512);
    write(value, 1, &mut out)?;
    if out.len() > MAX_BYTES {
        return Err(NotCanonical::Size);
    }
    Ok(out)
}

/// Reads canonical bytes back; anything else is refused.
pub fn parse(text: &str) -> Result<Value, NotCanonical> {
    if text.len() > MAX_BYTES {
        return Err(NotCanonical::Size);
    }
    let json = serde_json::from_str(text).map_err(|_| NotCanonical::NotJson)?;
    let value = from_json(json)?;
    if encode(&value)? == text {
        Ok(value)
    } else {
        Err(NotCanonical::Bytes)
    }
}

/// Takes a JSON value over, or says what the form does not know.
pub fn from_json(json: serde_json::Value) -> Result<Value, NotCanonical> {
    use serde_json::Value as Json;
    Ok(match json {
        Json::Null => return Err(NotCanonical::Null),
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => Value::Integer(
            number
                .as_i64()
                .ok_or_else(|| NotCanonical::Number(number.to_string()))?,
        ),
        Json::String(text) => Value::Text(text),
        Json::Array(list) => {
            Value::List(list.into_iter().map(from_json).collect::<Result<_, _>>()?)
        }
        Json::Object(map) => Value::Object(
            map.into_iter()
                .map(|(key, value)| Ok((key.into(), from_json(value)?)))
                .collect::<Result<_, _>>()?,
        ),
    })
}

impl Value {
    /// The text or object member at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| match value {
            Self::Object(object) => object.get(*key),
            _ => None,
        })
    }

    /// The text at a path of keys.
    pub fn text_at(&self, path: &[&str]) -> Option<&str> {
        match self.at(path) {
            Some(Self::Text(text)) => Some(text),
            _ => None,
        }
    }
}

impl<T: Into<String>> From<T> for Value {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

fn write(value: &Value, depth: usize, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Text(text) => write_text(text, out),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Integer(n) if n.abs() <= MAX_INTEGER => out.push_str(&n.to_string()),
        Value::Integer(n) => return Err(NotCanonical::Number(n.to_string())),
        Value::List(_) | Value::Object(_) if depth > MAX_DEPTH => return Err(NotCanonical::Depth),
        Value::List(list) => {
            out.push('[');
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, depth + 1, out)?;
            }
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (at, (key, item)) in object.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                if !is_key(key) {
                    return Err(NotCanonical::Key(key.to_string()));
                }
                write_text(key, out);
                out.push(':');
                write(item, depth + 1, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0' => out.push('\u{fffd}'),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c)); // a String takes everything
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn is_key(key: &str) -> bool {
    let mut bytes = key.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_lowercase())
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
