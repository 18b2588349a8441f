//! A worker says who it is.

use uuid::Uuid;

use crate::{
    Cx,
    error::{Error, Result},
    jobs::wire::{Hello, PROTOCOL, Timing, Welcome},
    policy::Action,
};

/// Notes what the worker says, and answers what it must keep to. Nothing depends on its clock.
pub async fn hello(cx: &Cx, hello: &Hello) -> Result<Welcome> {
    cx.may(Action::WorkerHello).await?;
    let me = cx.actor.worker().ok_or(Error::Unauthenticated)?;
    if hello.protocol + 1 < PROTOCOL || hello.protocol == 0 {
        return Err(Error::Outdated);
    }
    if hello.protocol > PROTOCOL {
        // It waits until this server is updated too.
        return Err(Error::Unavailable);
    }
    check(hello)?;
    let timing = Timing::default();
    let labels = serde_json::to_value(&hello.labels).unwrap_or_default();
    let lease = f64::from(u32::try_from(timing.hello_ms).unwrap_or(u32::MAX)) * 4.0 / 1_000.0;
    let now_ms = cx.clock.now().as_millisecond();
    let drained = sqlx::query_scalar!(
        r#"update worker set labels = $2, capacity = $3, version = $4, warnings = $5, skew_ms = $6,
             running = $7, load = jsonb_build_object('1m', $8::float8),
             first_seen_at = coalesce(first_seen_at, now()), last_seen_at = now(),
             lease_until = now() + make_interval(secs => $9)
           where id = $1 and revoked_at is null
           returning drained_at is not null as "drained!""#,
        me.id,
        labels,
        i32::try_from(hello.capacity).unwrap_or(i32::MAX),
        hello.version,
        &hello.warnings,
        hello.clock_ms.saturating_sub(now_ms),
        i32::try_from(hello.running.len()).unwrap_or(i32::MAX),
        hello.load_1m,
        lease
    )
    .fetch_optional(&cx.db)
    .await?
    .ok_or(Error::Unauthenticated)?;
    let live: Vec<Uuid> = sqlx::query_scalar!(
        "select id from attempt where id = any($1) and worker_id = $2 and state = 'running'",
        &hello.running,
        me.id
    )
    .fetch_all(&cx.db)
    .await?;
    let over = hello.running.iter().filter(|id| !live.contains(id));
    Ok(Welcome {
        worker: me.id,
        name: me.name.clone(),
        pool: me.pool.clone(),
        timing,
        over: over.copied().collect(),
        drained,
    })
}

/// Bounds what a worker may put into the table.
fn check(hello: &Hello) -> Result<()> {
    let text = |text: &String, most: usize| text.len() <= most && !text.contains('\0');
    let labels = hello.labels.len() <= 64
        && hello
            .labels
            .iter()
            .all(|(key, value)| !key.is_empty() && text(key, 64) && text(value, 128));
    let warnings = hello.warnings.len() <= 32 && hello.warnings.iter().all(|one| text(one, 400));
    let load = hello.load_1m.is_finite() && hello.load_1m >= 0.0;
    if !labels {
        return Err(Error::invalid(
            "labels",
            "at most 64, keys to 64 bytes, values to 128",
        ));
    }
    if !warnings || !load || !text(&hello.version, 64) || hello.running.len() > 4_096 {
        return Err(Error::invalid("hello", "holds something too long"));
    }
    if hello.capacity > 1_024 {
        return Err(Error::invalid("capacity", "at most 1,024"));
    }
    Ok(())
}
