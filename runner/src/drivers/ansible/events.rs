//! What `callback.py` says, line by line.

use std::fmt::Write as _;

use platform::jobs::wire::JournalEntry;
use serde::Deserialize;
use serde_json::Value;

use super::super::Heard;

/// One event.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    #[serde(rename = "event")]
    pub(super) what: String,
    pub(super) version: String,
    pub(super) name: String,
    pub(super) text: String,
    pub(super) host: String,
    pub(super) task: String,
    pub(super) action: String,
    pub(super) hidden: bool,
    pub(super) changed: bool,
    pub(super) parts: Vec<Part>,
    pub(super) hosts: Value,
}

/// The result of a task on a host, or of one item of its loop.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    pub(super) changed: bool,
    /// It would do something, or not: it cannot say in a check.
    pub(super) blind: bool,
    pub(super) item: Option<String>,
    pub(super) msg: String,
    pub(super) stderr: String,
    pub(super) stdout: String,
    pub(super) diffs: Vec<Difference>,
}

/// One difference.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Difference {
    /// There was nothing before.
    pub(super) new: bool,
    pub(super) before: Value,
    pub(super) after: Value,
}

impl Event {
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line)
            .ok()
            .filter(|event: &Self| !event.what.is_empty())
    }

    /// Host and task: what the plan and the journal call it.
    pub(super) fn address(&self) -> String {
        format!("{}/{}", self.host, self.task)
    }
}

pub(super) fn hear(phase: &str, line: &[u8]) -> Heard {
    let Some(event) = Event::read(line) else {
        return Heard {
            text: Some(line.to_vec()),
            journal: Vec::new(),
        };
    };
    Heard {
        text: text(&event).map(String::into_bytes),
        journal: journal(&event)
            .filter(|_| phase == "run")
            .into_iter()
            .collect(),
    }
}

fn text(event: &Event) -> Option<String> {
    Some(match event.what.as_str() {
        "play" => format!("PLAY [{}]", event.name),
        "task" => format!("TASK [{}]", event.name),
        "note" => event.text.clone(),
        "ok" if event.changed => format!("changed: [{}]{}", event.host, said(event)),
        "ok" => format!("ok: [{}]{}", event.host, said(event)),
        "skipped" => format!("skipped: [{}]{}", event.host, said(event)),
        "retry" => format!("retrying: [{}]", event.host),
        "failed" | "ignored" | "unreachable" => {
            format!("{}: [{}]{}", event.what, event.host, said(event))
        }
        "stats" => format!("RECAP {}", event.hosts),
        _ => return None,
    })
}

/// Messages, and the output of what failed.
fn said(event: &Event) -> String {
    if event.hidden {
        return " (hidden by no_log)".to_owned();
    }
    let mut out = String::new();
    let failed = matches!(event.what.as_str(), "failed" | "ignored" | "unreachable");
    for part in &event.parts {
        let item = part
            .item
            .as_ref()
            .map(|item| format!(" ({item})"))
            .unwrap_or_default();
        if !part.msg.is_empty() {
            let _ = write!(out, "{item} => {}", part.msg);
        }
        if failed {
            for (name, text) in [("stderr", &part.stderr), ("stdout", &part.stdout)] {
                if !text.is_empty() {
                    let text = text.trim_end().replace('\n', "\n  ");
                    let _ = write!(out, "\n  {name}: {text}");
                }
            }
        }
    }
    out
}

fn journal(event: &Event) -> Option<JournalEntry> {
    let (action, phase) = match event.what.as_str() {
        "start" => ("task", "start"),
        "ok" | "ignored" if event.changed => ("changed", "complete"),
        "ok" | "ignored" | "skipped" => ("unchanged", "complete"),
        "failed" | "unreachable" => ("task", "errored"),
        _ => return None,
    };
    Some(JournalEntry {
        address: event.address(),
        action: action.to_owned(),
        phase: phase.to_owned(),
        id_value: None,
    })
}
