//! Stacks: one per resource; who may change it now, and every version of its state.
//!
//! Only the attempt that holds the stack at its epoch writes. Breaking its lock is raising the
//! epoch: whatever the old holder sends afterwards is refused.

#[cfg(not(target_arch = "wasm32"))]
pub mod ops;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// A stack in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its owner team.
    pub team: String,
    /// Its environment.
    pub environment: Option<String>,
    /// Number of the job that changes it now.
    pub held_by: Option<i64>,
    /// Why nothing may change it now.
    pub frozen: Option<String>,
}

/// A page of the list, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Stacks.
    pub stacks: Vec<Listed>,
    /// There are more after the last one.
    pub more: bool,
}

/// A stack in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// What the list says.
    pub listed: Listed,
    /// How often it changed hands.
    pub epoch: i64,
    /// Serial of its state; none before the first.
    pub serial: Option<i64>,
    /// Lineage of its state.
    pub lineage: Option<String>,
    /// The lock its tool holds.
    pub lock: Option<Lock>,
}

/// The lock of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// What the tool said it does.
    pub operation: String,
    /// Since when, in the tool's words.
    pub created: String,
}

/// One version of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its serial.
    pub serial: i64,
    /// Epoch of the attempt that wrote it.
    pub epoch: i64,
    /// Bytes.
    pub size: i32,
    /// SHA-256, 64 hex digits.
    pub sha256: String,
    /// When it was written.
    pub made_at: Timestamp,
    /// Number of the job that wrote it.
    pub job: Option<i64>,
    /// The step of that job.
    pub step: Option<String>,
}
