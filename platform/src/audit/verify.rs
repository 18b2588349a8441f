//! Checking a chain, event by event, in bounded memory.
//!
//! Where the events come from (a database, an export) does not matter: rows go in, in order, a
//! [`Report`] comes out.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::{
    canonical::{self, Value},
    chain::{self, Hash},
    checkpoint::Checkpoint,
    merkle::Frontier,
    note,
    report::Report,
};
use crate::secrets::{Keyring, OpenError};

/// One event as it was found.
#[derive(Clone, Debug)]
pub struct Row {
    /// Place in the chain.
    pub seq: i64,
    /// When it was recorded, microseconds since 1970.
    pub micros: i64,
    /// Canonical bytes.
    pub canonical: String,
    /// The database's own reading of them; exports have none.
    pub payload: Option<String>,
    /// Hash before.
    pub prev_hash: Vec<u8>,
    /// Hash.
    pub hash: Vec<u8>,
    /// Sealed note.
    pub note: Option<Vec<u8>>,
}

/// What is known from outside before the first event is looked at.
pub struct Known<'a> {
    /// The chain.
    pub chain: Uuid,
    /// First event of the range; 1 for the whole.
    pub first: i64,
    /// Hash before it, where the range does not begin at 1.
    pub previous: Option<Hash>,
    /// Checkpoints, signatures checked.
    pub checkpoints: Vec<Checkpoint>,
    /// Keys that open notes.
    pub keys: Option<&'a Keyring>,
    /// Whether notes are to be found beside the events.
    pub notes: bool,
}

/// Takes events in order.
pub struct Verifier<'a> {
    known: Known<'a>,
    report: Report,
    previous: Hash,
    micros: i64,
    tree: Frontier,
    /// Next checkpoint to compare; they are sorted by size.
    next: usize,
    /// Events whose note is gone and whose erasure has not come yet.
    gone: BTreeSet<i64>,
}

impl<'a> Verifier<'a> {
    /// Begins.
    pub fn new(mut known: Known<'a>) -> Self {
        known.checkpoints.sort_by_key(|checkpoint| checkpoint.size);
        let mut report = Report {
            chain: known.chain,
            first: known.first,
            last: known.first - 1,
            ..Report::default()
        };
        let other = known
            .checkpoints
            .iter()
            .find(|c| c.chain() != Some(known.chain));
        if let Some(other) = other {
            let (origin, chain) = (&other.origin, known.chain);
            report.find(
                None,
                true,
                format!("this is chain {chain}; checkpoints are of {origin}"),
            );
            known.checkpoints.retain(|c| c.chain() == Some(chain));
        }
        let previous = known
            .previous
            .unwrap_or_else(|| chain::genesis(known.chain));
        let mut verifier = Self {
            known,
            report,
            previous,
            micros: i64::MIN,
            tree: Frontier::default(),
            next: 0,
            gone: BTreeSet::new(),
        };
        verifier.compare_checkpoints();
        verifier
    }

    /// The next event.
    pub fn push(&mut self, row: &Row) {
        let due = self.report.last + 1;
        if row.seq > due {
            let upto = row.seq - 1;
            self.report.find(
                Some(due),
                true,
                if upto == due {
                    "the event is missing".to_owned()
                } else {
                    format!("events {due} to {upto} are missing")
                },
            );
        } else if row.seq < due {
            self.report
                .find(Some(row.seq), true, "the number occurs twice");
        }
        self.check_link(row, row.seq == due);
        if row.micros < self.micros && self.report.warnings.len() < Report::MOST {
            self.report.warnings.push(format!(
                "event {}: recorded before the one before it",
                row.seq
            ));
        }
        match canonical::parse(&row.canonical) {
            Ok(value) => self.check_content(row, &value),
            Err(why) => self
                .report
                .find(Some(row.seq), true, format!("canonical form: {why}")),
        }
        let leaf = row.hash.as_slice().try_into().unwrap_or([0; 32]);
        self.previous = leaf;
        self.micros = row.micros;
        self.report.last = row.seq.max(self.report.last);
        self.tree.push(&leaf);
        self.compare_checkpoints();
    }

    /// Records something the source itself found out.
    pub fn find(&mut self, seq: Option<i64>, why: impl Into<String>) {
        self.report.find(seq, true, why);
    }

    /// How far it is.
    pub fn last(&self) -> i64 {
        self.report.last
    }

    /// Ends, with the head row where there is one.
    pub fn finish(mut self, head: Option<(i64, &[u8])>) -> Report {
        let last = self.report.last;
        if let Some((seq, hash)) = head {
            if seq > last {
                self.report.find(
                    Some(last + 1),
                    true,
                    format!("the head is {seq}, events end at {last}"),
                );
            } else if seq < last {
                self.report.find(
                    Some(seq + 1),
                    true,
                    format!("the head is {seq}, events go on to {last}"),
                );
            } else if hash != self.previous {
                self.report
                    .find(Some(seq), true, "the head row holds another hash");
            }
        }
        for seq in std::mem::take(&mut self.gone) {
            self.report
                .find(Some(seq), true, "the note is gone and no event says so");
        }
        if self.known.first == 1
            && let Some(beyond) = self.known.checkpoints.get(self.next)
        {
            let size = beyond.size;
            self.report.find(
                Some(last + 1),
                true,
                format!("a checkpoint covers {size} events, the chain ends at {last}"),
            );
        }
        self.report
    }

    fn check_link(&mut self, row: &Row, in_order: bool) {
        if in_order && row.prev_hash != self.previous {
            self.report
                .find(Some(row.seq), true, "does not link to the event before it");
        }
        if !hash_holds(self.known.chain, row) {
            self.report
                .find(Some(row.seq), true, "content and hash do not match");
        }
    }

    fn check_content(&mut self, row: &Row, value: &Value) {
        if let Some(payload) = &row.payload {
            let read = serde_json::from_str(payload)
                .ok()
                .and_then(|json| canonical::from_json(json).ok());
            if read.as_ref() != Some(value) {
                self.report
                    .find(Some(row.seq), true, "payload and canonical form differ");
            }
        }
        if value.text_at(&["action"]) == Some("audit.note_erased")
            && let Some(Ok(seq)) = value.text_at(&["target", "id"]).map(str::parse)
            && self.gone.remove(&seq)
        {
            self.report.notes_erased += 1;
        }
        if self.known.notes {
            self.check_note(row, value);
        }
    }

    fn check_note(&mut self, row: &Row, value: &Value) {
        match (value.text_at(&["note"]), &row.note) {
            (None, None) => {}
            (None, Some(_)) => {
                self.report
                    .find(Some(row.seq), true, "has a note it does not commit to");
            }
            (Some(_), None) => {
                self.gone.insert(row.seq);
            }
            (Some(commitment), Some(body)) => {
                let Some(keys) = self.known.keys else {
                    self.report.notes_unopened += 1;
                    return;
                };
                let id = value.text_at(&["id"]).unwrap_or_default();
                match note::open(keys, id, body) {
                    Ok((_, hash)) if hex::encode(hash) == commitment => self.report.notes_held += 1,
                    // A key is retired when nothing names it any more: none may be unknown.
                    Err(OpenError::UnknownKey) => self.report.find(
                        Some(row.seq),
                        true,
                        "the note names a key that is not among those given",
                    ),
                    _ => self.report.find(
                        Some(row.seq),
                        true,
                        "the note is not the one it commits to",
                    ),
                }
            }
        }
    }

    /// Compares the checkpoints of the size reached. Only the whole chain has such a root.
    fn compare_checkpoints(&mut self) {
        while self.known.first == 1
            && let Some(checkpoint) = self.known.checkpoints.get(self.next)
            && checkpoint.size <= self.tree.size()
        {
            self.next += 1;
            let size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
            if checkpoint.root == self.tree.root() {
                self.report.checkpoints += 1;
                self.report.covered = size;
            } else {
                let from = self.report.covered + 1;
                let why = format!(
                    "events {from} to {size} are not those the checkpoint of {size} was signed over"
                );
                self.report.find(Some(from.min(size)), false, why);
            }
        }
    }
}

/// Whether an event's hash is that of its content after the hash it names.
pub(super) fn hash_holds(chain: Uuid, row: &Row) -> bool {
    <Hash>::try_from(row.prev_hash.as_slice()).is_ok_and(|previous| {
        chain::hash(chain, row.seq, row.micros, &previous, &row.canonical)[..] == row.hash
    })
}
