//! What the end of an attempt means for its step. Pure.

use super::{AttemptState, Class, ErrorClass, StepState};

/// An attempt that ended, or was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How, in the words of the shim, or `lost`.
    pub said: AttemptState,
    /// Why it did not succeed.
    pub error_class: Option<ErrorClass>,
    /// Class of its step.
    pub class: Class,
    /// It passed the gate: effects are possible.
    pub passed: bool,
    /// A person asked the job to end.
    pub cancelled: bool,
    /// Which attempt of its step this was, from 1.
    pub number: i32,
    /// Most attempts of the step.
    pub most: i32,
}

/// Where attempt and step go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Where the attempt stands.
    pub attempt: AttemptState,
    /// Where its step goes; `Queued`: it is tried again.
    pub step: StepState,
}

impl Ended {
    /// Decides. A step of class `once` whose attempt passed the gate is never queued again.
    pub fn verdict(self) -> Verdict {
        let to = |attempt, step| Verdict { attempt, step };
        let effects = self.class == Class::Once && self.passed;
        match self.said {
            AttemptState::Succeeded => to(AttemptState::Succeeded, StepState::Succeeded),
            AttemptState::Cancelled if self.cancelled => {
                to(AttemptState::Cancelled, StepState::Cancelled)
            }
            AttemptState::Lost | AttemptState::Indeterminate if effects => {
                to(AttemptState::Indeterminate, StepState::Indeterminate)
            }
            AttemptState::Lost | AttemptState::Indeterminate => {
                to(AttemptState::Lost, self.again())
            }
            AttemptState::Failed | AttemptState::Cancelled | AttemptState::Running => {
                let passing = matches!(
                    self.error_class,
                    Some(ErrorClass::Transient | ErrorClass::Machine | ErrorClass::Fenced)
                );
                let step = if passing && !effects {
                    self.again()
                } else {
                    StepState::Failed
                };
                to(AttemptState::Failed, step)
            }
        }
    }

    const fn again(self) -> StepState {
        if self.cancelled {
            StepState::Cancelled
        } else if self.number < self.most {
            StepState::Queued
        } else {
            StepState::Failed
        }
    }
}

/// How long a step waits after its attempt of this number, milliseconds: 2 s · 4ⁿ and up to a
/// quarter more, by `chance` from 0 to 255.
pub fn backoff_ms(number: i32, chance: u8) -> i64 {
    let exponent = u32::try_from(number - 1).unwrap_or_default().min(6);
    let base = 2_000 * 4_i64.pow(exponent);
    base + base * i64::from(chance) / 1024
}
