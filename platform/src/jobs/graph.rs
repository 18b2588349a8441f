//! What follows when a step of a job changes: who may start, who never will, where the job stands.
//!
//! Pure, so that it can be proven; the operations write down what it says.

use uuid::Uuid;

use super::{JobState, StepState};

/// A step, as far as the graph goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The step.
    pub id: Uuid,
    /// Where it stands.
    pub state: StepState,
    /// Steps it needs. Those of other jobs (of the one this repeats) have succeeded.
    pub needs: Vec<Uuid>,
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Steps that may start now.
    pub ready: Vec<Uuid>,
    /// Steps that never will: something they need did not succeed.
    pub skipped: Vec<Uuid>,
    /// Steps that never will: a person stopped the job.
    pub cancelled: Vec<Uuid>,
    /// Where the job stands.
    pub job: JobState,
}

impl StepState {
    /// Whether nothing changes it any more by itself or by decision.
    pub const fn is_over(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::Failed | Self::Skipped | Self::Cancelled
        )
    }
}

impl JobState {
    /// Whether it has ended.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

impl Settled {
    /// Whether no step moves.
    pub const fn moves_no_step(&self) -> bool {
        self.ready.is_empty() && self.skipped.is_empty() && self.cancelled.is_empty()
    }
}

/// Takes every step as far as it goes without an attempt. `cancelled`: a person stopped the job, so
/// nothing starts any more. Queued steps of a stopped job are out of the queue then.
pub fn settle(nodes: &mut [Node], cancelled: bool) -> Settled {
    let mut settled = Settled {
        ready: Vec::new(),
        skipped: Vec::new(),
        cancelled: Vec::new(),
        job: JobState::Running,
    };
    loop {
        let mut moved = false;
        for at in 0..nodes.len() {
            let next = next(nodes, at, cancelled);
            let id = nodes[at].id;
            match next {
                Some(StepState::Queued) => settled.ready.push(id),
                Some(StepState::Skipped) => settled.skipped.push(id),
                Some(StepState::Cancelled) => settled.cancelled.push(id),
                _ => continue,
            }
            nodes[at].state = next.unwrap_or(nodes[at].state);
            moved = true;
        }
        if !moved {
            break;
        }
    }
    settled.job = job(nodes);
    settled
}

/// Where this step goes by itself.
fn next(nodes: &[Node], at: usize, cancelled: bool) -> Option<StepState> {
    let node = &nodes[at];
    match node.state {
        StepState::Waiting | StepState::Queued if cancelled => Some(StepState::Cancelled),
        StepState::Waiting => {
            let state = |need: &Uuid| {
                let step = nodes.iter().find(|other| other.id == *need);
                step.map_or(StepState::Succeeded, |step| step.state)
            };
            let states: Vec<StepState> = node.needs.iter().map(state).collect();
            if states.iter().all(|state| *state == StepState::Succeeded) {
                Some(StepState::Queued)
            } else if states
                .iter()
                .any(|state| state.is_over() && *state != StepState::Succeeded)
            {
                Some(StepState::Skipped)
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Where the job stands, once no step goes further by itself.
fn job(nodes: &[Node]) -> JobState {
    let any = |state: StepState| nodes.iter().any(|node| node.state == state);
    if any(StepState::Running) || any(StepState::Queued) {
        JobState::Running
    } else if any(StepState::Indeterminate) {
        JobState::Indeterminate
    } else if any(StepState::Failed) {
        JobState::Failed
    } else if any(StepState::Cancelled) {
        JobState::Cancelled
    } else {
        JobState::Succeeded
    }
}
