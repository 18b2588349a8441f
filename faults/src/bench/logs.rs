//! What a byte of log costs in the database's own log.

use std::sync::Arc;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Figure, queue::done};
use crate::{jobs, jobs::Job, world::World};

/// Lines of a hundred bytes each, over so long.
const LINES: u64 = 100_000;
const MILLISECONDS: u64 = 10_000;

pub(super) async fn measure(
    world: &Arc<World>,
    figures: &mut Vec<Figure>,
    raw: &mut Value,
) -> Result<()> {
    const BYTES: &str = "select log_bytes from attempt where id = $1";
    let before = position(world).await?;
    let job = Job::new("log bytes")
        .bare_step(json!({
            "name": "talk", "driver": "echo", "operation": "check",
            "spec": { "lines": LINES, "duration_ms": MILLISECONDS, "line_bytes": 100,
              "line": "{n} of a log that is measured, and that says something else in each line" },
        }))
        .submit(world)
        .await?;
    done(world, job).await?;
    let written = position(world).await? - before;
    let (_, attempt) = jobs::step(world, job, "talk").await?;
    let bytes: i64 = sqlx::query_scalar(BYTES)
        .bind(attempt)
        .fetch_one(&world.db)
        .await?;
    #[expect(clippy::cast_precision_loss, reason = "megabytes")]
    let ratio = written as f64 / bytes.max(1) as f64;
    raw["log"] = json!({ "bytes": bytes, "wal": written });
    figures.push(Figure::new(
        "WAL per log byte, 10 MB at 1 MB/s",
        format!("{ratio:.2}"),
        "≤ 2.0",
        ratio <= 2.0,
    ));
    Ok(())
}

async fn position(world: &World) -> Result<i64> {
    const POSITION: &str = "select (pg_current_wal_insert_lsn() - '0/0')::bigint";
    Ok(sqlx::query_scalar(POSITION).fetch_one(&world.db).await?)
}
