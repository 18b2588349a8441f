//! The lease: renewed while the attempt runs; when that fails for too long, we stop by ourselves,
//! before the server gives the step to anybody else.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use nix::time::{ClockId, clock_gettime};
use platform::jobs::wire::{Renew, Timing};
use uuid::Uuid;

use super::stop::{Cause, Stop};
use crate::client::{Refused, Server};
use crate::lock;

/// Milliseconds since boot, sleep of the machine included: a lease runs on while the lid is closed.
pub(super) fn now_ms() -> u64 {
    clock_gettime(ClockId::CLOCK_BOOTTIME)
        .ok()
        .and_then(|time| u64::try_from(Duration::from(time).as_millis()).ok())
        .unwrap_or_default()
}

/// What renewals say, and when one last succeeded. Cheap to clone.
#[derive(Clone)]
pub(super) struct Lease {
    timing: Timing,
    stop: Stop,
    /// When the last renewal that succeeded was sent.
    held_from: Arc<AtomicU64>,
    /// When the child last wrote, and what runs.
    said: Arc<Mutex<(u64, Option<String>)>>,
}

impl Lease {
    /// The attempt was claimed just now.
    pub(super) fn new(timing: Timing, stop: Stop) -> Self {
        Self {
            timing,
            stop,
            held_from: Arc::new(AtomicU64::new(now_ms())),
            said: Arc::new(Mutex::new((now_ms(), None))),
        }
    }

    /// A request sent then was answered well.
    pub(super) fn held(&self, sent: u64) {
        self.held_from.fetch_max(sent, Ordering::Relaxed);
    }

    /// Whether it is too late to begin or go on with anything.
    pub(super) fn is_over(&self) -> bool {
        self.left() == 0
    }

    /// How long until the fence, milliseconds.
    pub(super) fn left(&self) -> u64 {
        let age = now_ms().saturating_sub(self.held_from.load(Ordering::Relaxed));
        self.timing.fence_ms.saturating_sub(age)
    }

    /// What runs, and when it wrote.
    pub(super) fn say(&self, phase: Option<&str>, silent: Duration) {
        let silent = u64::try_from(silent.as_millis()).unwrap_or(u64::MAX);
        *lock(&self.said) = (now_ms().saturating_sub(silent), phase.map(str::to_owned));
    }

    /// Watches the time; does not wait for any answer.
    pub(super) async fn fence(self) {
        loop {
            let left = self.left();
            if left == 0 {
                self.stop.because(Cause::Fenced);
                return;
            }
            tokio::time::sleep(Duration::from_millis(left.min(250))).await;
        }
    }

    /// Renews until the server refuses.
    pub(super) async fn keep(self, server: Server, attempt: Uuid) {
        let patience = Duration::from_millis(self.timing.fence_ms / 3);
        let mut wait = Duration::from_millis(self.timing.renew_ms);
        loop {
            tokio::time::sleep(wait).await;
            let sent = now_ms();
            let renew = {
                let said = lock(&self.said);
                Renew {
                    silent_ms: sent.saturating_sub(said.0),
                    phase: said.1.clone(),
                }
            };
            match server.renew(attempt, &renew, patience).await {
                Ok(renewed) => {
                    self.held(sent);
                    if let Some(cancel) = renewed.cancel {
                        self.stop.because(cancel.into());
                    }
                    wait = Duration::from_millis(self.timing.renew_ms);
                }
                Err(Refused::Gone | Refused::Unknown) => {
                    self.stop.because(Cause::Gone);
                    return;
                }
                Err(_) => wait = Duration::from_millis((self.timing.renew_ms / 10).max(20)),
            }
        }
    }
}
