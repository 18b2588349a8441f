//! What a script that speaks JSON says.

use std::collections::BTreeMap;

use platform::{
    jobs::wire::JournalEntry,
    plans::{Change, Effect, Plan},
};
use serde::Deserialize;
use serde_json::Value;

use crate::drivers::{Planned, Refusal};

/// One line of JSON; every field may be left out, none may be unknown.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Answer {
    /// A plan in the plan model.
    plan: Option<Value>,
    /// What it will do, where it cannot preview.
    effects: Option<Vec<Declared>>,
    /// Outputs that are no secrets.
    pub(super) outputs: BTreeMap<String, Value>,
    /// Outputs that are.
    pub(super) secret_outputs: BTreeMap<String, String>,
    /// Whether there is anything to change.
    pub(super) changes: Option<bool>,
    /// What has happened so far; may be said as often as there is something to say.
    pub(super) journal: Vec<JournalEntry>,
    /// What a reconcile found.
    pub(super) report: Option<Value>,
}

/// An effect a script declares.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    /// What it is done to.
    address: String,
    /// What is done.
    action: Effect,
    /// Why, or how, in words.
    #[serde(default)]
    note: Option<String>,
}

impl Answer {
    /// Nothing when the line is no answer.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let line = line.trim_ascii();
        if !line.starts_with(b"{") || line == b"{}" {
            return None;
        }
        serde_json::from_slice(line).ok()
    }

    /// Whether it only says what has happened.
    pub(super) fn only_journal(&self) -> bool {
        self.plan.is_none()
            && self.effects.is_none()
            && self.outputs.is_empty()
            && self.secret_outputs.is_empty()
            && self.changes.is_none()
            && self.report.is_none()
    }

    /// The plan, or one made of the declared effects.
    pub(super) fn plan(&self, serial: Option<i64>) -> Result<Option<Planned>, Refusal> {
        if let Some(model) = &self.plan {
            return super::planned(model.clone(), serial).map(Some);
        }
        let Some(effects) = &self.effects else {
            return Ok(None);
        };
        let mut plan = Plan::new("script", "declared");
        plan.resources = effects
            .iter()
            .map(|effect| Change {
                address: effect.address.clone(),
                kind: "declared".to_owned(),
                action: effect.action,
                before: None,
                after: None,
                reasons: effect.note.iter().cloned().collect(),
                moved_from: None,
                import_id: None,
            })
            .collect();
        plan.sort();
        Planned::new(&plan, serial, None).map(Some)
    }
}
