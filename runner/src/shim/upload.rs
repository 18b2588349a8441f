//! Sending the log and the journal while the attempt runs. A number is sent again until the server
//! has it; the same content again is no harm.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use platform::jobs::wire::JournalEntry;
use tokio::{sync::Notify, time::sleep};
use uuid::Uuid;

use crate::{
    client::{Refused, Server},
    lock,
    log::Book,
};

const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What is to be sent and how far it has come. Cheap to clone.
#[derive(Clone)]
pub struct Uploads {
    server: Server,
    attempt: Uuid,
    book: Arc<Mutex<Book>>,
    journal: Arc<Mutex<Vec<JournalEntry>>>,
    more_log: Arc<Notify>,
    more_journal: Arc<Notify>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    chunks: AtomicI64,
    entries: AtomicI64,
    /// Nothing more is taken.
    refused: AtomicBool,
}

impl Uploads {
    /// From the beginning.
    pub fn new(
        server: Server,
        attempt: Uuid,
        book: Arc<Mutex<Book>>,
        journal: Arc<Mutex<Vec<JournalEntry>>>,
    ) -> Self {
        Self {
            server,
            attempt,
            book,
            journal,
            more_log: Arc::default(),
            more_journal: Arc::default(),
            state: Arc::default(),
        }
    }

    /// There is more.
    pub fn wake(&self) {
        self.more_log.notify_one();
        self.more_journal.notify_one();
    }

    /// Whether everything written so far is there, or will never be taken.
    pub fn done(&self) -> bool {
        let chunks = lock(&self.book).chunks();
        let entries = lock(&self.journal).len();
        self.state.refused.load(Ordering::Relaxed)
            || (self.state.chunks.load(Ordering::Relaxed) >= chunks
                && self.state.entries.load(Ordering::Relaxed)
                    >= i64::try_from(entries).unwrap_or(i64::MAX))
    }

    /// Sends for ever.
    pub async fn run(self) {
        let log = self.clone();
        tokio::join!(log.send_log(), self.send_journal());
    }

    async fn send_log(&self) {
        let mut wait = FIRST_WAIT;
        loop {
            let seq = self.state.chunks.load(Ordering::Relaxed);
            let chunk = lock(&self.book).read(seq);
            match chunk {
                Ok(Some(bytes)) => {
                    let sent = self.server.log(self.attempt, seq, bytes).await;
                    self.settle(sent, &self.state.chunks, &mut wait).await;
                }
                Ok(None) => self.more_log.notified().await,
                Err(_) => sleep(LONGEST_WAIT).await,
            }
            if self.state.refused.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    async fn send_journal(&self) {
        let mut wait = FIRST_WAIT;
        loop {
            let seq = self.state.entries.load(Ordering::Relaxed);
            let at = usize::try_from(seq).unwrap_or(usize::MAX);
            let entry = lock(&self.journal).get(at).cloned();
            if let Some(entry) = entry {
                let sent = self.server.journal(self.attempt, seq, &entry).await;
                self.settle(sent, &self.state.entries, &mut wait).await;
            } else {
                self.more_journal.notified().await;
            }
            if self.state.refused.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    async fn settle(&self, sent: Result<(), Refused>, count: &AtomicI64, wait: &mut Duration) {
        match sent {
            // Other content under this number: it was cut by another hand, and stays.
            Ok(()) | Err(Refused::Conflict | Refused::Wrong(..)) => {
                count.fetch_add(1, Ordering::Relaxed);
                *wait = FIRST_WAIT;
            }
            Err(Refused::Gone | Refused::Unknown | Refused::TooOld) => {
                self.state.refused.store(true, Ordering::Relaxed);
            }
            Err(Refused::Away(_)) => {
                sleep(*wait).await;
                *wait = (*wait * 2).min(LONGEST_WAIT);
            }
        }
    }
}

/// Waits until all is sent, at most so long.
pub async fn upload_rest(uploads: &Uploads, longest: Duration) -> bool {
    let wait = async {
        while !uploads.done() {
            uploads.wake();
            sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(longest, wait).await.is_ok()
}
