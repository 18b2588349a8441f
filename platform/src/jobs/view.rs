//! Jobs as pages read them: the list, one job in full, the queue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use super::wait::Waiting;
use super::{
    AttemptState, Cancel, Class, ErrorClass, JobState, Operation, StepState, wire::PhaseRun,
};
use crate::time::Timestamp;

/// A job in the list: what everybody with a role may know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// Its number: `JOB-42`.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Its owner team.
    pub team: String,
    /// Its environment.
    pub environment: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// Whether a person asked it to end.
    pub cancel: Option<Cancel>,
    /// Name of who made it; none for the portal itself.
    pub made_by: Option<String>,
    /// When it was made.
    pub made_at: Timestamp,
    /// When its first step started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How many steps it has.
    pub steps: i64,
    /// How many of them are over.
    pub done: i64,
    /// Name of a step that runs, waits for a person or failed; the first in order.
    pub at: Option<String>,
}

/// Which jobs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<JobState>,
    /// Only those that have not ended.
    pub live: bool,
    /// Only of this team.
    pub team: Option<String>,
    /// Only of this environment.
    pub environment: Option<String>,
    /// Only those the reader made.
    pub mine: bool,
    /// Only with this in the title, any case; looked for among the newest 20,000.
    pub text: Option<String>,
}

/// Where a page of the list begins: jobs are listed by number, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cursor {
    /// At the newest.
    #[default]
    Newest,
    /// Below this number.
    OlderThan(i64),
    /// Above this number.
    NewerThan(i64),
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Jobs, newest first.
    pub jobs: Vec<Listed>,
    /// Whether there are older ones.
    pub older: bool,
    /// Whether there are newer ones.
    pub newer: bool,
    /// How many have not ended, in all.
    pub live: i64,
}

/// One job in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// As in the list.
    pub job: Listed,
    /// Pool whose workers run it.
    pub pool: String,
    /// `person`, `system`, or the part of the portal that made it.
    pub made_via: String,
    /// Who asked it to end, and when.
    pub cancel_by: Option<String>,
    /// When.
    pub cancel_at: Option<Timestamp>,
    /// Number of the job this one repeats.
    pub retry_of: Option<i64>,
    /// Numbers of the jobs that repeat this one, oldest first.
    pub retried_by: Vec<i64>,
    /// What the reader may do, and would lead to something now.
    pub can: Can,
    /// Its steps, in order.
    pub steps: Vec<ShownStep>,
    /// The database's clock when this was read: durations of what runs count up to it.
    pub now: Timestamp,
}

/// What a reader may do to a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of its own"
)]
pub struct Can {
    /// Ask it to end.
    pub cancel: bool,
    /// Kill what runs; after it was asked to end.
    pub force: bool,
    /// Run it again from where it failed.
    pub retry: bool,
    /// Decide on its step of unknown end.
    pub decide: bool,
}

/// A step of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownStep {
    /// Its id.
    pub id: Uuid,
    /// Its name in the job.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Driver by name.
    pub driver: String,
    /// What it does.
    pub operation: Operation,
    /// How often it may be started by itself.
    pub class: Class,
    /// Where it stands.
    pub state: StepState,
    /// Ids of the steps it needs.
    pub needs: Vec<Uuid>,
    /// Longest way from a step that needs nothing: its column in a drawing of the graph, from 0.
    pub column: u32,
    /// The stack it works on.
    pub stack: Option<ShownStack>,
    /// Why it does not run yet.
    pub waiting: Option<Waiting>,
    /// When its first attempt started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How the last attempt failed.
    pub error_class: Option<ErrorClass>,
    /// What happened and what to do.
    pub error: Option<String>,
    /// Outputs that are no secrets.
    pub outputs: BTreeMap<String, serde_json::Value>,
    /// Whether it found anything to change, where it looks for that.
    pub changes: Option<bool>,
    /// The plan it made or carries out.
    pub plan: Option<ShownPlan>,
    /// Its attempts, oldest first.
    pub attempts: Vec<ShownAttempt>,
    /// What is known of an unknown end.
    pub reconcile: Option<ShownReconcile>,
}

/// A stack, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownStack {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// A plan, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownPlan {
    /// Its id.
    pub id: Uuid,
    /// Its digest, 64 hex digits.
    pub digest: String,
    /// The summary of the plan model.
    pub summary: serde_json::Value,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it may no longer be carried out.
    pub expires_at: Timestamp,
    /// When an attempt took it.
    pub consumed_at: Option<Timestamp>,
}

/// One try at a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownAttempt {
    /// Its id.
    pub id: Uuid,
    /// Which try, from 1.
    pub number: i32,
    /// Name of the worker.
    pub worker: String,
    /// Where it stands.
    pub state: AttemptState,
    /// Epoch of the stack it held.
    pub epoch: Option<i64>,
    /// When a worker took it.
    pub claimed_at: Timestamp,
    /// When its first process began; effects are possible since then.
    pub process_started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When the child last wrote.
    pub last_output_at: Option<Timestamp>,
    /// Exit code of the last phase.
    pub exit_code: Option<i32>,
    /// Why it ended, in a word: `lost`, `finished`, `broken`.
    pub end_reason: Option<String>,
    /// How it failed.
    pub error_class: Option<ErrorClass>,
    /// What happened and what to do.
    pub error: Option<String>,
    /// Bytes of its log.
    pub log_bytes: i64,
    /// Lines of its log.
    pub log_lines: i64,
    /// Commands that ran, in order; the running one, without an end, last.
    pub phases: Vec<PhaseRun>,
}

/// What is known of a step whose end is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownReconcile {
    /// Number of the job that looks what was done; none where its driver cannot look.
    pub job: Option<i64>,
    /// What it found.
    pub report: Option<serde_json::Value>,
    /// The plan of what is left, to be accepted.
    pub plan: Option<ShownPlan>,
    /// Since when.
    pub made_at: Timestamp,
    /// What was decided.
    pub decision: Option<Decision>,
    /// By whom.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<String>,
}

/// What a person decides on a step of unknown end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Carry out the plan of what is left: a new attempt of the step with that plan.
    Accepted,
    /// It was done: the step succeeded.
    ResolvedSucceeded,
    /// It was not: the step failed.
    ResolvedFailed,
}

impl Decision {
    /// The word in tables and events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::ResolvedSucceeded => "resolved_succeeded",
            Self::ResolvedFailed => "resolved_failed",
        }
    }

    /// From its word.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Accepted,
            Self::ResolvedSucceeded,
            Self::ResolvedFailed,
        ]
        .into_iter()
        .find(|one| one.name() == word)
    }
}

/// Steps that wait, in the order they will be taken; position counts live jobs of the pool only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    /// What waits, at most 500.
    pub waiting: Vec<Queued>,
    /// How many wait in all.
    pub total: i64,
    /// Pools with work or workers.
    pub pools: Vec<Pool>,
}

/// A step that waits in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// The job.
    pub job: Uuid,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Its owner team.
    pub team: String,
    /// Name of the step.
    pub step: String,
    /// Its pool.
    pub pool: String,
    /// Jobs of the pool that come before it, plus one.
    pub position: i64,
    /// Since when it waits.
    pub since: Timestamp,
    /// Why it does not run yet.
    pub why: Waiting,
}

/// A pool, at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Workers heard of within their lease, not drained.
    pub workers: i64,
    /// Attempts they can run at once.
    pub capacity: i64,
    /// Attempts that run.
    pub running: i64,
    /// Steps that wait.
    pub waiting: i64,
}
