//! A job as it changes: word that it did, and the page reads it again.

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
use platform::{Cx, Error, jobs::ops, people::Actor};
use tokio::sync::{broadcast::error::RecvError, watch};
use uuid::Uuid;

use super::{
    After, answer,
    hub::{Hub, Standing},
    refused, sessions,
};
use crate::{auth::layer::bare, state::State};

/// How often a job is looked at while nobody says that it changed.
const EVERY: Duration = Duration::from_secs(1);

/// `GET /streams/jobs/{job}`: an event `change` when it opens and whenever the job looks different,
/// with what it looks like as id; `end` when nothing will change any more.
pub(super) async fn follow(
    Shared(state): Shared<State>,
    Extension(cx): Extension<Cx>,
    Path(job): Path<Uuid>,
    after: Result<After, axum::http::StatusCode>,
) -> Response {
    let seen = match after {
        Ok(After(seen)) => seen.and_then(|seen| i64::try_from(seen).ok()),
        Err(status) => return status.into_response(),
    };
    match open(&state, &cx, job, seen).await {
        Ok(viewer) => answer(&state, viewer.events()),
        Err(error) => refused(&error),
    }
}

#[expect(
    clippy::single_match_else,
    reason = "found, or made: two sides of one question"
)]
async fn open(state: &State, cx: &Cx, job: Uuid, seen: Option<i64>) -> Result<Viewer, Error> {
    cx.person()?;
    ops::may_watch(cx, job).await?;
    let standing = state.streams.open(cx)?;
    let system = bare(state, Actor::System("streams"));
    let hub = match state.streams.jobs.find(job) {
        Some(hub) => hub,
        None => {
            let now = look(&system, job).await?;
            state.streams.jobs.of(job, now, |hub| {
                tokio::spawn(change(state.clone(), system, job, hub));
            })
        }
    };
    Ok(Viewer {
        job,
        watching: hub.watch(),
        _hub: hub,
        standing,
        seen,
        ended: false,
    })
}

async fn look(cx: &Cx, job: Uuid) -> Result<Standing, Error> {
    let looks = ops::looks(cx, job).await?;
    Ok(Standing {
        at: looks.like,
        over: looks.over,
    })
}

/// Looks at the job, once for all viewers, as long as there is one.
async fn change(state: State, cx: Cx, job: Uuid, hub: Weak<Hub>) {
    let mut rung = state.wakes.jobs();
    loop {
        let heard = async {
            loop {
                match rung.recv().await {
                    Ok(which) if which != job => {}
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
        let Some(hub) = hub.upgrade() else { return };
        match look(&cx, job).await {
            Ok(standing) => hub.advance(Vec::new(), standing),
            Err(error) => tracing::debug!(%error, "a job was not looked at; it is tried again"),
        }
    }
}

/// One who watches.
struct Viewer {
    job: Uuid,
    _hub: Arc<Hub>,
    watching: watch::Receiver<Standing>,
    standing: sessions::Standing,
    seen: Option<i64>,
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
            let Standing { at, over } = *self.watching.borrow_and_update();
            if self.seen != Some(at) {
                self.seen = Some(at);
                let event = Event::default().event("change").id(at.to_string());
                return Some(event.data("{}"));
            }
            if over {
                self.ended = true;
                return Some(Event::default().event("end").data("{}"));
            }
            tokio::select! {
                changed = self.watching.changed() => changed.ok()?,
                cx = self.standing.due() => {
                    ops::may_watch(&cx?, self.job).await.ok()?;
                }
            }
        }
    }
}
