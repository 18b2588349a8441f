//! Events of a stack: text for people, and the journal.

use std::{collections::BTreeSet, fs::OpenOptions, io::Write as _};

use platform::jobs::wire::JournalEntry;
use serde_json::Value;

use super::super::{At, Heard};

/// Ids of events heard, in the private folder.
const SEEN: &str = "events-seen";

/// One event, as the query brings it.
struct Event {
    id: String,
    resource: String,
    physical: String,
    kind: String,
    status: String,
    reason: String,
}

/// Events that were there before.
pub(super) fn remember(at: &At, json: &[u8]) {
    append(at, &read(json).iter().collect::<Vec<_>>());
}

/// A list of events, newest first.
pub(super) fn hear(at: &At, line: &[u8]) -> Heard {
    let seen = std::fs::read_to_string(at.private.join(SEEN)).unwrap_or_default();
    let seen: BTreeSet<&str> = seen.lines().collect();
    let all = read(line);
    let new: Vec<&Event> = all
        .iter()
        .rev()
        .filter(|event| !seen.contains(&*event.id))
        .collect();
    append(at, &new);
    let lines: Vec<String> = new.iter().map(|event| event.text()).collect();
    Heard {
        text: Some(lines.join("\n").into_bytes()).filter(|text| !text.is_empty()),
        journal: new.iter().filter_map(|event| event.journal()).collect(),
    }
}

fn append(at: &At, events: &[&Event]) {
    let mut ids = String::new();
    for event in events {
        ids.push_str(&event.id);
        ids.push('\n');
    }
    let path = at.private.join(SEEN);
    let file = OpenOptions::new().create(true).append(true).open(path);
    // An event that is not remembered is told twice.
    if let Ok(mut file) = file {
        let _ = file.write_all(ids.as_bytes());
    }
}

fn read(json: &[u8]) -> Vec<Event> {
    let list: Vec<Vec<Value>> = serde_json::from_slice(json).unwrap_or_default();
    let word = |event: &[Value], place: usize| {
        event
            .get(place)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    list.iter()
        .map(|event| Event {
            id: word(event, 0),
            resource: word(event, 1),
            physical: word(event, 2),
            kind: word(event, 3),
            status: word(event, 4),
            reason: word(event, 5),
        })
        .collect()
}

impl Event {
    fn text(&self) -> String {
        let Self {
            status,
            resource,
            kind,
            reason,
            ..
        } = self;
        let reason = if reason.is_empty() {
            String::new()
        } else {
            format!(": {reason}")
        };
        format!("{status} {resource} ({kind}){reason}")
    }

    fn journal(&self) -> Option<JournalEntry> {
        if self.kind == "AWS::CloudFormation::Stack" && self.physical.contains(":stack/") {
            // The stack itself, or a nested one, whose own events say more.
            return None;
        }
        let (action, how) = self.status.split_once('_')?;
        let phase = match how {
            "IN_PROGRESS" => "start",
            "COMPLETE" => "complete",
            "FAILED" => "errored",
            _ => return None,
        };
        Some(JournalEntry {
            address: self.resource.clone(),
            action: action.to_ascii_lowercase(),
            phase: phase.to_owned(),
            id_value: Some(self.physical.clone()).filter(|id| !id.is_empty()),
        })
    }
}
