//! From a tool's value to a value of the plan model: secrets to codes, unknowns to markers, long
//! numbers to digits.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{canonical::NoPlan, numbers::Exact, secret::Key, value};

/// Secrets shorter than this are not looked for: every second word would be one.
pub const SHORTEST_SECRET: usize = 8;

/// How values are turned.
pub struct Masks<'a> {
    /// The stack's key.
    pub key: &'a Key,
    /// Whether a text holds a secret we know, in any of its forms.
    pub holds_secret: &'a dyn Fn(&str) -> bool,
    /// How long numbers were read.
    pub numbers: &'a Exact,
}

/// Where a value is secret and where it is not known yet: trees of the value's shape with `true` at
/// the places meant, as Terraform writes them.
#[derive(Clone, Copy)]
pub struct Marks<'a> {
    /// Secret.
    pub sensitive: &'a Value,
    /// Known after the change.
    pub unknown: &'a Value,
}

impl Marks<'_> {
    /// Nothing is marked.
    pub const NONE: Marks<'static> = Marks {
        sensitive: &Value::Null,
        unknown: &Value::Null,
    };

    fn key(self, key: &str) -> Self {
        Self {
            sensitive: self.sensitive.get(key).unwrap_or(&Value::Null),
            unknown: self.unknown.get(key).unwrap_or(&Value::Null),
        }
    }

    fn index(self, index: usize) -> Self {
        Self {
            sensitive: self.sensitive.get(index).unwrap_or(&Value::Null),
            unknown: self.unknown.get(index).unwrap_or(&Value::Null),
        }
    }
}

impl Masks<'_> {
    /// The value at a place, as the plan may say it.
    pub fn value(&self, place: &str, raw: &Value, marks: Marks<'_>) -> Result<Value, NoPlan> {
        if marks.unknown == &Value::Bool(true) {
            return Ok(value::unknown(&self.text(place)?));
        }
        if marks.sensitive == &Value::Bool(true) {
            return self.key.seal(place, &self.settled(raw));
        }
        match raw {
            Value::Object(object) => match self.numbers.digits(raw) {
                Some(digits) if (self.holds_secret)(digits) => {
                    self.key.seal(place, &self.settled(raw))
                }
                Some(digits) => Ok(value::number(digits)),
                None => self.object(place, object, marks),
            },
            Value::Null if any(marks.unknown) && marks.unknown.is_object() => {
                self.object(place, &Map::new(), marks)
            }
            Value::Array(list) => {
                let one = |(index, raw)| {
                    self.value(&value::index_path(place, index), raw, marks.index(index))
                };
                list.iter().enumerate().map(one).collect()
            }
            Value::String(text) if (self.holds_secret)(text) => self.key.seal(place, raw),
            Value::Number(number) if (self.holds_secret)(&number.to_string()) => {
                self.key.seal(place, raw)
            }
            plain => Ok(plain.clone()),
        }
    }

    /// A text outside of values, such as an address: a code where it holds a secret.
    pub fn text(&self, text: &str) -> Result<String, NoPlan> {
        if !(self.holds_secret)(text) {
            return Ok(text.to_owned());
        }
        let sealed = self.key.seal("", &Value::from(text))?;
        let mac = sealed
            .get("mac")
            .and_then(Value::as_str)
            .unwrap_or_default();
        Ok(format!("secret-{mac}"))
    }

    /// The value with long numbers as their last markers, as it goes under a code.
    fn settled(&self, raw: &Value) -> Value {
        match raw {
            Value::Object(object) => {
                if let Some(digits) = self.numbers.digits(raw) {
                    return value::number(digits);
                }
                let members = object.iter();
                let members = members.map(|(key, one)| (key.clone(), self.settled(one)));
                value::literal(members.collect())
            }
            Value::Array(list) => list.iter().map(|one| self.settled(one)).collect(),
            plain => plain.clone(),
        }
    }

    fn object(
        &self,
        place: &str,
        object: &Map<String, Value>,
        marks: Marks<'_>,
    ) -> Result<Value, NoPlan> {
        let mut out = Map::new();
        for (key, raw) in object {
            let path = value::key_path(place, key);
            out.insert(self.text(key)?, self.value(&path, raw, marks.key(key))?);
        }
        // What is not known yet is missing from the value itself.
        for (key, unknown) in marks.unknown.as_object().into_iter().flatten() {
            if !object.contains_key(key) && any(unknown) {
                let path = value::key_path(place, key);
                out.insert(
                    self.text(key)?,
                    self.value(&path, &Value::Null, marks.key(key))?,
                );
            }
        }
        Ok(value::literal(out))
    }
}

fn any(marks: &Value) -> bool {
    match marks {
        Value::Bool(flag) => *flag,
        Value::Array(list) => list.iter().any(any),
        Value::Object(object) => object.values().any(any),
        _ => false,
    }
}

/// Every text a tool marks as secret: it may stand elsewhere without the mark.
pub fn collect(raw: &Value, sensitive: &Value, into: &mut BTreeSet<String>) {
    match (raw, sensitive) {
        (_, Value::Bool(true)) => leaves(raw, into),
        (Value::Object(object), Value::Object(marks)) => {
            for (key, mark) in marks {
                if let Some(raw) = object.get(key) {
                    collect(raw, mark, into);
                }
            }
        }
        (Value::Array(list), Value::Array(marks)) => {
            for (raw, mark) in list.iter().zip(marks) {
                collect(raw, mark, into);
            }
        }
        _ => {}
    }
}

fn leaves(raw: &Value, into: &mut BTreeSet<String>) {
    match raw {
        Value::String(text) if text.chars().count() >= SHORTEST_SECRET => {
            into.insert(text.clone());
        }
        Value::Number(number) if number.to_string().len() >= SHORTEST_SECRET => {
            into.insert(number.to_string());
        }
        Value::Array(list) => list.iter().for_each(|one| leaves(one, into)),
        Value::Object(object) => object.values().for_each(|one| leaves(one, into)),
        _ => {}
    }
}
