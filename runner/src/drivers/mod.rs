//! Drivers: what the tools are called, what their exit codes mean, how their words become ours.
//!
//! Every driver is a sequence of processes, so that the shim has one way of running, interrupting
//! and recording things. A driver does no work of its own but on files: [`Driver::prepare`] writes
//! what the tool reads and names the commands; while they run [`Driver::line`] hears them;
//! [`Driver::after`] reads what each left behind and may name more commands. All calls are made
//! from a thread that may block; none may start a process or open a connection.

pub mod ansible;
mod at;
pub mod cloudformation;
mod declared;
mod drift;
mod echo;
mod http;
mod known;
mod phase;
mod python;
mod registry;
mod script;
pub mod terraform;

use std::path::PathBuf;

use platform::jobs::{ErrorClass, wire::JournalEntry};

pub use at::At;
use drift::drifted;
pub use phase::{Phase, Stdout};
pub use registry::Drivers;

/// A kind of tool.
pub trait Driver: Send + Sync {
    /// Its name in job files.
    fn name(&self) -> &str;

    /// Writes files into `at.work` and answers the commands. Nothing has happened in the world yet;
    /// a refusal here ends the attempt before its gate.
    fn prepare(&self, at: &At) -> Result<Vec<Phase>, Refusal>;

    /// Hears one line of a phase whose stdout is [`Stdout::Lines`], without its line break.
    fn line(&self, at: &At, phase: &str, line: &[u8]) -> Heard {
        let _ = (at, phase);
        Heard {
            text: Some(line.to_vec()),
            journal: Vec::new(),
        }
    }

    /// A phase ended with one of its `ok` codes: reads what it left.
    fn after(&self, at: &At, phase: &str, exit: i32) -> Result<After, Refusal> {
        let _ = (at, phase, exit);
        Ok(After::default())
    }

    /// A phase ended otherwise. `exit` is none when a signal ended it; `tail` is the end of what it
    /// wrote to the log, at most 16 KiB, not masked. The text is masked later.
    fn classify(
        &self,
        at: &At,
        phase: &str,
        exit: Option<i32>,
        tail: &[u8],
    ) -> (ErrorClass, String) {
        let _ = (at, tail);
        let how = exit.map_or_else(
            || "was ended by a signal".to_owned(),
            |code| format!("ended with exit code {code}"),
        );
        (ErrorClass::Permanent, format!("{phase} {how}"))
    }

    /// Called once when all processes are gone, however they ended: files worth keeping, such as a
    /// state the tool could not write.
    fn evidence(&self, at: &At) -> Vec<Evidence> {
        let _ = at;
        Vec::new()
    }
}

/// What a line said.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Heard {
    /// What of it belongs into the log, without a line break; none: nothing.
    pub text: Option<Vec<u8>>,
    /// What it says about resources.
    pub journal: Vec<JournalEntry>,
}

/// What a phase left behind. Later phases add to it; a value said twice is the last one's.
#[derive(Debug, Default, Clone)]
pub struct After {
    /// The plan.
    pub plan: Option<Planned>,
    /// Outputs that are no secrets.
    pub outputs: std::collections::BTreeMap<String, serde_json::Value>,
    /// Outputs that are.
    pub secret_outputs: std::collections::BTreeMap<String, String>,
    /// Values learnt to be secret: masked from here on. Secret outputs are, without being named here.
    pub secrets: Vec<String>,
    /// Whether there is anything to change.
    pub changes: Option<bool>,
    /// What a reconcile found.
    pub report: Option<serde_json::Value>,
    /// Entries of the journal read from files rather than lines.
    pub journal: Vec<JournalEntry>,
    /// Lines for the log.
    pub text: Vec<u8>,
    /// Commands to run next, before those still waiting.
    pub more: Vec<Phase>,
}

/// A plan made.
#[derive(Debug, Clone)]
pub struct Planned {
    /// In the plan model; secret values as codes.
    pub model: serde_json::Value,
    /// SHA-256 over the canonical plan, 64 hex digits.
    pub digest: String,
    /// Serial of the state it was made from.
    pub based_on_serial: Option<i64>,
    /// The tool's plan file, where it makes one.
    pub file: Option<PathBuf>,
}

/// A file worth keeping.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Its name for people: `errored.tfstate`. Letters, digits, dots, dashes.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// A driver cannot go on.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{why}")]
pub struct Refusal {
    /// Whether another try may help.
    pub class: ErrorClass,
    /// What is wrong and what to do; masked later.
    pub why: String,
}

impl Refusal {
    /// Another try would end the same way.
    pub fn permanent(why: impl Into<String>) -> Self {
        Self {
            class: ErrorClass::Permanent,
            why: why.into(),
        }
    }

    /// The machine refused, such as a file that cannot be written.
    pub fn machine(what: &str, error: &std::io::Error) -> Self {
        Self {
            class: ErrorClass::Machine,
            why: format!("{what}: {error}"),
        }
    }
}
