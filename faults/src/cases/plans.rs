//! A plan and the world it was made for drift apart; old logs go while new ones come.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, ensure};
use platform::logs::ops::keep_partitions;
use serde_json::json;
use sqlx::Executor as _;

use super::{
    Case, Done, case,
    points::{LOST, NoTerraform, SOON, has_terraform},
};
use crate::{
    jobs::{self, Job},
    world::World,
};

pub(super) fn waves() -> Vec<Vec<Case>> {
    vec![vec![
        case!(
            "state changed",
            "between plan and start of apply",
            stale_plan
        ),
        case!("retention", "during load", retention),
    ]]
}

/// Two plans for one stack: the second is carried out first, so the first fits no more.
async fn stale_plan(world: Arc<World>) -> Result<Done> {
    const PAUSE: &str = "retry.stale.pause";
    ensure!(has_terraform(), NoTerraform);
    world.ledger.hold(PAUSE);
    let pause = format!("#!/bin/bash\nset -e\n{}\n", world.ledger.call(PAUSE));
    let mut first = Job::new("stale, first")
        .on("w1")
        .terraform(&world.ledger, "stale", &["a"], 1)
        .step(json!({
            "name": "pause", "driver": "script", "operation": "action", "retry": "safe",
            "needs": ["plan"], "spec": { "run": pause },
        }));
    first.needs("apply", &["plan", "pause"]);
    let first = first.submit(&world).await?;
    world.ledger.arrived(PAUSE).await?;
    let second = Job::new("stale, second")
        .on("w2")
        .terraform(&world.ledger, "stale", &["a"], 2)
        .submit(&world)
        .await?;
    jobs::becomes(&world, second, "apply", &["succeeded"], SOON).await?;
    world.ledger.release(PAUSE);
    jobs::becomes(&world, first, "apply", &["failed"], SOON).await?;
    let why = jobs::reason(&world, first, "apply").await?;
    ensure!(
        why.contains("stale_plan"),
        "it failed for another reason: {why}"
    );
    let count = world.ledger.count("tf.stale.a.1");
    ensure!(count == 0, "the plan that was stale had {count} effects");
    Ok(Done::Held)
}

/// Days of logs are dropped while a log is being written.
async fn retention(world: Arc<World>) -> Result<Done> {
    const OLD: &str = "
        create table log_chunk_20200102 partition of log_chunk for values from ('2020-01-02') to ('2020-01-03');
        insert into log_chunk (attempt_id, seq, day, byte_offset, raw_bytes, first_line, lines, sha256, body)
          values (gen_random_uuid(), 0, '2020-01-02', 0, 0, 1, 0, sha256(''), '');
        alter table log_chunk_20200102 owner to groundcrew_owner";
    const LEFT: &str = "select count(*) from log_chunk where day < current_date - 30";
    let job = Job::new("retention")
        .on("w3")
        .step(json!({
            "name": "talk", "driver": "echo", "operation": "check",
            "spec": { "lines": 2000, "duration_ms": 4000, "line": "line {n} while old days go" },
        }))
        .submit(&world)
        .await?;
    jobs::running(&world, job, "talk").await?;
    (&world.db).execute(OLD).await?;
    let mut dropped = 0;
    for _ in 0..10 {
        dropped += keep_partitions(&world.cx, 30).await?;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    ensure!(dropped >= 1, "no day was dropped");
    let left: i64 = sqlx::query_scalar(LEFT).fetch_one(&world.db).await?;
    ensure!(left == 0, "{left} old pieces are left");
    jobs::becomes(&world, job, "talk", &["succeeded"], LOST).await?;
    Ok(Done::Held)
}
