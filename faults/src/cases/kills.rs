//! `kill -9` of worker, shim, tool, and of all three at once.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};

use super::{
    Case, Done, case,
    points::{LOST, SOON, Stopped},
};
use crate::{jobs, signals, world::World};

pub(super) fn waves() -> Vec<Vec<Case>> {
    vec![
        vec![
            case!(
                "kill -9 worker",
                "in apply, before the first state write",
                worker_in_apply
            ),
            case!("kill -9 shim", "before the gate", shim_before_gate),
            case!(
                "kill -9 shim",
                "in apply, before the first state write",
                shim_in_apply
            ),
        ],
        vec![
            case!(
                "kill -9 tool",
                "in apply, between two resources",
                tool_between
            ),
            case!(
                "kill -9 worker, shim, tool",
                "in apply, before the first state write",
                machine_in_apply
            ),
            case!("kill -9 shim", "at finish", shim_at_finish),
        ],
        vec![
            case!(
                "kill -9 worker, shim, tool",
                "at finish, back within the lease",
                machine_at_finish
            ),
            case!(
                "kill -9 worker, shim, tool",
                "before the gate",
                machine_before_gate
            ),
            case!(
                "kill -9 shim",
                "after the gate, in a script",
                shim_in_script
            ),
        ],
        vec![
            case!("kill -9 worker", "before the gate", worker_before_gate),
            case!("kill -9 worker", "at finish", worker_at_finish),
            case!(
                "kill -9 shim",
                "after the gate, retry: safe",
                shim_in_safe_script
            ),
        ],
    ]
}

async fn worker_in_apply(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 0, "kill-worker-apply", "a").await?;
    stopped.worker().kill().await?;
    stopped.release();
    stopped.becomes("succeeded", SOON).await?;
    once_each(
        &world,
        "tf.kill-worker-apply.a.1",
        "tf.kill-worker-apply.b.1",
    )
}

async fn shim_before_gate(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::at_request(&world, 1, "kill-shim-gate", "start").await?;
    signals::kill_hard(stopped.shim()?);
    stopped.release();
    stopped.becomes("succeeded", LOST).await?;
    let (_, second) = jobs::step(&world, stopped.job, "act").await?;
    ensure!(
        second != Some(stopped.attempt),
        "no second attempt was made"
    );
    once_each(&world, "once.kill-shim-gate.a", "once.kill-shim-gate.b")
}

async fn shim_in_apply(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 2, "kill-shim-apply", "a").await?;
    signals::kill_hard(stopped.shim()?);
    tokio::time::sleep(Duration::from_secs(1)).await;
    stopped.release();
    stopped.becomes("indeterminate", LOST).await?;
    Ok(Done::Held)
}

async fn tool_between(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 0, "kill-tool-between", "b").await?;
    let tools = stopped.worker().tools(stopped.attempt);
    ensure!(!tools.is_empty(), "the shim has no child");
    tools.into_iter().for_each(signals::kill_hard);
    stopped.release();
    stopped.becomes("indeterminate", SOON).await?;
    Ok(Done::Held)
}

async fn machine_in_apply(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 1, "kill-all-apply", "a").await?;
    stopped.worker().lose_machine().await?;
    stopped.release();
    stopped.becomes("indeterminate", LOST).await?;
    stopped.worker().start().await?;
    Ok(Done::Held)
}

async fn shim_at_finish(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::at_request(&world, 2, "kill-shim-finish", "finish").await?;
    signals::kill_hard(stopped.shim()?);
    stopped.release();
    // Its exit status was on disk: the worker says it.
    stopped.becomes("succeeded", LOST).await?;
    once_each(&world, "once.kill-shim-finish.a", "once.kill-shim-finish.b")
}

async fn machine_at_finish(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::at_request(&world, 0, "kill-all-finish", "finish").await?;
    stopped.worker().lose_machine().await?;
    stopped.release();
    stopped.worker().start().await?;
    stopped.becomes("succeeded", LOST).await?;
    once_each(&world, "once.kill-all-finish.a", "once.kill-all-finish.b")
}

async fn machine_before_gate(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::at_request(&world, 1, "kill-all-gate", "start").await?;
    stopped.worker().lose_machine().await?;
    stopped.release();
    stopped.worker().start().await?;
    // Nothing had started: it is tried again.
    stopped.becomes("succeeded", LOST).await?;
    once_each(&world, "once.kill-all-gate.a", "once.kill-all-gate.b")
}

async fn shim_in_script(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_script(&world, 2, "kill-shim-script", false).await?;
    signals::kill_hard(stopped.shim()?);
    tokio::time::sleep(Duration::from_secs(1)).await;
    stopped.release();
    stopped.becomes("indeterminate", LOST).await?;
    Ok(Done::Held)
}

async fn worker_before_gate(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::at_request(&world, 0, "kill-worker-gate", "start").await?;
    stopped.worker().kill().await?;
    stopped.release();
    // The shim needs no worker to go through the gate.
    stopped.becomes("succeeded", LOST).await?;
    once_each(&world, "once.kill-worker-gate.a", "once.kill-worker-gate.b")
}

async fn worker_at_finish(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::at_request(&world, 1, "kill-worker-finish", "finish").await?;
    stopped.worker().kill().await?;
    stopped.release();
    stopped.becomes("succeeded", SOON).await?;
    once_each(
        &world,
        "once.kill-worker-finish.a",
        "once.kill-worker-finish.b",
    )
}

async fn shim_in_safe_script(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_script(&world, 2, "kill-shim-safe", true).await?;
    signals::kill_hard(stopped.shim()?);
    stopped.release();
    stopped.becomes("succeeded", LOST).await?;
    Ok(Done::Held)
}

/// Both effects happened, each once.
pub(super) fn once_each(world: &World, first: &str, second: &str) -> Result<Done> {
    for key in [first, second] {
        let count = world.ledger.count(key);
        ensure!(count == 1, "{key} happened {count} times");
    }
    Ok(Done::Held)
}
