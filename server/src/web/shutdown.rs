//! Stopping: no new connections, streams end, requests finish, at most 30 seconds.

use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// How long requests may take to finish.
pub const GRACE: Duration = Duration::from_secs(30);

/// Cancels the token on the first SIGTERM or SIGINT.
pub async fn on_signal(token: CancellationToken) {
    let handlers = signal(SignalKind::terminate()).and_then(|terminate| {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok((terminate, interrupt))
    });
    let Ok((mut terminate, mut interrupt)) = handlers else {
        tracing::error!("no handler for signals; a signal ends the process at once");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => tracing::info!("asked to stop by SIGTERM"),
        _ = interrupt.recv() => tracing::info!("asked to stop by SIGINT"),
        () = token.cancelled() => {}
    }
    token.cancel();
}
