//! What is wrong with a file of the platform repository, and how the repository stands.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// One thing that is wrong: where, what, why, and what is probably meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// File, relative to the repository.
    pub file: String,
    /// Line from 1; 0 when the file as a whole is meant.
    pub line: u32,
    /// Column from 1, in characters; 0 when the file as a whole is meant.
    pub column: u32,
    /// Stable code, `E-…`.
    pub code: String,
    /// What is wrong.
    pub what: String,
    /// Why that cannot be, or what would be right.
    pub why: String,
    /// What is probably meant, or what to do; may be empty.
    pub hint: String,
    /// Version that stays live; empty where none was.
    pub live: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, " {} {}. Why: {}.", self.code, self.what, self.why)?;
        if !self.hint.is_empty() {
            write!(f, " {}", self.hint)?;
        }
        if !self.live.is_empty() {
            write!(f, " Version {} stays live.", self.live)?;
        }
        Ok(())
    }
}

/// How the platform repository stands, for the Admin page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Folder it is read from.
    pub folder: String,
    /// Version that is live: the first digits of its content address.
    pub version: String,
    /// When that version went live here.
    pub live_since: Option<Timestamp>,
    /// When the folder was last looked at.
    pub checked_at: Option<Timestamp>,
    /// What keeps the folder's present content from going live; empty when it is live.
    pub findings: Vec<Finding>,
}
