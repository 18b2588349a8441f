//! What an auditor asks for and sees.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A filter as it stands in the address of the page; an empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Id of the actor: a person's id, or the name of a part of the portal.
    pub actor: String,
    /// Name of an action.
    pub action: String,
    /// `success`, `denied` or `failure`.
    pub outcome: String,
    /// Id of the target.
    pub target: String,
    /// Recorded at or after: a date, or date and time, in UTC.
    pub from: String,
    /// Recorded before; a date includes its day.
    pub to: String,
    /// Text in the event's machine fields, or the beginning of a hash.
    pub text: String,
}

impl Filter {
    /// Each field with its name.
    pub fn fields(&self) -> [(&'static str, &str); 7] {
        [
            ("actor", &self.actor),
            ("action", &self.action),
            ("outcome", &self.outcome),
            ("target", &self.target),
            ("from", &self.from),
            ("to", &self.to),
            ("text", &self.text),
        ]
        .map(|(name, value): (_, &String)| (name, value.trim()))
    }

    /// Nothing is filtered out.
    pub fn is_empty(&self) -> bool {
        self.fields().iter().all(|(_, value)| value.is_empty())
    }
}

/// Which page of a list, newest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cursor {
    /// The newest events.
    #[default]
    Newest,
    /// Events before this place in the chain.
    OlderThan(i64),
    /// Events after this place in the chain.
    NewerThan(i64),
}

/// One event in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Place in the chain.
    pub seq: i64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Name of the action.
    pub action: String,
    /// `success`, `denied` or `failure`.
    pub outcome: String,
    /// `person`, `system`, `anonymous`.
    pub actor_kind: String,
    /// Who.
    pub actor_id: Option<String>,
    /// The person's name as it is now; never part of the event.
    pub actor_name: Option<String>,
    /// Noun of the target.
    pub target_type: Option<String>,
    /// Its id.
    pub target_id: Option<String>,
    /// How many alike it stands for.
    pub count: Option<i64>,
    /// Hash, hex.
    pub hash: String,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// There are older ones.
    pub older: bool,
    /// There are newer ones.
    pub newer: bool,
    /// How many match, counted up to [`Page::MOST`].
    pub matching: i64,
}

impl Page {
    /// Matching events are counted up to here; beyond it is "more than".
    pub const MOST: i64 = 10_000;
}

/// One event in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// As in the list.
    pub entry: Entry,
    /// Canonical bytes.
    pub canonical: String,
    /// Hash before, hex.
    pub prev_hash: String,
    /// SHA-256 of the canonical bytes, hex.
    pub digest: String,
    /// Whether content, hash and the events before and after fit together.
    pub fits: bool,
    /// What was kept beside the event.
    pub note: Note,
}

/// The personal data of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Note {
    /// It never had any.
    None,
    /// Key and text; the commitment held.
    Open(Vec<(String, String)>),
    /// Erased, or not to be opened with the server's keys.
    Gone,
}

/// How the chain stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Events in the chain.
    pub events: i64,
    /// Hash of the head, hex.
    pub head: String,
    /// The last verification, by the portal itself.
    pub verified: Option<Verified>,
    /// The newest checkpoint seen.
    pub checkpoint: Option<SeenCheckpoint>,
    /// Seconds the oldest event has waited for its place in the chain.
    pub waiting_s: Option<i64>,
    /// The server's clock.
    pub now: Timestamp,
}

/// A signed checkpoint the portal has seen published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenCheckpoint {
    /// Events it covers.
    pub size: i64,
    /// When it was last confirmed.
    pub at: Timestamp,
    /// Signed on the portal's own machine: whoever is root there can forge it.
    pub local: bool,
}

/// The last verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// When.
    pub at: Timestamp,
    /// Up to which event.
    pub upto: i64,
    /// How long it took.
    pub took_ms: i64,
    /// Nothing was wrong.
    pub sound: bool,
    /// The first event that was.
    pub first_bad: Option<i64>,
}

impl Standing {
    /// A checkpoint older than this, in seconds, is an alarm.
    pub const CHECKPOINT_S: i64 = 600;
    /// An event that waits longer, in seconds, is an alarm.
    pub const WAITING_S: i64 = 5;

    /// Seconds since the newest checkpoint was confirmed.
    pub fn checkpoint_age_s(&self) -> Option<i64> {
        self.checkpoint
            .map(|seen| self.now.as_second() - seen.at.as_second())
    }

    /// What is red, in words; empty means healthy.
    pub fn alarms(&self) -> Vec<String> {
        let mut alarms = Vec::new();
        if let Some(Verified {
            sound: false,
            first_bad,
            ..
        }) = &self.verified
        {
            let event = first_bad
                .map(|seq| format!(" at event {seq}"))
                .unwrap_or_default();
            alarms.push(format!(
                "the last verification found the chain not sound{event}"
            ));
        }
        match self.checkpoint_age_s() {
            None => alarms.push("no signed checkpoint has been seen".to_owned()),
            Some(age) if age > Self::CHECKPOINT_S => {
                alarms.push(format!("the newest checkpoint is {} minutes old", age / 60));
            }
            Some(_) => {}
        }
        if let Some(waiting) = self.waiting_s.filter(|s| *s > Self::WAITING_S) {
            alarms.push(format!(
                "an event has waited {waiting} s for its place in the chain"
            ));
        }
        alarms
    }
}
