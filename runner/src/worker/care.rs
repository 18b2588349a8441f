//! Caring for a shim, our own or one found, until its folder is gone.

use std::time::Duration;

use tokio::{process::Child, time::sleep};
use uuid::Uuid;

use super::{Worker, recover};
use crate::folder::Folder;

/// How often a shim that is not our child is looked at.
const LOOK: Duration = Duration::from_millis(250);

impl Worker {
    /// A folder that was there before us.
    pub(super) fn adopt(&self, attempt: Uuid, folder: Folder) {
        tracing::info!(%attempt, "an attempt of the worker before");
        self.begun(attempt);
        let worker = self.clone();
        tokio::spawn(async move { worker.care(attempt, folder, None).await });
    }

    pub(super) async fn care(&self, attempt: Uuid, folder: Folder, shim: Option<Child>) {
        if let Some(mut shim) = shim {
            let _ = shim.wait().await;
        }
        let mut wait = LOOK;
        loop {
            // The lock is free when its shim is dead; holding it keeps a late one from starting.
            match folder.take() {
                Ok(Some(_responsible)) => {
                    let settled = recover::settle(
                        &self.0.settings,
                        &self.0.server,
                        &self.0.key,
                        attempt,
                        &folder,
                    );
                    tokio::select! {
                        () = self.0.over.cancelled() => return,
                        settled = settled => match settled {
                            Ok(()) => break,
                            Err(error) => {
                                tracing::error!(%attempt, %error, "cannot clean up after a shim");
                                wait = (wait * 2).min(Duration::from_secs(60));
                            }
                        }
                    }
                }
                Ok(None) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => break,
                Err(error) => tracing::warn!(%attempt, %error, "cannot look at a shim"),
            }
            tokio::select! {
                () = self.0.over.cancelled() => return,
                () = sleep(wait) => {}
            }
        }
        self.over(attempt);
    }
}
