//! Jobs: the work of carrying a request or a runbook step out.
//!
//! A job is a graph of steps; a step starts when everything it needs has succeeded, independent steps
//! run beside each other. Each try at a step is an attempt with a token, a lease and a log of its own,
//! never deleted. A step of class `once` is started by itself at most once: after an end nobody knows
//! it is indeterminate, and a person decides.

pub mod actor;
pub mod graph;
pub mod verdict;
pub mod view;
pub mod wait;
pub mod wire;

#[cfg(not(target_arch = "wasm32"))]
pub mod ops;

#[cfg(not(target_arch = "wasm32"))]
pub mod spec;
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;

use serde::{Deserialize, Serialize};

/// A closed list of words: variant, word in tables, files and the protocol.
macro_rules! words {
    ($(#[$note:meta])* $name:ident { $($(#[$variant_note:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$note])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_note])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word in tables, files and the protocol.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// From its word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == word)
            }
        }
    };
}

words! {
    /// Where a job stands.
    JobState {
        /// No step has started.
        Queued = "queued",
        /// At least one step has started.
        Running = "running",
        /// Every step succeeded or was skipped by design.
        Succeeded = "succeeded",
        /// A step failed for good.
        Failed = "failed",
        /// A person stopped it.
        Cancelled = "cancelled",
        /// The end of a step is not known: a person must look.
        Indeterminate = "indeterminate",
    }
}

words! {
    /// Where a step stands.
    StepState {
        /// Something it needs has not succeeded yet.
        Waiting = "waiting",
        /// In the queue.
        Queued = "queued",
        /// An attempt holds it.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// Failed for good.
        Failed = "failed",
        /// Something it needs failed or was cancelled.
        Skipped = "skipped",
        /// A person stopped it.
        Cancelled = "cancelled",
        /// Its end is not known; never repeated by itself.
        Indeterminate = "indeterminate",
    }
}

words! {
    /// Where an attempt stands.
    AttemptState {
        /// It holds its step.
        Running = "running",
        /// Done.
        Succeeded = "succeeded",
        /// The tool failed, or a limit ended it.
        Failed = "failed",
        /// A person stopped it.
        Cancelled = "cancelled",
        /// Its lease ran out; a retryable step goes back to the queue.
        Lost = "lost",
        /// Its lease ran out, or it was cut, in the middle of what may be done once.
        Indeterminate = "indeterminate",
    }
}

words! {
    /// What a step does.
    Operation {
        /// Say what would change.
        Plan = "plan",
        /// Carry an approved plan out.
        Apply = "apply",
        /// Remove everything.
        Destroy = "destroy",
        /// Compare the world with the state.
        Drift = "drift",
        /// Look without changing.
        Check = "check",
        /// Do something else, such as a restart or a script.
        Action = "action",
        /// Find out what an attempt of unknown end has done.
        Reconcile = "reconcile",
    }
}

words! {
    /// How often a step may be started by itself.
    Class {
        /// As often as it takes, within its attempts.
        Retry = "retry",
        /// At most once.
        Once = "once",
    }
}

words! {
    /// Why an attempt did not succeed, as far as retries and people care.
    ErrorClass {
        /// Worth another try: network, throttling, a busy lock.
        Transient = "transient",
        /// Another try would end the same way: bad input, refused, a failed change.
        Permanent = "permanent",
        /// The plan no longer fits the state.
        StalePlan = "stale_plan",
        /// The wall clock limit.
        TimedOut = "timed_out",
        /// No output for too long.
        Silent = "silent",
        /// The tool is missing or does not start.
        NoTool = "no_tool",
        /// A person stopped it.
        Cancelled = "cancelled",
        /// The lease could not be renewed in time; the shim stopped the child.
        Fenced = "fenced",
        /// The worker's machine refused: disk full, no memory, no process.
        Machine = "machine",
    }
}

words! {
    /// How hard a person wants a job to end.
    Cancel {
        /// Interrupt, wait the grace, then kill.
        Interrupt = "interrupt",
        /// Kill at once.
        Force = "force",
    }
}

impl Operation {
    /// The class a step of this operation has when nothing else is said. Scripts and playbooks that
    /// act are `once` unless marked safe to retry.
    pub const fn class(self) -> Class {
        match self {
            Self::Plan | Self::Drift | Self::Check | Self::Reconcile => Class::Retry,
            Self::Apply | Self::Destroy | Self::Action => Class::Once,
        }
    }

    /// Whether it may write the state of its stack.
    pub const fn writes(self) -> bool {
        matches!(self, Self::Apply | Self::Destroy | Self::Action)
    }
}
