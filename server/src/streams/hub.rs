//! What is new, asked once for all who watch: one task for each log or job somebody looks at.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use platform::logs::Chunk;
use tokio::sync::watch;
use uuid::Uuid;

/// Chunks kept for those who come a little later.
const KEPT: usize = 128;
/// Bytes of text kept.
const KEPT_BYTES: usize = 2 * 1024 * 1024;

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    /// Of a log: number of its last chunk. Of a job: what it looks like, as a number.
    pub(super) at: i64,
    /// Nothing more will come.
    pub(super) over: bool,
}

/// One log or job that somebody watches on this server.
#[derive(Debug)]
pub(super) struct Hub {
    recent: Mutex<VecDeque<Arc<Chunk>>>,
    standing: watch::Sender<Standing>,
}

/// All that are watched; one that nobody watches any more is forgotten.
#[derive(Debug, Default)]
pub(super) struct Hubs(Mutex<HashMap<Uuid, Weak<Hub>>>);

impl Hubs {
    /// The hub of this id, or a new one, whose task `start` begins.
    pub(super) fn of(
        &self,
        id: Uuid,
        standing: Standing,
        start: impl FnOnce(Weak<Hub>),
    ) -> Arc<Hub> {
        let mut hubs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hub) = hubs.get(&id).and_then(Weak::upgrade) {
            return hub;
        }
        hubs.retain(|_, hub| hub.strong_count() > 0);
        let hub = Arc::new(Hub {
            recent: Mutex::default(),
            standing: watch::Sender::new(standing),
        });
        hubs.insert(id, Arc::downgrade(&hub));
        start(Arc::downgrade(&hub));
        hub
    }

    /// The hub of this id, where there is one.
    pub(super) fn find(&self, id: Uuid) -> Option<Arc<Hub>> {
        let hubs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        hubs.get(&id).and_then(Weak::upgrade)
    }
}

impl Hub {
    /// How far it has come, and word of every step.
    pub(super) fn watch(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// How far it has come.
    pub(super) fn standing(&self) -> Standing {
        *self.standing.borrow()
    }

    /// The chunk after this number, where it is still kept.
    pub(super) fn next(&self, after: i64) -> Option<Arc<Chunk>> {
        let recent = self.lock();
        let first = recent.front()?.seq;
        let at = usize::try_from(after + 1 - first).ok()?;
        recent.get(at).cloned()
    }

    /// Takes what is new; tells those who watch.
    pub(super) fn advance(&self, chunks: Vec<Chunk>, standing: Standing) {
        {
            let mut recent = self.lock();
            for chunk in chunks {
                if recent.back().is_some_and(|last| last.seq + 1 != chunk.seq) {
                    recent.clear();
                }
                recent.push_back(Arc::new(chunk));
            }
            let mut bytes: usize = recent.iter().map(|chunk| chunk.text.len()).sum();
            while recent.len() > KEPT || bytes > KEPT_BYTES {
                let Some(gone) = recent.pop_front() else {
                    break;
                };
                bytes -= gone.text.len();
            }
        }
        self.standing.send_if_modified(|before| {
            let changed = *before != standing;
            *before = standing;
            changed
        });
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Arc<Chunk>>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(seq: i64) -> Chunk {
        Chunk {
            seq,
            line: 1,
            text: "x".to_owned(),
        }
    }

    #[test]
    fn the_last_chunks_are_kept_without_gaps_and_the_oldest_go() {
        let hubs = Hubs::default();
        let begin = Standing {
            at: -1,
            over: false,
        };
        let hub = hubs.of(Uuid::nil(), begin, |_| {});
        for seq in 0..300 {
            let standing = Standing {
                at: seq,
                over: false,
            };
            hub.advance(vec![chunk(seq)], standing);
        }
        assert_eq!(hub.standing().at, 299);
        assert!(
            hub.next(100).is_none(),
            "gone: to be read from the database"
        );
        let kept: Vec<i64> = (171..299)
            .filter_map(|after| hub.next(after))
            .map(|c| c.seq)
            .collect();
        assert_eq!(kept, (172..300).collect::<Vec<_>>());
        assert!(hub.next(299).is_none(), "not there yet");
        assert!(Arc::ptr_eq(
            &hub,
            &hubs.of(Uuid::nil(), begin, |_| panic!("one task"))
        ));
        drop(hub);
        assert!(hubs.find(Uuid::nil()).is_none(), "nobody watches it");
    }
}
