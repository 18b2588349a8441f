//! Logs: what an attempt wrote, masked by its shim, kept in chunks until retention.
//!
//! Chunks are numbered without gaps. A chunk says where its first byte stands and how many lines end
//! in it, so that any range of lines is found by index, whatever the size of the log. A chunk may
//! begin and end in the middle of a line, and of a character.

#[cfg(not(target_arch = "wasm32"))]
mod bytes;
#[cfg(not(target_arch = "wasm32"))]
pub mod ops;
#[cfg(not(target_arch = "wasm32"))]
mod search;
#[cfg(not(target_arch = "wasm32"))]
mod split;
#[cfg(all(test, not(target_arch = "wasm32")))]
pub(crate) mod tests;

use serde::{Deserialize, Serialize};

/// Most lines of one answer.
pub const MOST_LINES: u32 = 2_000;

/// One line, without its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number, from 1.
    pub number: i64,
    /// Its text; what is no UTF-8 is U+FFFD. Holds control characters as they came.
    pub text: String,
    /// Only the beginning is here: the line is too long to show. The download has all of it.
    pub cut: bool,
}

/// A range of lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lines {
    /// The lines asked for, as far as they are there and fit into one answer.
    pub lines: Vec<Line>,
    /// Lines of the whole log so far, one without an end at its end included.
    pub total: i64,
    /// Bytes of the whole log so far.
    pub bytes: i64,
    /// Chunks so far: a stream goes on after number `chunks - 1`.
    pub chunks: i64,
    /// Nothing will be added any more.
    pub complete: bool,
}

/// A line that holds the text looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Number of the line.
    pub line: i64,
    /// What stands around the first place, without colours.
    pub text: String,
}

/// What a search found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Lines with the text, in order.
    pub hits: Vec<Hit>,
    /// Lines up to this one were searched; go on after it. None: the end of the log was reached.
    pub searched_to: Option<i64>,
}

/// What is new in a log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tail {
    /// Chunks after the one asked for, in order, without gaps.
    pub chunks: Vec<Chunk>,
    /// Number of the last chunk there is; -1 for none.
    pub last: i64,
    /// Nothing will be added any more.
    pub complete: bool,
}

/// One chunk, as a stream of events carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// Number in the log, from 0.
    pub seq: i64,
    /// Number of the line its text begins in.
    pub line: i64,
    /// Its text, which may begin and end inside a line. What is no UTF-8 is U+FFFD.
    pub text: String,
}
