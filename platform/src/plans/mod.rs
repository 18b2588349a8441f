//! Plans: what a tool says it would do, in one form for every tool.
//!
//! A driver turns its tool's preview into a [`Plan`]; people read it, policy judges it, an approval
//! binds to its digest. Secret values stand in it as codes ([`secret`]), values known only after the
//! change as `{"$unknown": …}` ([`value`]). Two plans of equal content have equal canonical bytes,
//! whatever order or white space their tool wrote them in ([`canonical`]).

mod compared;
mod reconciled;
mod shown;
mod summary;

#[cfg(not(target_arch = "wasm32"))]
pub mod canonical;
#[cfg(not(target_arch = "wasm32"))]
mod compare;
#[cfg(not(target_arch = "wasm32"))]
pub mod mask;
#[cfg(not(target_arch = "wasm32"))]
pub mod numbers;
#[cfg(not(target_arch = "wasm32"))]
pub mod secret;
#[cfg(not(target_arch = "wasm32"))]
mod show;
#[cfg(not(target_arch = "wasm32"))]
mod text;
#[cfg(not(target_arch = "wasm32"))]
pub mod value;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use compared::{Comparison, Difference};
pub use reconciled::{Found, Reconciled};
pub use shown::{Attribute, Shown, ShownPlan, ShownResource};
pub use summary::Summary;

#[cfg(not(target_arch = "wasm32"))]
pub use canonical::{Checked, MAX_BYTES, NoPlan, check, digest};
#[cfg(not(target_arch = "wasm32"))]
pub use compare::compare;
#[cfg(not(target_arch = "wasm32"))]
pub use show::show;
#[cfg(not(target_arch = "wasm32"))]
pub use text::text;

/// Version of the plan model.
pub const VERSION: u32 = 1;

/// What a tool says it would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`VERSION`].
    pub version: u32,
    /// Who says so.
    pub tool: Tool,
    /// What happens to each resource, sorted by address; resources that stay as they are, are left out.
    pub resources: Vec<Change>,
    /// What happens to the outputs, by name; those that stay as they are, are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, OutputChange>,
    /// What changed in the world since the last apply, sorted by address. For people: not under the
    /// digest, because what matters of it stands in `before`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<Change>,
}

/// A tool. Patch versions do not count: they would void approvals for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name: `terraform`, `tofu`, `ansible`, `cloudformation`.
    pub name: String,
    /// Major and minor version: `1.11`.
    pub version: String,
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It is made.
    Add,
    /// It is changed in place.
    Change,
    /// It is removed and made anew.
    Replace,
    /// It is removed.
    Remove,
    /// It is only looked up, later, when what it depends on is known.
    Read,
    /// It exists and is taken under management as it is.
    Import,
    /// It stays in the world and is no longer managed.
    Forget,
    /// It stays as it is; stands in a plan only when its address moves.
    None,
}

impl Effect {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Add,
        Self::Change,
        Self::Replace,
        Self::Remove,
        Self::Read,
        Self::Import,
        Self::Forget,
        Self::None,
    ];

    /// The word in plans.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Change => "change",
            Self::Replace => "replace",
            Self::Remove => "remove",
            Self::Read => "read",
            Self::Import => "import",
            Self::Forget => "forget",
            Self::None => "none",
        }
    }
}

/// One resource of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Its address in the tool's words, unique in the plan.
    pub address: String,
    /// Its type in the tool's words: `aws_s3_bucket`, `ansible.builtin.copy`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happens to it.
    pub action: Effect,
    /// How it is now; none when it does not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// How it will be; none when it will not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// Why it is replaced or removed, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// The address it had until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<String>,
    /// The id under which it is found in the world, when it is imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_id: Option<String>,
}

impl Change {
    /// Whether carrying it out changes anything: the world, or what is managed.
    pub const fn has_effect(&self) -> bool {
        match self.action {
            Effect::Read => false,
            Effect::None => self.moved_from.is_some(),
            _ => true,
        }
    }
}

/// One output of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputChange {
    /// What happens to it: add, change or remove.
    pub action: Effect,
    /// Its value now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Its value afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

impl Plan {
    /// A plan without content.
    pub fn new(tool: &str, version: &str) -> Self {
        Self {
            version: VERSION,
            tool: Tool {
                name: tool.to_owned(),
                version: version.to_owned(),
            },
            resources: Vec::new(),
            outputs: BTreeMap::new(),
            drift: Vec::new(),
        }
    }

    /// Brings resources into their order: by address.
    pub fn sort(&mut self) {
        self.resources.sort_by(|a, b| a.address.cmp(&b.address));
        self.drift.sort_by(|a, b| a.address.cmp(&b.address));
    }

    /// Whether carrying it out changes anything.
    pub fn has_effects(&self) -> bool {
        !self.outputs.is_empty() || self.resources.iter().any(Change::has_effect)
    }
}
