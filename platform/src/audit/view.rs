//! What an auditor asks for and sees.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

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
    /// The last verification that came to a conclusion, by the portal itself.
    pub verified: Option<Verification>,
    /// The newest verification, perhaps under way.
    pub verification: Option<Verification>,
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

/// One verification: how far it is, or how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Where it stands.
    pub state: VerificationState,
    /// When a server began.
    pub begun_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Events looked at.
    pub done: i64,
    /// Of how many.
    pub events: i64,
    /// Events the largest checkpoint covers that held.
    pub covered: i64,
    /// The first event that was not as it must be.
    pub first_bad: Option<i64>,
    /// What is wrong with it, or why nothing could be said.
    pub why: Option<String>,
}

/// Where a verification stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationState {
    /// Asked for; a server takes it within a second.
    Waiting,
    /// A server reads the chain.
    Running,
    /// Nothing was wrong.
    Sound,
    /// Something was.
    Broken,
    /// It could not be done; nothing is known.
    Failed,
}

impl VerificationState {
    /// The word in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Sound => "sound",
            Self::Broken => "broken",
            Self::Failed => "failed",
        }
    }

    /// The state of this word; the table's check lets no other in.
    pub fn of_name(name: &str) -> Self {
        match name {
            "waiting" => Self::Waiting,
            "running" => Self::Running,
            "sound" => Self::Sound,
            "broken" => Self::Broken,
            _ => Self::Failed,
        }
    }

    /// The end is still to come.
    pub const fn is_under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// What is red about the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm {
    /// The last verification found it altered.
    NotSound {
        /// From this event on.
        first_bad: Option<i64>,
    },
    /// Nobody has ever signed.
    NoCheckpoint,
    /// Nobody confirms what was signed.
    OldCheckpoint {
        /// For so long.
        minutes: i64,
    },
    /// Events do not get to their place.
    Waiting {
        /// The oldest, for so long.
        seconds: i64,
    },
}

impl Alarm {
    /// In words, after "now".
    pub fn words(self) -> String {
        match self {
            Self::NotSound { first_bad } => {
                let event = first_bad.map(|seq| format!(" at event {seq}"));
                format!(
                    "the last verification found the chain not sound{}",
                    event.unwrap_or_default()
                )
            }
            Self::NoCheckpoint => "no signed checkpoint has been seen".to_owned(),
            Self::OldCheckpoint { minutes } => {
                format!("the newest checkpoint is {minutes} minutes old")
            }
            Self::Waiting { seconds } => {
                format!("an event has waited {seconds} s for its place in the chain")
            }
        }
    }
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

    /// What is red; empty means healthy.
    pub fn alarms(&self) -> Vec<Alarm> {
        let mut alarms = Vec::new();
        if let Some(Verification {
            state: VerificationState::Broken,
            first_bad,
            ..
        }) = self.verified
        {
            alarms.push(Alarm::NotSound { first_bad });
        }
        match self.checkpoint_age_s() {
            None => alarms.push(Alarm::NoCheckpoint),
            Some(age) if age > Self::CHECKPOINT_S => {
                alarms.push(Alarm::OldCheckpoint { minutes: age / 60 });
            }
            Some(_) => {}
        }
        if let Some(seconds) = self.waiting_s.filter(|s| *s > Self::WAITING_S) {
            alarms.push(Alarm::Waiting { seconds });
        }
        alarms
    }
}
