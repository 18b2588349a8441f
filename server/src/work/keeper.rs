//! What keeps the queue moving: one server leads and expires leases; each wakes what is ready and
//! keeps the days of the log.

use std::time::{Duration, Instant};

use metrics::gauge;
use platform::{
    Cx, Error,
    jobs::ops::{self, Leader, Progress},
    logs,
    people::Actor,
};
use uuid::Uuid;

use crate::{auth::layer::bare, state::State};

/// How often the queue is looked after.
const TICK: Duration = Duration::from_millis(500);
/// How long shims get to renew after the database, or this server, was away: nothing is expired
/// meanwhile.
pub const GRACE: Duration = Duration::from_secs(20);
/// A tick this late means that the server stood still.
const STOOD_STILL: Duration = Duration::from_secs(5);
/// How often the queue is measured.
const MEASURE: Duration = Duration::from_secs(5);
/// How often days are made and dropped.
const DAYS: Duration = Duration::from_hours(1);

/// Since when nothing was away.
#[derive(Debug, Default)]
struct Calm {
    since: Option<Instant>,
    last: Option<Instant>,
}

impl Calm {
    /// A tick that found the database there, or not. Answers whether leases may be expired.
    fn tick(&mut self, now: Instant, there: bool) -> bool {
        let late = self
            .last
            .replace(now)
            .is_some_and(|last| now.duration_since(last) > STOOD_STILL);
        if !there {
            self.since = None;
        } else if late || self.since.is_none() {
            self.since = Some(now);
        }
        self.since
            .is_some_and(|since| now.duration_since(since) >= GRACE)
    }

    fn disturbed(&mut self) {
        self.since = None;
    }
}

/// Looks after leases and backoffs until the server stops.
pub async fn keep(state: State) {
    let cx = bare(&state, Actor::System("reaper"));
    let holder = Uuid::now_v7();
    let mut calm = Calm::default();
    let mut leading = None;
    loop {
        tokio::select! {
            () = state.web.shutdown.cancelled() => break,
            () = tokio::time::sleep(TICK) => {}
        }
        let ripe = calm.tick(Instant::now(), state.readiness.is_open());
        if !state.readiness.is_open() {
            continue;
        }
        match look(&cx, holder, ripe).await {
            Ok(leader) => leading = leader,
            Err(error) => {
                if error == Error::Unavailable {
                    calm.disturbed();
                }
                tracing::warn!(%error, "the queue was not looked after");
            }
        }
    }
    if let Some(leader) = leading
        && let Err(error) = ops::resign(&cx, &leader).await
    {
        tracing::debug!(%error, "leadership ends by itself");
    }
}

async fn look(cx: &Cx, holder: Uuid, ripe: bool) -> Result<Option<Leader>, Error> {
    ops::promote(cx).await?;
    let leader = ops::lead(cx, "reaper", holder).await?;
    if let Some(leader) = &leader
        && ripe
    {
        let expired = ops::expire(cx, leader).await?;
        if expired.lost > 0 {
            metrics::counter!("groundcrew_attempts_lost_total").increment(expired.lost.into());
            tracing::warn!(
                lost = expired.lost,
                "attempts were given up: their leases ran out"
            );
        }
    }
    Ok(leader)
}

/// Measures how the queue stands, and says when a pool stands still, until the server stops.
pub async fn measure(state: State) {
    let cx = bare(&state, Actor::System("queue"));
    loop {
        tokio::select! {
            () = state.web.shutdown.cancelled() => return,
            () = tokio::time::sleep(MEASURE) => {}
        }
        if !state.readiness.is_open() {
            continue;
        }
        match ops::progress(&cx).await {
            Ok(progress) => note(&state, progress),
            Err(error) => tracing::debug!(%error, "how the queue stands is not known"),
        }
    }
}

fn note(state: &State, progress: Progress) {
    let count = |n: i64| f64::from(u32::try_from(n).unwrap_or_default());
    gauge!("groundcrew_queue_waiting").set(count(progress.waiting));
    gauge!("groundcrew_queue_oldest_seconds").set(count(progress.oldest_s));
    gauge!("groundcrew_attempts_running").set(count(progress.running));
    gauge!("groundcrew_lease_oldest_seconds").set(count(progress.oldest_lease_s));
    let stuck = i64::try_from(progress.stuck.len()).unwrap_or_default();
    gauge!("groundcrew_pools_stuck").set(count(stuck));
    let before = state.readiness.stuck();
    for pool in progress.stuck.iter().filter(|pool| !before.contains(pool)) {
        tracing::error!(
            pool,
            "a worker could take a step, and none is taken: the queue stands still"
        );
    }
    if progress.stuck.is_empty() && !before.is_empty() {
        tracing::info!("the queue moves again");
    }
    state.readiness.set_stuck(progress.stuck);
}

/// Keeps the days of the log until the server stops.
pub async fn keep_days(state: State) {
    let cx = bare(&state, Actor::System("logs"));
    loop {
        match logs::ops::keep_partitions(&cx, state.config.runner.log_days).await {
            Ok(0) => {}
            Ok(dropped) => {
                tracing::info!(dropped, "days of logs were dropped: their time was over");
            }
            Err(error) => tracing::warn!(%error, "the days of the log were not kept"),
        }
        tokio::select! {
            () = state.web.shutdown.cancelled() => return,
            () = tokio::time::sleep(DAYS) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_expired_until_everybody_had_time_to_renew() {
        let begin = Instant::now();
        let at = |seconds: u64| begin + Duration::from_secs(seconds);
        let mut calm = Calm::default();
        for second in 0..20 {
            assert!(!calm.tick(at(second), true), "boot grace at {second} s");
        }
        assert!(calm.tick(at(20), true));
        assert!(!calm.tick(at(21), false), "the database is away");
        for second in 22..42 {
            assert!(!calm.tick(at(second), true), "outage grace at {second} s");
        }
        assert!(calm.tick(at(42), true));
        calm.disturbed();
        assert!(!calm.tick(at(43), true), "a statement found it away");
        for second in 44..63 {
            calm.tick(at(second), true);
        }
        assert!(calm.tick(at(63), true));
        assert!(!calm.tick(at(300), true), "the server itself stood still");
    }
}
