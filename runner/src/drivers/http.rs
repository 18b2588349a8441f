//! The driver that makes one call, and asks again until what it began is done. It runs `groundcrew
//! drive http`, so that a call is interrupted, limited and confined like any tool.

use std::collections::BTreeMap;

use platform::jobs::{ErrorClass, spec::Http as Words};
use serde_json::Value;

use super::{After, At, Driver, Phase, Refusal, Stdout};
use crate::drive::http::{Orders, UNANSWERED};

/// The driver.
pub(super) struct Http;

/// Where the last answer lies.
const ANSWER: &str = "answer";

impl Driver for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal> {
        let call: Words = at.spec()?;
        let orders = Orders {
            call,
            secrets: at.assignment.secrets.clone(),
            internal: at.internal.clone(),
        };
        let argv = [
            at.binary.clone().into_os_string(),
            "drive".into(),
            "http".into(),
        ];
        let mut phase = Phase::new("call", argv).stdout(Stdout::File(ANSWER.to_owned()));
        let orders = serde_json::to_vec(&orders);
        phase.stdin = Some(orders.map_err(|error| Refusal::permanent(error.to_string()))?);
        Ok(vec![phase])
    }

    fn after(&self, at: &At, _: &str, _: i32) -> Result<After, Refusal> {
        let call: Words = at.spec()?;
        let bytes = at.captured(ANSWER)?;
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let mut outputs = BTreeMap::new();
        for (name, pointer) in call.outputs {
            let value = answer.pointer(&pointer).cloned().ok_or_else(|| {
                Refusal::permanent(format!("the answer has nothing at {pointer} for {name}"))
            })?;
            outputs.insert(name, value);
        }
        Ok(After {
            outputs,
            ..After::default()
        })
    }

    fn classify(&self, _: &At, _: &str, exit: Option<i32>, tail: &[u8]) -> (ErrorClass, String) {
        let tail = String::from_utf8_lossy(tail);
        let why = tail.lines().last().unwrap_or("the call failed").to_owned();
        let class = if exit == Some(UNANSWERED.into()) {
            ErrorClass::Transient
        } else {
            ErrorClass::Permanent
        };
        (class, why)
    }
}
