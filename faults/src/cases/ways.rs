//! Connections refused, slowed, cut; an endpoint that fails; processes frozen.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use serde_json::json;

use super::{
    Case, Done, case,
    kills::once_each,
    points::{LOST, SOON, Stopped},
};
use crate::{
    after_quiet,
    jobs::{self, Job},
    logs,
    proxy::Way,
    signals,
    world::World,
};

/// How many lines the talkative step writes.
const LINES: usize = 4000;

pub(super) fn waves() -> Vec<Vec<Case>> {
    vec![
        vec![
            case!("connections refused", "in apply, for 8 s", refused_briefly),
            case!("connections slow", "200 ms each piece, a whole job", slow),
            case!("connections cut", "every 200 ms, while a log streams", cut),
        ],
        vec![
            case!("log endpoint fails", "while a log streams", log_fails),
            case!("SIGSTOP", "shim and tool, longer than the lease", frozen),
            case!(
                "connections refused",
                "in apply, longer than the lease",
                refused_long
            ),
        ],
    ]
}

async fn refused_briefly(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 0, "refused-briefly", "a").await?;
    stopped.worker().way.set(Way::Refused);
    tokio::time::sleep(Duration::from_secs(6)).await;
    stopped.release();
    tokio::time::sleep(Duration::from_secs(2)).await;
    stopped.worker().way.set(Way::Open);
    stopped.becomes("succeeded", SOON).await?;
    once_each(&world, "tf.refused-briefly.a.1", "tf.refused-briefly.b.1")
}

async fn slow(world: Arc<World>) -> Result<Done> {
    world.workers[1]
        .way
        .set(Way::Slow(Duration::from_millis(200)));
    let stopped = Stopped::in_apply(&world, 1, "slow", "a").await?;
    stopped.release();
    stopped.becomes("succeeded", LOST).await?;
    once_each(&world, "tf.slow.a.1", "tf.slow.b.1")
}

async fn cut(world: Arc<World>) -> Result<Done> {
    let job = talk(&world, 2, "cut", 5000).await?;
    let way = world.workers[2].way.clone();
    let cutting = async {
        loop {
            way.cut();
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::select! {
        heard = heard(&world, job) => heard,
        () = cutting => unreachable!("it never ends by itself"),
    }
}

async fn log_fails(world: Arc<World>) -> Result<Done> {
    let way = world.workers[0].way.clone();
    way.fail("/log/");
    let job = talk(&world, 0, "log-fails", 3000).await?;
    way.caught("/log/").await?;
    tokio::time::sleep(Duration::from_secs(15)).await;
    way.pass();
    heard(&world, job).await
}

async fn frozen(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 1, "frozen", "a").await?;
    let mut pids = stopped.worker().tools(stopped.attempt);
    pids.push(stopped.shim()?);
    for pid in &pids {
        signals::freeze(*pid);
    }
    stopped.release();
    stopped.becomes("indeterminate", LOST).await?;
    for pid in &pids {
        signals::thaw(*pid);
    }
    Ok(Done::Held)
}

async fn refused_long(world: Arc<World>) -> Result<Done> {
    let stopped = Stopped::in_apply(&world, 2, "refused-long", "a").await?;
    stopped.worker().way.set(Way::Refused);
    // It fences itself before anybody else may think it lost.
    let shim = stopped.shim()?;
    tokio::time::sleep(Duration::from_secs(18)).await;
    let alive = stopped.worker().tools(stopped.attempt).len();
    ensure!(
        alive == 0,
        "{alive} processes of shim {shim} still run after the fence"
    );
    stopped.release();
    stopped.becomes("indeterminate", LOST).await?;
    stopped.worker().way.set(Way::Open);
    Ok(Done::Held)
}

/// A step that writes many numbered lines.
async fn talk(world: &World, worker: usize, name: &str, duration_ms: u64) -> Result<uuid::Uuid> {
    Job::new(name)
        .on(&world.workers[worker].name)
        .step(json!({
            "name": "talk", "driver": "echo", "operation": "check",
            "spec": { "lines": LINES, "duration_ms": duration_ms, "line": "line {n} of a log nobody may lose" },
        }))
        .submit(world)
        .await
}

/// It ended well, at its first attempt, and every line is there once.
async fn heard(world: &World, job: uuid::Uuid) -> Result<Done> {
    let ends = ["succeeded", "failed", "indeterminate"];
    let state = jobs::becomes(world, job, "talk", &ends, LOST).await?;
    ensure!(state == "succeeded", "the step {state}");
    let (_, attempt) = jobs::step(world, job, "talk").await?;
    after_quiet::sent(&world.db, LOST).await?;
    let log = logs::whole(&world.db, attempt.unwrap_or_default()).await?;
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("of a log"))
        .collect();
    ensure!(
        lines.len() == LINES,
        "{} of {LINES} lines are there",
        lines.len()
    );
    let in_order = lines
        .windows(2)
        .all(|two| number(two[0]) + 1 == number(two[1]));
    ensure!(in_order, "lines are out of order");
    Ok(Done::Held)
}

fn number(line: &str) -> u64 {
    let digits = line.split(' ').nth(1).unwrap_or_default();
    digits.parse().unwrap_or_default()
}
