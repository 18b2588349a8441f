//! Verifications beside everything else this server does: one asked for by a person, or by the clock
//! once a day; one at a time, whichever server takes it.

use std::time::Duration;

use platform::{
    Cx,
    audit::ops::{self, Claimed},
};
use tokio::{task::JoinHandle, time::Instant};

/// After a start, so that a server that restarts often does not verify each time.
const FIRST: Duration = Duration::from_secs(60);
/// How often the clock is asked.
const EVERY: Duration = Duration::from_secs(600);

/// What this server verifies at the moment, if it does.
pub(super) struct Verifier {
    cx: Cx,
    due_at: Instant,
    running: Option<(Claimed, JoinHandle<()>)>,
}

impl Verifier {
    /// One that does nothing yet.
    pub(super) fn new(cx: &Cx) -> Self {
        Self {
            cx: cx.clone(),
            due_at: Instant::now() + FIRST,
            running: None,
        }
    }

    /// Begins what waits, unless this server verifies already.
    pub(super) async fn tick(&mut self) {
        if self
            .running
            .as_ref()
            .is_some_and(|(_, task)| !task.is_finished())
        {
            return;
        }
        self.running = None;
        if Instant::now() >= self.due_at {
            self.due_at = Instant::now() + EVERY;
            self.ask_when_due().await;
        }
        match ops::claim_verification(&self.cx).await {
            Ok(Some(claimed)) => {
                let cx = self.cx.clone();
                let work = async move {
                    if let Err(error) = ops::perform_verification(&cx, claimed).await {
                        tracing::error!(%error, "the audit chain could not be verified");
                    }
                };
                self.running = Some((claimed, tokio::spawn(work)));
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "whether a verification waits is not known"),
        }
    }

    async fn ask_when_due(&self) {
        let asked = match ops::verification_due(&self.cx).await {
            Ok(true) => ops::ask_verification(&self.cx).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = asked {
            tracing::error!(%error, "the daily verification was not asked for");
        }
    }

    /// Gives back what is not done.
    pub(super) async fn stop(&mut self) {
        let Some((claimed, task)) = self.running.take() else {
            return;
        };
        task.abort();
        let _ = task.await; // cancelled, or done in the meantime
        if let Err(error) = ops::release_verification(&self.cx, claimed).await {
            tracing::warn!(%error, "another server begins this verification in a minute");
        }
    }
}
