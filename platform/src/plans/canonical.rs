//! The canonical form of a plan and its digest.
//!
//! RFC 8785 (JSON Canonicalization Scheme): no white space, keys sorted by UTF-16 code units, numbers
//! as ECMAScript prints them. The canonical form of audit events is a narrower one, without floats.
//! The crates for RFC 8785 turn on a feature of `serde_json` for the whole portal, so the form is
//! written here; only the printing of doubles is another's (`ryu-js`).

use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Plan, Summary, VERSION};

/// Most bytes of a canonical plan.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;
/// What the digest begins with, so that no other kind of document has it.
const DOMAIN: &[u8] = b"groundcrew-plan-v1\n";

/// Why a plan is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPlan {
    /// Over [`MAX_BYTES`].
    #[error(
        "the plan is larger than 32 MiB; nobody can read that: split the module into several stacks"
    )]
    TooLarge,
    /// Not in the plan model.
    #[error("not a plan: {0}")]
    Malformed(String),
}

impl From<NoPlan> for crate::Error {
    fn from(why: NoPlan) -> Self {
        Self::invalid("plan", why.to_string())
    }
}

/// A plan that keeps to the model, and what follows from it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The plan.
    pub plan: Plan,
    /// In numbers.
    pub summary: Summary,
    /// Its digest, 64 hex digits.
    pub digest: String,
}

/// Reads a plan that somebody sent: keeps to the model, is sorted, no address twice, not too large.
pub fn check(model: &Value) -> Result<Checked, NoPlan> {
    let plan = Plan::try_from(model)?;
    if plan.version != VERSION {
        return Err(NoPlan::Malformed(format!(
            "version {} is not {VERSION}",
            plan.version
        )));
    }
    for pair in plan.resources.windows(2) {
        if pair[0].address >= pair[1].address {
            let address = &pair[1].address;
            return Err(NoPlan::Malformed(format!(
                "resources are not sorted, or twice there: {address}"
            )));
        }
    }
    Ok(Checked {
        summary: Summary::of(&plan),
        digest: digest(&plan)?,
        plan,
    })
}

/// The digest: lower-case hex of SHA-256 over the domain and the canonical form without drift.
pub fn digest(plan: &Plan) -> Result<String, NoPlan> {
    let model = serde_json::to_value(plan).map_err(|error| NoPlan::Malformed(error.to_string()))?;
    let Value::Object(mut model) = model else {
        return Err(NoPlan::Malformed("not an object".into()));
    };
    // Refuse by the whole size: drift is shown, sealed and sent too.
    let drift = model.remove("drift").map_or(Ok(0), |drift| size(&drift))?;
    let canonical = encode(&Value::Object(model))?;
    if canonical.len() + drift > MAX_BYTES {
        return Err(NoPlan::TooLarge);
    }
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(canonical.as_bytes());
    Ok(hex::encode(hash.finalize()))
}

fn size(value: &Value) -> Result<usize, NoPlan> {
    encode(value).map(|text| text.len())
}

impl TryFrom<&Value> for Plan {
    type Error = NoPlan;

    fn try_from(model: &Value) -> Result<Self, NoPlan> {
        serde::Deserialize::deserialize(model)
            .map_err(|error: serde_json::Error| NoPlan::Malformed(error.to_string()))
    }
}

/// Any JSON value by RFC 8785.
pub fn encode(value: &Value) -> Result<String, NoPlan> {
    let mut out = String::with_capacity(4096);
    write(value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), NoPlan> {
    if out.len() > MAX_BYTES {
        return Err(NoPlan::TooLarge);
    }
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => write_number(number, out)?,
        Value::String(text) => write_text(text, out),
        Value::Array(list) => {
            out.push('[');
            for (index, one) in list.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(one, out)?;
            }
            out.push(']');
        }
        Value::Object(object) => {
            let mut members: Vec<_> = object.iter().collect();
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            out.push('{');
            for (index, (key, one)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_text(key, out);
                out.push(':');
                write(one, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn write_number(number: &serde_json::Number, out: &mut String) -> Result<(), NoPlan> {
    if let Some(whole) = number
        .as_i64()
        .filter(|whole| whole.unsigned_abs() < 1 << 53)
    {
        let _ = write!(out, "{whole}");
        return Ok(());
    }
    let float = number.as_f64().filter(|float| float.is_finite());
    let float = float.ok_or_else(|| NoPlan::Malformed(format!("{number} is no double")))?;
    if number.is_f64() {
        out.push_str(ryu_js::Buffer::new().format_finite(float));
        return Ok(());
    }
    // A whole number that a double rounds must come as a marker, or two plans could look alike.
    Err(NoPlan::Malformed(format!(
        "{number} must be written as {{\"$number\": …}}"
    )))
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
}
