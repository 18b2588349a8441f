//! What is known about an attempt whose end is not.

use serde::{Deserialize, Serialize};

/// What a reconcile found. Made from the tool's journal, its state and the plan; nothing was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reconciled {
    /// Done, by the journal or the state; what the state does not know of is imported by the new plan.
    pub recovered: Vec<Found>,
    /// Begun, and nobody knows whether done: a person must look.
    pub ambiguous: Vec<Found>,
    /// Failed, by the journal.
    pub errored: Vec<Found>,
    /// Not begun.
    pub remaining: Vec<Found>,
    /// What only the new plan does, by address: it was not approved.
    pub beyond: Vec<String>,
    /// Whether all the new plan does was approved with the old one.
    pub subset: bool,
    /// Whether there is anything left to do.
    pub changes: bool,
    /// What stood in the way, in words.
    pub notes: Vec<String>,
}

/// A resource of the plan whose attempt was cut.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Found {
    /// Its address.
    pub address: String,
    /// What was done or begun: `create`, `update`, `delete`, `replace`.
    pub action: String,
    /// The id it has in the world, where the tool said it.
    pub id: Option<String>,
    /// The state does not know it: the new plan imports it by its id.
    pub import: bool,
}

impl Reconciled {
    /// Whether one click may accept the new plan: nothing is ambiguous, and it does no more than was
    /// approved.
    pub fn is_plain(&self) -> bool {
        self.ambiguous.is_empty() && self.subset
    }
}
