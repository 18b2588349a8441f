//! Claiming: the start transaction. A step is handed out only where everything holds at that moment;
//! what does not hold changes nothing, or fails the step and says why.

mod assign;
mod conditions;
mod pick;
mod refuse;
mod start;

use std::collections::BTreeSet;

use pick::Picked;
use uuid::Uuid;

use crate::{
    Cx,
    audit::{event::Event, ops::enqueue_all},
    cx::{Tx, Woken},
    error::{Error, Result},
    jobs::wire::Assignment,
    policy::Action,
};

/// Most steps handed out at once.
const MOST: u32 = 64;

/// Hands out up to `free` steps of the worker's pool, each as an attempt that has begun. The tokens
/// stand in clear in the answer only.
pub async fn claim(cx: &Cx, free: u32) -> Result<Vec<Assignment>> {
    cx.may(Action::WorkerClaim).await?;
    let worker = cx.actor.worker().ok_or(Error::Unauthenticated)?.id;
    let free = i64::from(free.min(MOST));
    let mut found = pick::candidates(&cx.db, worker, free).await?;
    if found.steps.is_empty() || free == 0 {
        return Ok(Vec::new());
    }
    let mut tx = cx.begin().await?;
    if found.limited {
        // Limits are counted: one claim of the pool after the other.
        pick::alone(&mut tx, &found.pool).await?;
        found = pick::candidates(&mut *tx, worker, free).await?;
    }
    let mut picked = pick::lock(&mut tx, &found.steps, free).await?;
    alone_in_environment(&mut tx, &mut picked).await?;

    let mut events = Vec::new();
    let mut starts = Vec::new();
    let mut ended = Vec::new();
    let mut taken = BTreeSet::new();
    let writers = conditions::lock_stacks(&mut tx, &picked).await?;
    for step in picked {
        let stack = step.stack_id.filter(|_| step.writes());
        if stack.is_some_and(|stack| taken.contains(&stack) || !writers.contains_key(&stack)) {
            continue; // another step has its stack
        }
        match conditions::check(cx, &mut tx, &step, &writers).await? {
            Ok(plan) => {
                taken.extend(stack);
                starts.push(assign::prepare(cx, &mut tx, step, plan, &writers).await?);
            }
            Err(why) => {
                ended.push(step.job_id);
                refuse::fail(cx, &mut tx, &step, &why, &mut events).await?;
            }
        }
    }
    if !starts.is_empty() {
        start::write(&mut tx, worker, &found.pool, &starts).await?;
        events.extend(starts.iter().flat_map(|start| start.events(cx)));
    }
    commit(cx, tx, &events).await?;
    for job in ended
        .into_iter()
        .chain(starts.iter().map(|s| s.assignment.job.id))
    {
        cx.wake.say(Woken::Job(job));
    }
    Ok(starts.into_iter().map(|start| start.assignment).collect())
}

async fn commit(cx: &Cx, mut tx: Tx, events: &[Event]) -> Result<()> {
    if !events.is_empty() {
        enqueue_all(cx, &mut tx, events).await?;
    }
    Ok(tx.commit().await?)
}

/// Of jobs that want their environment for themselves, keeps one for each environment that no other
/// such job has. Whoever decides that holds a lock until the job is marked as running.
async fn alone_in_environment(tx: &mut Tx, picked: &mut Vec<Picked>) -> Result<()> {
    let wanted: BTreeSet<String> = picked
        .iter()
        .filter_map(Picked::wants_environment)
        .map(str::to_owned)
        .collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let free = pick::lock_environments(tx, &wanted.into_iter().collect::<Vec<_>>()).await?;
    let mut owner: std::collections::BTreeMap<String, Uuid> = std::collections::BTreeMap::new();
    picked.retain(|step| {
        let Some(environment) = step.wants_environment() else {
            return true;
        };
        match free.get(environment) {
            None => false,
            Some(Some(holder)) => *holder == step.job_id,
            Some(None) => {
                *owner.entry(environment.to_owned()).or_insert(step.job_id) == step.job_id
            }
        }
    });
    Ok(())
}
