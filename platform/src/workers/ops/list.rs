//! Workers as people see them.

use jiff_sqlx::Timestamp;

use crate::{
    Cx,
    error::Result,
    policy::Action,
    workers::{Listed, Standing},
};

/// All workers that are not revoked, and those revoked in the last week; by pool and name.
pub async fn list(cx: &Cx) -> Result<Vec<Listed>> {
    cx.may(Action::WorkerView).await?;
    let rows = sqlx::query!(
        r#"select w.id, w.name, w.pool, w.labels, w.capacity, w.version, w.warnings, w.skew_ms, w.load,
             w.last_seen_at as "last_seen_at: Timestamp", w.last_claim_at as "last_claim_at: Timestamp",
             w.lease_until as "lease_until: Timestamp", w.expires_at as "expires_at: Timestamp",
             w.drained_at is not null as "drained!", w.revoked_at is not null as "revoked!",
             w.expires_at <= now() as "expired!", coalesce(w.lease_until > now(), false) as "live!",
             (select count(*) from attempt a where a.worker_id = w.id and a.state = 'running') as "running!"
           from worker w where w.revoked_at is null or w.revoked_at > now() - interval '7 days'
           order by w.pool, w.name, w.made_at desc limit 1000"#
    )
    .fetch_all(&cx.db)
    .await?;
    let listed = rows.into_iter().map(|row| Listed {
        id: row.id,
        name: row.name,
        pool: row.pool,
        standing: if row.revoked {
            Standing::Revoked
        } else if row.expired {
            Standing::Expired
        } else if row.last_seen_at.is_none() {
            Standing::New
        } else if !row.live {
            Standing::Silent
        } else if row.drained {
            Standing::Drained
        } else {
            Standing::Live
        },
        labels: serde_json::from_value(row.labels).unwrap_or_default(),
        capacity: row.capacity,
        running: row.running,
        load_percent: row
            .load
            .get("1m")
            .and_then(serde_json::Value::as_f64)
            .map(hundredths),
        version: row.version,
        warnings: row.warnings,
        skew_ms: row.skew_ms,
        last_seen_at: row.last_seen_at.map(Timestamp::to_jiff),
        last_claim_at: row.last_claim_at.map(Timestamp::to_jiff),
        lease_until: row.lease_until.map(Timestamp::to_jiff),
        expires_at: row.expires_at.to_jiff(),
    });
    Ok(listed.collect())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what a load can be"
)]
fn hundredths(load: f64) -> i64 {
    (load * 100.0).clamp(0.0, 1_000_000.0).round() as i64
}
