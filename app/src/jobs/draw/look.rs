//! Picture, tone and word of each state: the one place that chooses them.

use crate::prelude::*;
use platform::jobs::{AttemptState, Cancel, ErrorClass, JobState, StepState, view::Listed};

use crate::ui::{Badge, Glyph, Status, Tone};

/// How a state looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) glyph: Glyph,
    pub(crate) tone: Tone,
    pub(crate) word: &'static str,
    pub(crate) running: bool,
}

const fn look(glyph: Glyph, tone: Tone, word: &'static str) -> Look {
    Look {
        glyph,
        tone,
        word,
        running: matches!(glyph, Glyph::StateRunning),
    }
}

const RUNNING: Look = look(Glyph::StateRunning, Tone::Info, "Running");
const QUEUED: Look = look(Glyph::StateQueued, Tone::Neutral, "Queued");
const SUCCEEDED: Look = look(Glyph::StateDone, Tone::Ok, "Succeeded");
const FAILED: Look = look(Glyph::StateFailed, Tone::Danger, "Failed");
const CANCELLED: Look = look(Glyph::StateBan, Tone::Neutral, "Cancelled");
const INDETERMINATE: Look = look(Glyph::Alert, Tone::Warn, "Indeterminate");

/// Of a job. One that was asked to end says so until it has.
pub(crate) const fn job(state: JobState, cancel: Option<Cancel>) -> Look {
    match (state, cancel) {
        (JobState::Queued | JobState::Running, Some(Cancel::Force)) => {
            look(Glyph::StateRunning, Tone::Warn, "Killing")
        }
        (JobState::Queued | JobState::Running, Some(Cancel::Interrupt)) => {
            look(Glyph::StateRunning, Tone::Warn, "Cancelling")
        }
        (JobState::Queued, None) => QUEUED,
        (JobState::Running, None) => RUNNING,
        (JobState::Succeeded, _) => SUCCEEDED,
        (JobState::Failed, _) => FAILED,
        (JobState::Cancelled, _) => CANCELLED,
        (JobState::Indeterminate, _) => INDETERMINATE,
    }
}

/// Of a step.
pub(crate) const fn step(state: StepState) -> Look {
    match state {
        StepState::Waiting => look(Glyph::StateQueued, Tone::Neutral, "Waiting"),
        StepState::Queued => QUEUED,
        StepState::Running => RUNNING,
        StepState::Succeeded => SUCCEEDED,
        StepState::Failed => FAILED,
        StepState::Skipped => look(Glyph::StateSkipped, Tone::Neutral, "Skipped"),
        StepState::Cancelled => CANCELLED,
        StepState::Indeterminate => INDETERMINATE,
    }
}

/// Of an attempt.
pub(crate) const fn attempt(state: AttemptState) -> Look {
    match state {
        AttemptState::Running => RUNNING,
        AttemptState::Succeeded => SUCCEEDED,
        AttemptState::Failed => FAILED,
        AttemptState::Cancelled => CANCELLED,
        AttemptState::Lost => look(Glyph::WifiOff, Tone::Warn, "Lost"),
        AttemptState::Indeterminate => INDETERMINATE,
    }
}

/// What kind of failure, in words.
pub(crate) const fn error_class(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Transient => "Passing trouble: network, throttling or a busy lock",
        ErrorClass::Permanent => "The tool refused or failed; another try would end the same way",
        ErrorClass::StalePlan => "The plan no longer fits the state",
        ErrorClass::TimedOut => "It ran longer than it may",
        ErrorClass::Silent => "It wrote nothing for too long",
        ErrorClass::NoTool => "The tool is missing on the worker",
        ErrorClass::Cancelled => "A person stopped it",
        ErrorClass::Fenced => "Its lease could not be renewed in time, so its shim stopped it",
        ErrorClass::Machine => "The worker's machine refused: disk, memory or processes",
    }
}

/// In a list.
pub(crate) fn status(look: Look) -> AnyView {
    let Look {
        glyph,
        tone,
        word,
        running,
    } = look;
    view! { <Status tone glyph word spin=running /> }.into_any()
}

/// In a header.
pub(crate) fn badge(look: Look) -> AnyView {
    let Look {
        glyph,
        tone,
        word,
        running,
    } = look;
    view! { <Badge tone glyph word spin=running /> }.into_any()
}

/// The state of a job in a list.
pub(crate) fn of(listed: &Listed) -> AnyView {
    status(job(listed.state, listed.cancel))
}
