//! The end of an attempt: what it is called, and telling the server until it has heard.

use std::{io, time::Duration};

use platform::jobs::{AttemptState, Class, ErrorClass, wire::Finish};
use tokio::time::sleep;
use uuid::Uuid;

use super::stop::Cause;
use crate::{
    client::{Refused, Server},
    folder::Folder,
};

/// Most characters of an error's text.
const TEXT: usize = 2_000;
/// How long the server is told before the log's rest goes ahead of the end.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// What the attempt becomes.
    pub state: AttemptState,
    /// Why, where it did not succeed.
    pub error: Option<(ErrorClass, String)>,
}

impl End {
    /// All phases did what they should.
    pub fn succeeded() -> Self {
        Self {
            state: AttemptState::Succeeded,
            error: None,
        }
    }

    /// Nothing is in doubt, and it failed.
    pub fn failed(class: ErrorClass, why: impl Into<String>) -> Self {
        Self {
            state: AttemptState::Failed,
            error: Some((class, why.into())),
        }
    }

    /// We stopped it. What may be done once and was cut off by a kill is in doubt; what ended by
    /// itself after an interrupt is not.
    pub fn stopped(cause: Cause, class: Class, cut_off: bool) -> Self {
        let state = match cause {
            _ if cut_off && class == Class::Once => AttemptState::Indeterminate,
            Cause::Cancelled | Cause::Forced => AttemptState::Cancelled,
            _ => AttemptState::Failed,
        };
        let how = if cut_off {
            "it was killed"
        } else {
            "it ended after an interrupt"
        };
        Self {
            state,
            error: Some((cause.class(), format!("{}; {how}", cause.text()))),
        }
    }

    /// Somebody else killed it.
    pub fn killed(signal: &str, class: Class) -> Self {
        let state = if class == Class::Once {
            AttemptState::Indeterminate
        } else {
            AttemptState::Failed
        };
        let why =
            format!("the tool was ended by {signal}, not by us: the machine may be out of memory");
        Self {
            state,
            error: Some((ErrorClass::Machine, why)),
        }
    }

    /// The text, as long as the server takes.
    pub fn text(&self) -> Option<String> {
        let (_, why) = self.error.as_ref()?;
        Some(why.chars().take(TEXT).collect())
    }
}

/// Tells the server the end until it has heard it, however long that takes.
pub async fn settle(
    server: &Server,
    folder: &Folder,
    attempt: Uuid,
    finish: &Finish,
) -> io::Result<()> {
    let mut wait = Duration::from_millis(50);
    loop {
        match server.finish(attempt, finish).await {
            Ok(()) => break,
            Err(Refused::Away(why)) => {
                tracing::debug!(%attempt, why, "the end is not heard yet");
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(refused) => {
                tracing::info!(%attempt, %refused, "the end is not taken");
                folder.put("refused", refused.to_string().as_bytes(), false)?;
                break;
            }
        }
    }
    Ok(())
}

/// Notes that nothing is left to do: the end is heard, and log and journal are sent. Whoever finds
/// the folder without this note does the rest.
pub(super) fn done(folder: &Folder) -> io::Result<()> {
    match folder.put("done", b"", false) {
        Err(error) if error.kind() == io::ErrorKind::StorageFull => Ok(()),
        done => done,
    }
}
