//! What PostgreSQL itself does on this machine, and graphile-worker on it.

use std::{fs, path::Path, process::Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use sqlx::Executor as _;
use tokio::process::Command;

use super::Figure;
use crate::{cluster::Cluster, world::World};

/// Durable commits of one row, one after the other and eight at a time.
pub(super) async fn measure(
    world: &World,
    figures: &mut Vec<Figure>,
    raw: &mut Value,
) -> Result<()> {
    let pgbench = world.cluster.lock().await.program("pgbench");
    if !pgbench.is_file() {
        figures.push(Figure::beside("pgbench", "not installed".to_owned()));
        return Ok(());
    }
    let script = world.base.join("floor.sql");
    fs::write(&script, "insert into floor (n) values (1);\n")?;
    (&world.db).execute("create database graphile").await?;
    (&world.db).execute("create schema floor").await?;
    (&world.db)
        .execute("create table floor.floor (n int)")
        .await?;
    for clients in [1, 8] {
        let output = Command::new(&pgbench)
            .args([
                "-n",
                "-T",
                "4",
                "-M",
                "prepared",
                "-c",
                &clients.to_string(),
                "-f",
            ])
            .arg(&script)
            .arg(Cluster::url("postgres", world.database_port, "groundcrew"))
            .env("PGOPTIONS", "-c search_path=floor")
            .output()
            .await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let said_wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.success(), "pgbench: {said_wrong}");
        let line = said.lines().find_map(|line| line.strip_prefix("tps = "));
        let tps: f64 = line
            .and_then(|line| line.split(' ').next())
            .context("tps")?
            .parse()?;
        raw["pgbench"][clients.to_string()] = json!(tps);
        figures.push(Figure::beside(
            &format!("floor: durable commits of one row, {clients} at a time"),
            format!("{tps:.0}/s"),
        ));
    }
    Ok(())
}

/// graphile-worker by its own library, on a database of the same cluster.
pub(super) async fn graphile(
    world: &World,
    folder: &Path,
    figures: &mut Vec<Figure>,
    raw: &mut Value,
) -> Result<Value> {
    let output = Command::new("node")
        .arg(folder.join("main.js"))
        .env(
            "DATABASE_URL",
            Cluster::url("postgres", world.database_port, "graphile"),
        )
        .stdin(Stdio::null())
        .output()
        .await?;
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{wrong}");
    let found: Value = serde_json::from_slice(&output.stdout)?;
    figures.push(Figure::beside(
        "graphile-worker: enqueue to start, p50 / p99",
        format!(
            "{} / {} ms",
            found["latency"]["p50"], found["latency"]["p99"]
        ),
    ));
    for preset in ["defaults", "concurrent", "batched"] {
        figures.push(Figure::beside(
            &format!("graphile-worker: jobs, {preset}"),
            format!("{}/s", found["throughput"][preset]),
        ));
    }
    raw["graphile"] = found.clone();
    Ok(found)
}
