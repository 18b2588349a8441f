//! How long until people see that a worker, or a tool, died.

use std::{collections::BTreeMap, sync::Arc, time::Duration, time::Instant};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Figure;
use crate::{jobs, jobs::Job, signals, worker::Worker, world::World};

pub(super) async fn measure(
    world: &Arc<World>,
    figures: &mut Vec<Figure>,
    raw: &mut Value,
) -> Result<()> {
    let port = world.plan.ports + 31;
    let worker = Worker::begin(world, "w1", port, BTreeMap::new()).await?;

    let (job, attempt) = sleeping(world, "child").await?;
    let tools = worker.tools(attempt);
    let tool = *tools.last().context("the shim has no child")?;
    let from = Instant::now();
    signals::kill_hard(tool);
    let ends = ["failed", "indeterminate", "queued"];
    jobs::becomes(world, job, "act", &ends, Duration::from_secs(30)).await?;
    let child = from.elapsed().as_secs_f64();

    let (job, _) = sleeping(world, "machine").await?;
    let from = Instant::now();
    worker.lose_machine().await?;
    jobs::becomes(world, job, "act", &ends, Duration::from_secs(90)).await?;
    let machine = from.elapsed().as_secs_f64();

    raw["losses"] = json!({ "child_s": child, "machine_s": machine });
    figures.push(Figure::new(
        "kill of the shim's child to state shown",
        format!("{child:.1} s"),
        "≤ 2 s",
        child <= 2.0,
    ));
    figures.push(Figure::new(
        "death of a worker's machine to state shown",
        format!("{machine:.1} s"),
        "≤ 25 s",
        machine <= 25.0,
    ));
    Ok(())
}

async fn sleeping(world: &World, name: &str) -> Result<(uuid::Uuid, uuid::Uuid)> {
    let job = Job::new(name)
        .on("w1")
        .step(json!({
            "name": "act", "driver": "script", "operation": "action",
            "spec": { "run": "#!/bin/bash\nwhile true; do echo alive; sleep 0.2; done\n" },
        }))
        .submit(world)
        .await?;
    let attempt = jobs::running(world, job, "act").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    Ok((job, attempt))
}
