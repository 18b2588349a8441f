//! Why a step does not run yet, in words people can act on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The first reason that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Waiting {
    /// Steps it needs are not done.
    Needs {
        /// Their names.
        steps: Vec<String>,
    },
    /// It failed and is tried again.
    Backoff {
        /// When.
        until: Timestamp,
    },
    /// No worker of its pool has been heard of.
    NoWorker {
        /// The pool.
        pool: String,
    },
    /// No worker of its pool has these labels.
    NoLabel {
        /// The pool.
        pool: String,
        /// `zone=eu`, as no worker has them.
        missing: Vec<String>,
    },
    /// All workers that could take it are drained.
    Drained {
        /// The pool.
        pool: String,
    },
    /// A person must decide about its stack first.
    Frozen {
        /// The stack.
        stack: String,
        /// Why it is held.
        reason: String,
    },
    /// Another job holds its stack.
    Stack {
        /// The stack.
        stack: String,
        /// Number of the job.
        job: Option<i64>,
    },
    /// Another job works on its environment.
    Environment {
        /// The environment.
        environment: String,
        /// Number of the job.
        job: Option<i64>,
    },
    /// The team, the pool or background work runs as much as it may.
    Limit {
        /// `team`, `pool` or `background`.
        of: String,
        /// Its name.
        name: String,
        /// How much that is.
        most: i32,
    },
    /// Others come first, or all workers are busy.
    Turn {
        /// Jobs of the pool before it.
        ahead: i64,
    },
}

impl Waiting {
    /// In words, as a sentence.
    pub fn words(&self) -> String {
        match self {
            Self::Needs { steps } => format!("Needs {}.", steps.join(", ")),
            Self::Backoff { .. } => "Is tried again in a moment.".to_owned(),
            Self::NoWorker { pool } => {
                format!("No worker of the pool {pool} has been heard of. Start one.")
            }
            Self::NoLabel { pool, missing } => format!(
                "No worker of the pool {pool} has {}. Start one that does.",
                missing.join(" and ")
            ),
            Self::Drained { pool } => {
                format!("Every worker of the pool {pool} that could take it is drained.")
            }
            Self::Frozen { stack, reason } => {
                format!("The stack {stack} is held: {reason}")
            }
            Self::Stack { stack, job } => match job {
                Some(job) => format!("JOB-{job} works on the stack {stack}."),
                None => format!("Another job works on the stack {stack}."),
            },
            Self::Environment { environment, job } => match job {
                Some(job) => format!("JOB-{job} works on the environment {environment}."),
                None => format!("Another job works on the environment {environment}."),
            },
            Self::Limit { of, name, most } => match &**of {
                "background" => format!("Background work runs {most} at once, as much as it may."),
                _ => format!("The {of} {name} runs {most} at once, as much as it may."),
            },
            Self::Turn { ahead: 0 } => "Is next: waits for a free worker.".to_owned(),
            Self::Turn { ahead: 1 } => "One job comes before it.".to_owned(),
            Self::Turn { ahead } => format!("{ahead} jobs come before it."),
        }
    }

    /// Whether nothing will happen until a person does something.
    pub const fn needs_somebody(&self) -> bool {
        matches!(
            self,
            Self::NoWorker { .. }
                | Self::NoLabel { .. }
                | Self::Drained { .. }
                | Self::Frozen { .. }
        )
    }
}

impl Waiting {
    /// Why no worker of a pool can take a step with these labels; nothing when one can. Workers are
    /// given by their labels, and whether they are drained.
    pub fn for_a_worker(
        pool: &str,
        wanted: &BTreeMap<String, String>,
        workers: &[(BTreeMap<String, String>, bool)],
    ) -> Option<Self> {
        let pool = pool.to_owned();
        if workers.is_empty() {
            return Some(Self::NoWorker { pool });
        }
        let has = |labels: &BTreeMap<String, String>| {
            wanted
                .iter()
                .all(|(key, value)| labels.get(key) == Some(value))
        };
        let mut able = workers.iter().filter(|(labels, _)| has(labels)).peekable();
        if able.peek().is_some() {
            let drained = able.all(|(_, drained)| *drained);
            return drained.then_some(Self::Drained { pool });
        }
        let nobody_has = |key: &str, value: &str| {
            workers
                .iter()
                .all(|(labels, _)| labels.get(key).is_none_or(|other| other != value))
        };
        let pair = |(key, value): (&String, &String)| format!("{key}={value}");
        let mut missing: Vec<String> = wanted
            .iter()
            .filter(|(key, value)| nobody_has(key, value))
            .map(pair)
            .collect();
        if missing.is_empty() {
            // Each is somewhere, all are nowhere together.
            missing = wanted.iter().map(pair).collect();
        }
        Some(Self::NoLabel { pool, missing })
    }
}
