//! Workers: processes that run attempts, each with a token of its own, bound to one pool.
//!
//! A worker holds no database log-in and takes no work but its pool's. Draining lets it finish what
//! it has; revoking ends its token and those of the attempts it runs.

#[cfg(not(target_arch = "wasm32"))]
pub mod ops;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

/// Where a worker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It said hello lately.
    Live,
    /// It finishes what it has and gets no more.
    Drained,
    /// It has not said hello for longer than its lease.
    Silent,
    /// It never said hello.
    New,
    /// Its token is over.
    Expired,
    /// Its token was ended by a person.
    Revoked,
}

/// A worker in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The pool it works for.
    pub pool: String,
    /// Where it stands.
    pub standing: Standing,
    /// Labels of its place.
    pub labels: BTreeMap<String, String>,
    /// Most attempts at once.
    pub capacity: i32,
    /// Attempts it runs now, by the queue's own count.
    pub running: i64,
    /// Load of its machine, one minute, in hundredths.
    pub load_percent: Option<i64>,
    /// Version of its binary.
    pub version: String,
    /// What its machine lacks.
    pub warnings: Vec<String>,
    /// How far its clock is off, milliseconds; only shown, nothing depends on it.
    pub skew_ms: i64,
    /// When it last said hello.
    pub last_seen_at: Option<Timestamp>,
    /// When it last took a step.
    pub last_claim_at: Option<Timestamp>,
    /// Until when it counts as live.
    pub lease_until: Option<Timestamp>,
    /// When its token ends.
    pub expires_at: Timestamp,
}

/// Whether a text names a worker.
pub fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
}

/// Whether a text names a pool.
pub fn is_pool(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
