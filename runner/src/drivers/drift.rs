//! What drifted, as an output of the step: only plans to be approved are kept as plans.

use platform::plans::{Plan, show};
use serde_json::{Value, json};

/// Most resources told.
const RESOURCES: usize = 100;
/// Most attributes told of each.
const ATTRIBUTES: usize = 50;

/// Address, action and attributes of what drifted; secrets as such.
pub(super) fn drifted(plan: &Plan) -> Value {
    let mut drift = show(plan).drift;
    drift.truncate(RESOURCES);
    for one in &mut drift {
        one.attributes.truncate(ATTRIBUTES);
    }
    json!(drift)
}
