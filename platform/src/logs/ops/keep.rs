//! Days of the log: made ahead, dropped when their time is over.

use crate::{Cx, error::Result, policy::Action};

/// Days made ahead.
const AHEAD: i32 = 3;

/// Makes the partitions of the coming days and drops those older than `days`. Answers how many were
/// dropped. Safe to do twice at once, and by several servers.
pub async fn keep_partitions(cx: &Cx, days: u16) -> Result<i32> {
    cx.may(Action::LogKeep).await?;
    let mut tx = cx.begin().await?;
    let leads = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock($1) as "leads!""#, LOCK)
        .fetch_one(&mut *tx)
        .await?;
    if !leads {
        return Ok(0);
    }
    // A day whose rows already lie in the default partition stays there, and is emptied row by row.
    sqlx::query!(
        "select log_partition(current_date + ahead.days) from generate_series(0, $1::int) as ahead (days)
         where not exists (select from log_chunk where day = current_date + ahead.days
           and tableoid = 'log_chunk_default'::regclass)",
        AHEAD
    )
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let days = i32::from(days.max(2));
    let dropped = sqlx::query_scalar!(
        r#"select log_retire(current_date - $1::int) as "dropped!""#,
        days
    )
    .fetch_one(&cx.db)
    .await?;
    sqlx::query!(
        "delete from log_chunk where day < current_date - $1::int",
        days
    )
    .execute(&cx.db)
    .await?;
    Ok(dropped)
}

/// Any number nobody else uses: "gc-logs_" in ASCII.
const LOCK: i64 = 0x6763_2d6c_6f67_735f;
