//! Accepted to started, and jobs per second, with a process each and without.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Result, ensure};
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};

use super::{Figure, share};
use crate::{jobs, jobs::Job, logs, world::World};

/// Jobs one after the other.
const SAMPLES: usize = 200;
/// Jobs at once, with a process each and without.
const PROCESSES: i64 = 1000;
const INLINE: i64 = 6000;

pub(super) async fn measure(
    world: &Arc<World>,
    theirs: &Value,
    figures: &mut Vec<Figure>,
    raw: &mut Value,
) -> Result<()> {
    let theirs_p50 = theirs["latency"]["p50"].as_f64().unwrap_or(f64::NAN);
    let theirs_per_second = theirs["throughput"]["concurrent"]
        .as_f64()
        .unwrap_or(f64::NAN);

    let (mut gate, mut started) = latencies(world).await?;
    let (p50, p99) = (share(&mut gate, 0.5), share(&mut gate, 0.99));
    let (real_p50, real_p99) = (share(&mut started, 0.5), share(&mut started, 0.99));
    raw["started"] = json!({ "gate_ms": gate, "script_ms": started });
    figures.push(Figure::new(
        "accepted to gate, echo driver, p50 / p99",
        format!("{p50:.1} / {p99:.1} ms"),
        "≤ 10 / ≤ 40 ms",
        p50 <= 10.0 && p99 <= 40.0,
    ));
    figures.push(Figure::beside(
        "accepted to the first line of a script, p50 / p99",
        format!("{real_p50:.1} / {real_p99:.1} ms"),
    ));
    figures.push(Figure::new(
        "accepted to gate against graphile-worker, p50",
        format!("{:.1} ×", p50 / theirs_p50),
        "≤ 4 ×",
        p50 / theirs_p50 <= 4.0,
    ));

    let with = per_second(world, PROCESSES, false).await?;
    raw["per_second"]["process"] = json!(with);
    figures.push(Figure::new(
        "jobs with a process each, fenced and audited",
        format!("{with:.0}/s"),
        "≥ 300/s",
        with >= 300.0,
    ));
    let without = per_second(world, INLINE, true).await?;
    raw["per_second"]["inline"] = json!(without);
    figures.push(Figure::new(
        "jobs, the queue alone",
        format!("{without:.0}/s = {:.2} ×", without / theirs_per_second),
        "≥ 0.5 × graphile-worker",
        without / theirs_per_second >= 0.5,
    ));
    Ok(())
}

/// Milliseconds from accepted to the gate of an echo, and to the first line of a script.
async fn latencies(world: &Arc<World>) -> Result<(Vec<f64>, Vec<f64>)> {
    const TOOK: &str = "select extract(epoch from process_started_at - made_at)::float8 * 1000
        from job join step on step.job_id = job.id join attempt on attempt.step_id = step.id
        where job.id = $1";
    let (mut gate, mut script) = (Vec::new(), Vec::new());
    for n in 0..SAMPLES {
        let job = echo("latency", false).submit(world).await?;
        done(world, job).await?;
        let took = sqlx::query_scalar::<_, f64>(TOOK).bind(job);
        let took = took.fetch_one(&world.db).await?;
        if n >= 10 {
            gate.push(took);
        }
    }
    for n in 0..SAMPLES / 2 {
        let step = json!({
            "name": "act", "driver": "script", "operation": "check",
            "spec": { "run": "#!/bin/bash\necho $EPOCHREALTIME\n" },
        });
        let job = Job::new("latency").step(step).submit(world).await?;
        let accepted = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
        done(world, job).await?;
        let (_, attempt) = jobs::step(world, job, "act").await?;
        let log = logs::whole(&world.db, attempt.unwrap_or_default()).await?;
        let log = String::from_utf8_lossy(&log);
        let started: Option<f64> = log.lines().find_map(|line| line.trim().parse().ok());
        if let Some(started) = started.filter(|_| n >= 10) {
            script.push((started - accepted) * 1000.0);
        }
    }
    Ok((gate, script))
}

/// Jobs per second from the first start to the last end, when all are there before.
async fn per_second(world: &Arc<World>, count: i64, inline: bool) -> Result<f64> {
    const RATE: &str = "select count(*)::float8
          / extract(epoch from max(finished_at) - min(started_at))::float8
        from job where title = $1 and state = 'succeeded'";
    const LEFT: &str = "select count(*) from job where title = $1 and finished_at is null";
    const BAD: &str = "select count(*) from job where title = $1 and state <> 'succeeded'";
    let title = if inline { "inline" } else { "process" };
    let world = Arc::clone(world);
    // For a pool of its own no worker takes from yet, so that all are there when it begins.
    let mut handing_in = stream::iter(0..count)
        .map(|_| echo(title, inline).submit_quietly(&world))
        .buffer_unordered(8);
    while let Some(handed_in) = handing_in.next().await {
        handed_in?;
    }
    drop(handing_in);
    jobs::wake(&world).await?;
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let left: i64 = sqlx::query_scalar(LEFT)
            .bind(title)
            .fetch_one(&world.db)
            .await?;
        if left == 0 {
            break;
        }
    }
    let bad: i64 = sqlx::query_scalar(BAD)
        .bind(title)
        .fetch_one(&world.db)
        .await?;
    ensure!(bad == 0, "{bad} jobs did not succeed");
    Ok(sqlx::query_scalar(RATE)
        .bind(title)
        .fetch_one(&world.db)
        .await?)
}

fn echo(title: &str, inline: bool) -> Job {
    Job::new(title).bare_step(json!({
        "name": "act", "driver": "echo", "operation": "check", "spec": { "inline": inline },
    }))
}

/// Waits for the end of a job, without asking so often that it would show.
pub(super) async fn done(world: &World, job: uuid::Uuid) -> Result<()> {
    for _ in 0..3000 {
        let state: String = sqlx::query_scalar("select state from job where id = $1")
            .bind(job)
            .fetch_one(&world.db)
            .await?;
        match &*state {
            "succeeded" => return Ok(()),
            "queued" | "running" => tokio::time::sleep(Duration::from_millis(20)).await,
            other => anyhow::bail!("the job is {other}"),
        }
    }
    anyhow::bail!("the job does not end")
}
