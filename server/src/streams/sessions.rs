//! The sessions streams stand on: how many each has open, and whether it still lives.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use platform::{
    Cx, Error,
    people::{Actor, Grants, Person},
    sessions::ops,
};
use tokio::sync::watch;
use uuid::Uuid;

use super::hub::Hubs;
use crate::{auth::layer::bare, state::State};

/// Streams one session may have open.
pub(super) const PER_SESSION: usize = 10;
/// How often the sessions of open streams are looked at.
const LOOK: Duration = Duration::from_secs(2);
/// How often a stream is authorised again.
pub(super) const AGAIN: Duration = Duration::from_secs(30);

/// The open streams of one server.
#[derive(Debug, Default)]
pub struct Streams {
    sessions: Mutex<HashMap<Uuid, Session>>,
    pub(super) logs: Hubs,
    pub(super) jobs: Hubs,
}

#[derive(Debug)]
struct Session {
    open: usize,
    rights: watch::Sender<Rights>,
}

/// What the session's person may do now; none: the session is over.
type Rights = Option<Grants>;

/// One open stream: counted until it is dropped.
pub(super) struct Standing {
    streams: Arc<Streams>,
    label: Uuid,
    rights: watch::Receiver<Rights>,
    cx: Cx,
    checked: Instant,
}

impl Streams {
    /// Counts one more stream of the session, or says that there are enough.
    pub(super) fn open(self: &Arc<Self>, cx: &Cx) -> Result<Standing, Error> {
        let person = cx.person()?;
        let mut sessions = self.lock();
        let session = sessions.entry(person.session).or_insert_with(|| Session {
            open: 0,
            rights: watch::Sender::new(Some(person.grants.clone())),
        });
        if session.open >= PER_SESSION {
            return Err(Error::TooMany { retry_after_s: 5 });
        }
        session.open += 1;
        metrics::gauge!("groundcrew_streams_open").increment(1.0);
        Ok(Standing {
            streams: Arc::clone(self),
            label: person.session,
            rights: session.rights.subscribe(),
            cx: cx.clone(),
            checked: Instant::now(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        metrics::gauge!("groundcrew_streams_open").decrement(1.0);
        let mut sessions = self.streams.lock();
        if let Some(session) = sessions.get_mut(&self.label) {
            session.open -= 1;
            if session.open == 0 {
                sessions.remove(&self.label);
            }
        }
    }
}

impl Standing {
    /// Returns when the stream must be authorised again, with the person's rights as they are now;
    /// `None` when the session is over.
    pub(super) async fn due(&mut self) -> Option<Cx> {
        let wait = AGAIN.saturating_sub(self.checked.elapsed());
        tokio::select! {
            changed = self.rights.changed() => changed.ok()?,
            () = tokio::time::sleep(wait) => {}
        }
        self.checked = Instant::now();
        let grants = self.rights.borrow_and_update().clone()?;
        if let Actor::Person(person) = &self.cx.actor {
            self.cx.actor = Actor::Person(Box::new(Person {
                grants,
                ..Person::clone(person)
            }));
        }
        Some(self.cx.clone())
    }
}

/// Looks at the sessions of open streams until the server stops: one question for all of them.
pub async fn watch(state: State) {
    let cx = bare(&state, Actor::System("streams"));
    loop {
        tokio::select! {
            () = state.web.shutdown.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let labels: Vec<Uuid> = state.streams.lock().keys().copied().collect();
        if labels.is_empty() {
            continue;
        }
        // While the database is away nobody's session is known to live: streams end.
        let live = ops::peek(&cx, &labels).await.unwrap_or_default();
        let organisation = state.organisation.load();
        let configured = state.auth.configured();
        let mut rights: HashMap<Uuid, Grants> = live
            .into_iter()
            .filter(|session| configured.contains(&session.iss))
            .map(|session| {
                let grants = organisation.grants(&session.iss, &session.groups);
                (session.label, grants)
            })
            .collect();
        let sessions = state.streams.lock();
        for label in labels {
            let now = rights.remove(&label);
            if let Some(session) = sessions.get(&label) {
                session.rights.send_if_modified(|before| {
                    let changed = *before != now;
                    *before = now;
                    changed
                });
            }
        }
    }
}
