//! Reading a tool's JSON without rounding its numbers.
//!
//! Tools compute with numbers of any length, JSON readers with doubles: two plans that differ in the
//! twentieth digit must not look alike. Numbers of up to 15 characters survive a double; all others
//! are rewritten to an object under a random key before anything reads them, so that no value of the
//! tool can pass for one. [`super::mask::Masks`] turns them into `{"$number": …}`.

use std::borrow::Cow;

use serde_json::Value;
use uuid::Uuid;

/// Longest number that is left alone, sign and point included.
const SAFE: usize = 15;

/// The key long numbers stand under while a document is read.
pub struct Exact(String);

impl Default for Exact {
    fn default() -> Self {
        Self(format!("$number:{}", Uuid::new_v4()))
    }
}

impl Exact {
    /// The same JSON with long numbers as objects. What is no JSON stays so: its reader will say it.
    pub fn rewrite<'a>(&self, json: &'a [u8]) -> Cow<'a, [u8]> {
        let mut out: Vec<u8> = Vec::new();
        let mut copied = 0;
        let mut at = 0;
        while let Some(&byte) = json.get(at) {
            match byte {
                b'"' => at = after_string(json, at),
                b'-' | b'0'..=b'9' => {
                    let end = after_number(json, at);
                    let token = &json[at..end];
                    if token.len() > SAFE || token.iter().any(|one| matches!(one, b'e' | b'E')) {
                        out.extend_from_slice(&json[copied..at]);
                        out.extend_from_slice(format!("{{\"{}\":\"", self.0).as_bytes());
                        out.extend_from_slice(token);
                        out.extend_from_slice(b"\"}");
                        copied = end;
                    }
                    at = end;
                }
                _ => at += 1,
            }
        }
        if copied == 0 {
            return Cow::Borrowed(json);
        }
        out.extend_from_slice(&json[copied..]);
        Cow::Owned(out)
    }

    /// The digits, where a value stands for a long number.
    pub fn digits<'a>(&self, value: &'a Value) -> Option<&'a str> {
        value.as_object()?.get(&self.0)?.as_str()
    }
}

fn after_string(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = json.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    json.len()
}

fn after_number(json: &[u8], start: usize) -> usize {
    let end = json[start..]
        .iter()
        .position(|byte| !matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
    end.map_or(json.len(), |length| start + length)
}
