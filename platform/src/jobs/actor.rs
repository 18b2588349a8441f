//! Machines that act: a worker, and one attempt of a step. Both come from a token in
//! `Authorization` of the runner's routes, never from a page or the REST API.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Class, Operation};

/// A worker, by its token: bound to one pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerActor {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The pool it works for; it gets no other's steps.
    pub pool: String,
    /// Labels of its place, as of its last hello.
    pub labels: BTreeMap<String, String>,
}

/// An attempt, by its token. Whether it still holds its step is asked by each operation, under lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptActor {
    /// Which.
    pub id: Uuid,
    /// Its step.
    pub step: Uuid,
    /// Its job.
    pub job: Uuid,
    /// The worker that runs it.
    pub worker: Uuid,
    /// The stack it works on.
    pub stack: Option<Uuid>,
    /// Epoch of the stack it holds; none where it only reads.
    pub epoch: Option<i64>,
    /// What its step does.
    pub operation: Operation,
    /// How often its step may be started by itself.
    pub class: Class,
}
