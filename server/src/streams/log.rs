//! A log as it grows: every chunk once, in order, whatever happens to the connection.

use std::{
    convert::Infallible,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    Extension,
    extract::{Path, State as Shared},
    response::{IntoResponse as _, Response, sse::Event},
};
use futures::{Stream, stream};
use platform::{
    Cx, Error,
    logs::{Chunk, ops},
    people::Actor,
};
use serde::Serialize;
use tokio::sync::{broadcast::error::RecvError, watch};
use uuid::Uuid;

use super::{
    After, answer,
    hub::{Hub, Standing},
    refused, sessions,
};
use crate::{auth::layer::bare, state::State};

/// How often a log is looked at while nobody says that it grew.
const EVERY: Duration = Duration::from_secs(1);

/// `GET /streams/logs/{attempt}`: events `chunk` with the chunk's number as id, then `end`.
pub(super) async fn follow(
    Shared(state): Shared<State>,
    Extension(cx): Extension<Cx>,
    Path(attempt): Path<Uuid>,
    after: Result<After, axum::http::StatusCode>,
) -> Response {
    let after = match after {
        Ok(After(after)) => after.map_or(-1, |seq| i64::try_from(seq).unwrap_or(i64::MAX)),
        Err(status) => return status.into_response(),
    };
    match open(&state, &cx, attempt, after).await {
        Ok(viewer) => answer(&state, viewer.events()),
        Err(error) => refused(&error),
    }
}

#[expect(
    clippy::single_match_else,
    reason = "found, or made: two sides of one question"
)]
async fn open(state: &State, cx: &Cx, attempt: Uuid, after: i64) -> Result<Viewer, Error> {
    cx.person()?;
    ops::may_follow(cx, attempt).await?;
    let standing = state.streams.open(cx)?;
    let system = bare(state, Actor::System("streams"));
    let hub = match state.streams.logs.find(attempt) {
        Some(hub) => hub,
        None => {
            let now = ops::tail(&system, attempt, i64::MAX).await?;
            let standing = Standing {
                at: now.last,
                over: now.complete,
            };
            state.streams.logs.of(attempt, standing, |hub| {
                tokio::spawn(grow(state.clone(), system.clone(), attempt, hub));
            })
        }
    };
    Ok(Viewer {
        system,
        attempt,
        watching: hub.watch(),
        hub,
        standing,
        sent: after,
        read: Vec::new().into_iter(),
        ended: false,
    })
}

/// Reads what is new, once for all viewers, as long as there is one.
async fn grow(state: State, cx: Cx, attempt: Uuid, hub: Weak<Hub>) {
    let mut rung = state.wakes.logs();
    loop {
        let Some(hub) = hub.upgrade() else { return };
        let at = hub.standing().at;
        match ops::tail(&cx, attempt, at).await {
            Ok(tail) => {
                let at = tail.chunks.last().map_or(at, |chunk| chunk.seq);
                let over = tail.complete && at == tail.last;
                let more = at < tail.last;
                hub.advance(tail.chunks, Standing { at, over });
                if over {
                    return;
                }
                if more {
                    continue;
                }
            }
            Err(error) => tracing::debug!(%error, "a log was not read; it is tried again"),
        }
        drop(hub);
        let heard = async {
            loop {
                match rung.recv().await {
                    Ok(which) if which != attempt => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            () = state.web.shutdown.cancelled() => return,
            () = heard => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// A chunk, and what a page shows of it.
#[derive(Serialize)]
struct Sent<'a> {
    #[serde(flatten)]
    chunk: &'a Chunk,
    rows: String,
}

/// One who watches.
struct Viewer {
    system: Cx,
    attempt: Uuid,
    hub: Arc<Hub>,
    watching: watch::Receiver<Standing>,
    standing: sessions::Standing,
    /// Number of the last chunk sent.
    sent: i64,
    /// Older chunks, read for this viewer alone.
    read: std::vec::IntoIter<Chunk>,
    ended: bool,
}

impl Viewer {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut viewer| async move {
            let event = viewer.next().await?;
            Some((Ok(event), viewer))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        if self.ended {
            return None;
        }
        loop {
            if let Some(chunk) = self.read.next() {
                return self.send(&chunk);
            }
            if let Some(chunk) = self.hub.next(self.sent) {
                return self.send(&chunk);
            }
            let Standing { at, over } = *self.watching.borrow_and_update();
            if self.sent < at {
                // Before what the hub keeps: this viewer reads it alone.
                let tail = ops::tail(&self.system, self.attempt, self.sent)
                    .await
                    .ok()?;
                if tail.chunks.is_empty() {
                    return None;
                }
                self.read = tail.chunks.into_iter();
                continue;
            }
            if over {
                self.ended = true;
                return Some(Event::default().event("end").data("{}"));
            }
            tokio::select! {
                changed = self.watching.changed() => changed.ok()?,
                cx = self.standing.due() => {
                    ops::may_follow(&cx?, self.attempt).await.ok()?;
                }
            }
        }
    }

    /// The chunk as an event; a chunk sent before is passed over by its number.
    fn send(&mut self, chunk: &Chunk) -> Option<Event> {
        self.sent = self.sent.max(chunk.seq);
        let rows = app::host::log_rows(chunk.line, &chunk.text);
        Event::default()
            .event("chunk")
            .id(chunk.seq.to_string())
            .json_data(Sent { chunk, rows })
            .ok()
    }
}
