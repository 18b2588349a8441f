//! A plan in numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Effect, Plan};

/// How many resources meet which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Made.
    pub add: u32,
    /// Changed in place.
    pub change: u32,
    /// Removed and made anew.
    pub replace: u32,
    /// Removed.
    pub remove: u32,
    /// Looked up later.
    pub read: u32,
    /// Taken under management.
    pub import: u32,
    /// No longer managed.
    pub forget: u32,
    /// Moved to another address.
    pub moved: u32,
    /// Outputs that change.
    pub outputs: u32,
    /// Resources that changed in the world since the last apply.
    pub drifted: u32,
}

impl Summary {
    /// Counts a plan.
    pub fn of(plan: &Plan) -> Self {
        let mut sum = Self {
            outputs: count(plan.outputs.len()),
            drifted: count(plan.drift.len()),
            ..Self::default()
        };
        for one in &plan.resources {
            if one.moved_from.is_some() {
                sum.moved += 1;
            }
            match one.action {
                Effect::Add => sum.add += 1,
                Effect::Change => sum.change += 1,
                Effect::Replace => sum.replace += 1,
                Effect::Remove => sum.remove += 1,
                Effect::Read => sum.read += 1,
                Effect::Import => sum.import += 1,
                Effect::Forget => sum.forget += 1,
                Effect::None => {}
            }
        }
        sum
    }

    /// Whether carrying the plan out changes anything.
    pub const fn has_effects(&self) -> bool {
        self.add + self.change + self.replace + self.remove + self.import + self.forget > 0
            || self.moved > 0
            || self.outputs > 0
    }
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

impl fmt::Display for Summary {
    /// `2 to add, 1 to replace`; `no changes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.add, "to add"),
            (self.change, "to change"),
            (self.replace, "to replace"),
            (self.remove, "to remove"),
            (self.import, "to import"),
            (self.forget, "to forget"),
            (self.moved, "to move"),
        ];
        let mut any = false;
        for (count, words) in parts {
            if count > 0 {
                write!(f, "{}{count} {words}", if any { ", " } else { "" })?;
                any = true;
            }
        }
        match (any, self.outputs) {
            (true, _) => Ok(()),
            (false, 0) => f.write_str("no changes"),
            (false, 1) => f.write_str("1 output to change"),
            (false, outputs) => write!(f, "{outputs} outputs to change"),
        }
    }
}
