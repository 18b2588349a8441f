//! What worker, shim and server say to each other: JSON over HTTP, outbound from the worker only.
//!
//! | call | token | body → answer |
//! |---|---|---|
//! | `POST /work/v1/hello` | worker | [`Hello`] → [`Welcome`]; every [`Timing::hello_ms`] |
//! | `POST /work/v1/claim` | worker | [`Claim`] → [`Claimed`]; waits up to `wait_ms` for work |
//! | `POST /work/v1/attempts/{id}/start` | attempt | [`Start`] → [`Renewed`]; the gate before the first process |
//! | `POST /work/v1/attempts/{id}/renew` | attempt | [`Renew`] → [`Renewed`] |
//! | `PUT /work/v1/attempts/{id}/log/{seq}` | attempt | masked bytes, ≤ 64 KiB → 204 |
//! | `PUT /work/v1/attempts/{id}/journal/{seq}` | attempt | [`JournalEntry`] → 204 |
//! | `PUT /work/v1/attempts/{id}/plan` | attempt | [`PlanMade`] → [`PlanKept`] |
//! | `PUT /work/v1/attempts/{id}/plan/file` | attempt | the tool's plan file, ≤ 32 MiB, before `plan` → 204 |
//! | `GET /work/v1/attempts/{id}/plan/file` | attempt | → the plan file this attempt consumed |
//! | `PUT /work/v1/attempts/{id}/evidence/{name}` | attempt | bytes, ≤ 64 MiB → 204; also after the end |
//! | `POST /work/v1/attempts/{id}/finish` | attempt | [`Finish`] → 204 |
//! | `GET`, `POST`, `LOCK`, `UNLOCK /state/{stack}` | attempt, as Basic password | Terraform's HTTP backend |
//!
//! Every call may be repeated: the same content again is answered like the first time, other content
//! under the same number is 409. 401: the token is unknown. 410: the attempt is no longer the holder,
//! or its stack's epoch moved; the shim ends its child and stops. 426: the worker is too old. Any
//! other answer, and none at all, means: try again with backoff.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{AttemptState, Cancel, Class, ErrorClass, Operation};

/// Version of this protocol. A worker says it in every hello; a server takes this one and the one before.
pub const PROTOCOL: u32 = 1;
/// Most bytes of one log chunk.
pub const LOG_CHUNK: usize = 64 * 1024;
/// Most bytes of a plan file, and of a plan model.
pub const PLAN_FILE: usize = 32 * 1024 * 1024;
/// In the inputs of a reconcile: what is on record of the attempt of unknown end, an object whose
/// `journal` is a list of [`JournalEntry`]. The plan that attempt consumed is the assignment's plan.
pub const RECONCILE_UNKNOWN: &str = "unknown";
/// Most bytes of a state and of a piece of evidence.
pub const STATE: usize = 64 * 1024 * 1024;

/// Times of leases. All in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// How often a shim renews.
    pub renew_ms: u64,
    /// How long a lease lasts without a renewal, by the database's clock.
    pub lease_ms: u64,
    /// How long after the last successful renewal was *sent* the shim interrupts its child, by its
    /// own monotonic clock.
    pub fence_ms: u64,
    /// How often a worker says hello.
    pub hello_ms: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            renew_ms: 5_000,
            lease_ms: 20_000,
            fence_ms: 12_000,
            hello_ms: 5_000,
        }
    }
}

/// A worker says who it is and what it runs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// Version of the binary.
    pub version: String,
    /// Labels of its place: `zone=eu`, `terraform=1.11`.
    pub labels: BTreeMap<String, String>,
    /// Most attempts at once.
    pub capacity: u32,
    /// What the machine lacks, in words: `no cgroup v2: a child that forks twice is found by its parent only`.
    pub warnings: Vec<String>,
    /// The worker's clock, milliseconds since 1970: only to show a skew.
    pub clock_ms: i64,
    /// Attempts whose shims live here.
    pub running: Vec<Uuid>,
    /// Load of the machine, 1 minute.
    pub load_1m: f64,
}

/// The server knows the worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Welcome {
    /// Its id.
    pub worker: Uuid,
    /// Its name.
    pub name: String,
    /// Its pool.
    pub pool: String,
    /// Times to keep.
    pub timing: Timing,
    /// Attempts of `running` that are over for the server: their shims have been, or will be, refused.
    pub over: Vec<Uuid>,
    /// It is drained: it gets no more work.
    pub drained: bool,
}

/// A worker asks for work.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// How many attempts it can begin now.
    pub free: u32,
    /// How long to wait for the first, at most 20,000.
    pub wait_ms: u64,
}

/// What it got; empty after the wait.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claimed {
    /// Attempts, already begun in the database: each has its lease.
    pub assignments: Vec<Assignment>,
}

/// Everything a shim needs for one attempt. Holds secrets: never logged, never in a file others read.
#[derive(Clone, Serialize, Deserialize)]
pub struct Assignment {
    /// The attempt.
    pub attempt: Uuid,
    /// Which try this is, from 1.
    pub number: u32,
    /// Its token: `gca_` and 256 bits.
    pub token: String,
    /// Epoch of the stack this attempt holds; none where it only reads.
    pub epoch: Option<i64>,
    /// The job.
    pub job: JobRef,
    /// The step.
    pub step: StepRef,
    /// What the driver is to do, in the driver's own words, checked when the job was accepted.
    pub spec: serde_json::Value,
    /// Secret inputs by name.
    pub secrets: BTreeMap<String, String>,
    /// Outputs of the steps this one needs, by step name; secret ones are in `secrets` as `step.output`.
    /// For reconcile, [`RECONCILE_UNKNOWN`].
    pub inputs: BTreeMap<String, serde_json::Value>,
    /// The stack it works on.
    pub stack: Option<StackRef>,
    /// The plan it consumed.
    pub plan: Option<PlanRef>,
    /// Limits of time.
    pub limits: Limits,
    /// Times of the lease.
    pub timing: Timing,
}

impl std::fmt::Debug for Assignment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assignment")
            .field("attempt", &self.attempt)
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

/// The job, as the log and the tool's environment name it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobRef {
    /// Its id.
    pub id: Uuid,
    /// Its number, `JOB-42`.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Its owner team.
    pub team: String,
    /// Its environment.
    pub environment: Option<String>,
}

/// The step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StepRef {
    /// Its id.
    pub id: Uuid,
    /// Its name in the job.
    pub name: String,
    /// Driver by name.
    pub driver: String,
    /// What it does.
    pub operation: Operation,
    /// How often it may be started by itself.
    pub class: Class,
}

/// The stack of a step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StackRef {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Serial of its state now; none before the first.
    pub serial: Option<i64>,
    /// Key for codes of secret values in plans, 64 hex digits; kept from the child.
    pub plan_key: String,
}

/// The plan an attempt consumed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanRef {
    /// Its id.
    pub id: Uuid,
    /// Its digest, 64 hex digits.
    pub digest: String,
    /// SHA-256 of the plan file, 64 hex digits; none where the driver needs no file.
    pub file_sha256: Option<String>,
    /// The plan itself, for drivers that apply without a file and for reconcile.
    pub model: serde_json::Value,
}

/// Limits of time, in seconds.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// From the first process to the end.
    pub wall_s: u32,
    /// Without a byte of output.
    pub silence_s: u32,
    /// Between interrupt and kill.
    pub grace_s: u32,
}

/// The gate before the first process of an attempt: once it has passed, effects are possible.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Start {
    /// Process id of the shim, for the worker's page.
    pub shim_pid: u32,
}

/// A shim lives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Renew {
    /// How long ago the child last wrote, milliseconds.
    pub silent_ms: u64,
    /// Name of the phase that runs.
    pub phase: Option<String>,
}

/// The lease goes on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Renewed {
    /// For how long, from when the request was sent, milliseconds.
    pub lease_ms: u64,
    /// What people ask of it.
    pub cancel: Option<Cancel>,
}

/// One line of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// Address of the resource.
    pub address: String,
    /// `create`, `update`, `delete`, `replace`, or the driver's word.
    pub action: String,
    /// `start`, `complete`, `errored`.
    pub phase: String,
    /// The id the tool gave, where it is no secret.
    pub id_value: Option<String>,
}

/// What a tool says it would do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlanMade {
    /// The plan, in the plan model; secret values as codes.
    pub model: serde_json::Value,
    /// SHA-256 over the canonical plan, 64 hex digits. The server computes it again.
    pub digest: String,
    /// Serial of the state it was made from.
    pub based_on_serial: Option<i64>,
    /// SHA-256 of the plan file put before, 64 hex digits.
    pub file_sha256: Option<String>,
}

/// The plan is kept.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PlanKept {
    /// Its id.
    pub plan: Uuid,
}

/// The end of an attempt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Finish {
    /// `succeeded`, `failed`, `cancelled` or `indeterminate`.
    pub state: AttemptState,
    /// Exit code of the last phase; none when a signal ended it.
    pub exit_code: Option<i32>,
    /// Why, where it did not succeed.
    pub error_class: Option<ErrorClass>,
    /// What happened and what to do, masked, at most 2,000 characters.
    pub error: Option<String>,
    /// Chunks of the log: all numbers below this are there, or will be.
    pub log_chunks: i64,
    /// Bytes of the masked log.
    pub log_bytes: i64,
    /// SHA-256 of the masked log, 64 hex digits.
    pub log_sha256: String,
    /// Entries of the journal.
    pub journal_entries: i64,
    /// What ran, in order.
    pub phases: Vec<PhaseRun>,
    /// Outputs that are no secrets.
    pub outputs: BTreeMap<String, serde_json::Value>,
    /// Outputs that are; the server seals them.
    pub secret_outputs: BTreeMap<String, String>,
    /// For plan, drift and check: whether there is anything to change.
    pub changes: Option<bool>,
    /// For reconcile: what was found, a [`crate::plans::Reconciled`].
    pub report: Option<serde_json::Value>,
}

/// One command of an attempt, done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseRun {
    /// Its name: `init`, `plan`, `show`.
    pub name: String,
    /// First line of the log that belongs to it, from 1.
    pub first_line: i64,
    /// How long it ran, milliseconds.
    pub ran_ms: i64,
    /// Its exit code; none when a signal ended it.
    pub exit_code: Option<i32>,
}
