//! What a comparison of two plans says.

use serde::{Deserialize, Serialize};

/// How a new plan stands to an old one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Equal content, hence equal digests.
    pub same: bool,
    /// Addresses and actions are equal, and so is every value the old plan knew; only its unknowns
    /// have become known.
    pub refines: bool,
    /// Everything the new plan does, the old one did too: it was approved with it. A resource that the
    /// old plan made may be imported by the new one as it was to become.
    pub subset: bool,
    /// What only the new plan does.
    pub added: Vec<String>,
    /// What only the old plan did.
    pub gone: Vec<String>,
    /// What both do, but not alike.
    pub differs: Vec<Difference>,
    /// Outputs that are not alike, by name.
    pub outputs: Vec<String>,
}

/// A resource that two plans treat differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Its address.
    pub address: String,
    /// The action before and now, where it is another one.
    pub action: Option<(super::Effect, super::Effect)>,
    /// Attributes that differ, by path, at most 50.
    pub paths: Vec<String>,
}
