//! What a verification found.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One thing that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// First event concerned; none where it concerns the whole.
    pub seq: Option<i64>,
    /// What is wrong.
    pub why: String,
    /// Whether the event itself gives it away; otherwise a checkpoint does, and the event named is
    /// the first of a range.
    pub exact: bool,
}

/// Outcome of one verification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The chain.
    pub chain: Uuid,
    /// First event looked at.
    pub first: i64,
    /// Last event looked at; `first - 1` where there was none.
    pub last: i64,
    /// What is wrong, at most [`Report::MOST`]; empty means sound.
    pub findings: Vec<Finding>,
    /// What is odd but proves nothing: recorded times that go back.
    pub warnings: Vec<String>,
    /// Notes whose commitment held.
    pub notes_held: u64,
    /// Notes that were not opened, because no keys were given.
    pub notes_unopened: u64,
    /// Notes erased, each with its event.
    pub notes_erased: u64,
    /// Checkpoints whose root held.
    pub checkpoints: usize,
    /// Events the largest such checkpoint covers.
    pub covered: i64,
}

impl Report {
    /// Findings and warnings kept; a chain broken once is broken.
    pub const MOST: usize = 20;

    /// Nothing is wrong.
    pub fn sound(&self) -> bool {
        self.findings.is_empty()
    }

    /// The first thing that is wrong: what events give away themselves goes before what checkpoints
    /// say of a range.
    pub fn first_bad(&self) -> Option<&Finding> {
        self.findings
            .iter()
            .min_by_key(|finding| (!finding.exact, finding.seq.unwrap_or(0)))
    }

    /// How many events were looked at.
    pub fn events(&self) -> i64 {
        self.last - self.first + 1
    }

    /// Records something wrong.
    pub fn find(&mut self, seq: Option<i64>, exact: bool, why: impl Into<String>) {
        if self.findings.len() < Self::MOST {
            let why = why.into();
            self.findings.push(Finding { seq, why, exact });
        }
    }
}
