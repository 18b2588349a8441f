//! Letting whoever waits know at once: inside this server directly, to others by NOTIFY after the
//! commit, many words in one message. Polling finds whatever a lost hint would have told.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use platform::{
    Cx,
    cx::{Wake, Woken},
    wake::{Word, ops},
};
use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Between two messages to other servers; the first goes out at once.
const SPACING: Duration = Duration::from_millis(20);
/// Before listening is tried again.
const AGAIN: Duration = Duration::from_secs(1);
/// Words a slow listener may lag behind; it then looks at everything.
const LAG: usize = 4_096;

/// The doorbells of one server.
#[derive(Debug)]
pub struct Wakes {
    /// This server, so that it does not hear itself.
    own: Uuid,
    pools: Mutex<HashMap<String, Arc<Notify>>>,
    jobs: broadcast::Sender<Uuid>,
    logs: broadcast::Sender<Uuid>,
    unsaid: Mutex<BTreeSet<Word>>,
    more: Notify,
}

impl Default for Wakes {
    fn default() -> Self {
        Self {
            own: Uuid::now_v7(),
            pools: Mutex::default(),
            jobs: broadcast::Sender::new(LAG),
            logs: broadcast::Sender::new(LAG),
            unsaid: Mutex::default(),
            more: Notify::new(),
        }
    }
}

impl Wakes {
    /// For operations: what they say after their commit is heard here and told to the others.
    pub fn wake(self: &Arc<Self>) -> Wake {
        let wakes = Arc::clone(self);
        Wake::new(move |woken| {
            wakes.say(match woken {
                Woken::Pool(pool) => Word::Pool(pool.to_owned()),
                Woken::Job(job) => Word::Job(job),
            });
        })
    }

    /// Rings here, and remembers to tell the others.
    pub fn say(&self, word: Word) {
        self.ring(&word);
        let new = lock(&self.unsaid).insert(word);
        if new {
            self.more.notify_one();
        }
    }

    /// Rings when the pool has work.
    pub fn pool(&self, pool: &str) -> Arc<Notify> {
        let mut pools = lock(&self.pools);
        match pools.get(pool) {
            Some(notify) => Arc::clone(notify),
            None => Arc::clone(pools.entry(pool.to_owned()).or_default()),
        }
    }

    /// Jobs that changed.
    pub fn jobs(&self) -> broadcast::Receiver<Uuid> {
        self.jobs.subscribe()
    }

    /// Attempts whose log grew.
    pub fn logs(&self) -> broadcast::Receiver<Uuid> {
        self.logs.subscribe()
    }

    fn ring(&self, word: &Word) {
        // Nobody may be waiting, which is no error.
        match word {
            Word::Pool(pool) => {
                if let Some(notify) = lock(&self.pools).get(pool) {
                    notify.notify_waiters();
                }
            }
            Word::Job(job) => drop(self.jobs.send(*job)),
            Word::Log(attempt) => drop(self.logs.send(*attempt)),
        }
    }

    /// Something may have been missed: whoever waits for work looks.
    fn ring_all_pools(&self) {
        for notify in lock(&self.pools).values() {
            notify.notify_waiters();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Tells the other servers what was said here, until the server stops.
pub async fn tell(wakes: Arc<Wakes>, cx: Cx, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = wakes.more.notified() => {}
        }
        let words = std::mem::take(&mut *lock(&wakes.unsaid));
        if let Err(error) = ops::tell(&cx, wakes.own, &words).await {
            tracing::debug!(%error, "other servers were not told; they look every second");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SPACING) => {}
        }
    }
}

/// Hears what other servers say, until the server stops.
pub async fn hear(wakes: Arc<Wakes>, cx: Cx, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = hear_once(&wakes, &cx) => {}
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

async fn hear_once(wakes: &Wakes, cx: &Cx) {
    let mut ear = match ops::listen(cx, wakes.own).await {
        Ok(ear) => ear,
        Err(error) => {
            tracing::debug!(%error, "other servers are not heard");
            return;
        }
    };
    loop {
        match ear.hear().await {
            Ok(Some(words)) => words.iter().for_each(|word| wakes.ring(word)),
            Ok(None) => wakes.ring_all_pools(),
            Err(error) => {
                tracing::debug!(%error, "other servers are not heard any more");
                return;
            }
        }
    }
}
