//! What an apply needs to know: which change set, or which stack and what it held.

use std::{fs, path::PathBuf};

use platform::jobs::ErrorClass;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    super::{At, Refusal},
    look::Held,
};

const NAME: &str = "groundcrew_plan.json";

/// The plan file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum PlanFile {
    /// Execute a change set, by its ARN.
    Execute { change_set: String, stack: String },
    /// Delete a stack that holds these.
    Delete { stack: String, resources: Vec<Held> },
    /// There is nothing to do.
    Nothing,
}

impl PlanFile {
    pub(super) fn write(&self, at: &At) -> Result<PathBuf, Refusal> {
        let json =
            serde_json::to_vec(self).map_err(|error| Refusal::permanent(error.to_string()))?;
        at.write(NAME, &json)
    }

    /// The approved one, compared once more with what was approved.
    pub(super) fn approved(at: &At) -> Result<Self, Refusal> {
        let stale = |why: &str| Refusal {
            class: ErrorClass::StalePlan,
            why: why.to_owned(),
        };
        let missing = || stale("there is no approved plan file: make a plan and have it approved");
        let plan = at.assignment.plan.as_ref().ok_or_else(missing)?;
        let path = at.plan_file.as_ref().ok_or_else(missing)?;
        let bytes = fs::read(path).map_err(|error| Refusal::machine("the plan file", &error))?;
        if plan.file_sha256.as_deref() != Some(&*hex::encode(Sha256::digest(&bytes))) {
            return Err(stale(
                "the plan file is not the one that was approved; nothing was applied",
            ));
        }
        serde_json::from_slice(&bytes).map_err(|_| stale("the plan file is of another driver"))
    }
}
