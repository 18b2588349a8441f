//! A plan laid out for people: one line per attribute.

use serde::{Deserialize, Serialize};

use super::{Effect, Summary, Tool};

/// A plan as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownPlan {
    /// Who says so.
    pub tool: Tool,
    /// In numbers.
    pub summary: Summary,
    /// Per resource, by address.
    pub resources: Vec<ShownResource>,
    /// Outputs, as attributes.
    pub outputs: Vec<Attribute>,
    /// What changed in the world since the last apply.
    pub drift: Vec<ShownResource>,
}

/// A resource of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownResource {
    /// Its address.
    pub address: String,
    /// Its type.
    pub kind: String,
    /// What happens to it.
    pub action: Effect,
    /// Why.
    pub reasons: Vec<String>,
    /// The address it had until now.
    pub moved_from: Option<String>,
    /// The id it is imported by.
    pub import_id: Option<String>,
    /// Attributes that change, or all where it is made or removed.
    pub attributes: Vec<Attribute>,
    /// How many attributes stay as they are.
    pub unchanged: u32,
    /// How many more would have been shown, beyond the limit.
    pub left_out: u32,
}

/// One attribute, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its path: `tags.Name`, `ingress[0].from_port`.
    pub path: String,
    /// Before; none when it was not there.
    pub before: Option<Shown>,
    /// After; none when it will not be there.
    pub after: Option<Shown>,
}

/// A value, as far as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// As it is, as JSON for all but text.
    Text(String),
    /// A secret; the page says "secret" and whether it changes.
    Secret,
    /// Known after the change.
    Unknown,
}
