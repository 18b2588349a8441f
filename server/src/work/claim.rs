//! Handing out work: a call that waits.

use std::time::{Duration, Instant};

use axum::{Extension, Json, body::Bytes, extract::State as Shared};
use platform::{
    Cx, Error,
    jobs::{
        ops,
        wire::{Claim, Claimed},
    },
};

use super::calls::{Answer, read};
use crate::state::State;

/// Longest wait of one call.
const LONGEST: Duration = Duration::from_secs(20);
/// How often the queue is looked at while nobody wakes us: the truth behind the hints.
const EVERY: Duration = Duration::from_secs(1);

/// Answers as soon as there is work, or nothing after the wait.
pub(super) async fn claim(
    Shared(state): Shared<State>,
    Extension(cx): Extension<Cx>,
    body: Bytes,
) -> Answer<Json<Claimed>> {
    let said: Claim = read(&body)?;
    let pool = cx.actor.worker().map(|worker| worker.pool.clone());
    let pool = pool.ok_or_else(|| Error::forbidden("needs the token of a worker"))?;
    let until = Instant::now() + Duration::from_millis(said.wait_ms).min(LONGEST);
    loop {
        let doorbell = state.wakes.pool(&pool);
        let mut rung = std::pin::pin!(doorbell.notified());
        // From here on nothing is missed.
        rung.as_mut().enable();
        let assignments = ops::claim(&cx, said.free).await?;
        let left = until.saturating_duration_since(Instant::now());
        if !assignments.is_empty() || left.is_zero() || state.web.shutdown.is_cancelled() {
            metrics::counter!("groundcrew_claims_total").increment(assignments.len() as u64);
            return Ok(Json(Claimed { assignments }));
        }
        tokio::select! {
            () = rung => {}
            () = tokio::time::sleep(left.min(EVERY)) => {}
            () = state.web.shutdown.cancelled() => {}
        }
    }
}
