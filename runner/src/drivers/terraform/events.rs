//! The tool's JSON lines: text for people, and the journal.

use std::fmt::Write as _;

use platform::jobs::wire::JournalEntry;
use serde::Deserialize;
use serde_json::Value;

use super::super::Heard;

/// What a line said.
pub(super) struct Said {
    pub(super) heard: Heard,
    /// The outputs, after an apply; secret ones without a value.
    pub(super) outputs: Option<Value>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "@message", default)]
    message: String,
    #[serde(rename = "@level", default)]
    level: String,
    #[serde(rename = "type", default)]
    kind: String,
    hook: Option<Hook>,
    diagnostic: Option<Diagnostic>,
    outputs: Option<Value>,
}

#[derive(Deserialize)]
struct Hook {
    resource: Resource,
    #[serde(default)]
    action: String,
    id_value: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    addr: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    severity: String,
    summary: String,
    #[serde(default)]
    detail: String,
    address: Option<String>,
    range: Option<Range>,
    snippet: Option<Snippet>,
}

#[derive(Deserialize)]
struct Range {
    filename: String,
    start: Position,
}

#[derive(Deserialize)]
struct Position {
    line: u64,
}

#[derive(Deserialize)]
struct Snippet {
    context: Option<String>,
    code: String,
    #[serde(default)]
    start_line: u64,
}

pub(super) fn hear(phase: &str, line: &[u8]) -> Said {
    let Ok(event) = serde_json::from_slice::<Event>(line) else {
        // Providers and tools of other versions print what they like.
        return Said {
            heard: Heard {
                text: Some(line.to_vec()),
                journal: Vec::new(),
            },
            outputs: None,
        };
    };
    Said {
        heard: Heard {
            text: text(phase, &event).map(String::into_bytes),
            journal: journal(&event).into_iter().collect(),
        },
        outputs: event.outputs.filter(|_| phase == "apply"),
    }
}

fn text(phase: &str, event: &Event) -> Option<String> {
    match event.kind.as_str() {
        "diagnostic" => event.diagnostic.as_ref().map(diagnostic),
        // Said better by the plan itself, or by the page.
        "version" | "planned_change" | "resource_drift" | "outputs" => None,
        "change_summary" if phase == "plan" => None,
        _ if event.message.is_empty() => None,
        _ if event.level == "error" => Some(format!("Error: {}", event.message)),
        _ => Some(event.message.clone()),
    }
}

fn diagnostic(one: &Diagnostic) -> String {
    let mut out = match one.severity.as_str() {
        "warning" => format!("Warning: {}", one.summary),
        _ => format!("Error: {}", one.summary),
    };
    if let Some(address) = &one.address {
        let _ = write!(out, "\n  with {address}");
    }
    if let Some(range) = &one.range {
        let _ = write!(out, "\n  on {} line {}", range.filename, range.start.line);
        if let Some(context) = one
            .snippet
            .as_ref()
            .and_then(|snippet| snippet.context.as_ref())
        {
            let _ = write!(out, ", in {context}");
        }
    }
    if let Some(snippet) = &one.snippet {
        for (line, code) in (snippet.start_line..).zip(snippet.code.lines()) {
            let _ = write!(out, "\n  {line:>4}: {code}");
        }
    }
    for line in one.detail.lines() {
        let _ = write!(out, "\n  {line}");
    }
    out
}

fn journal(event: &Event) -> Option<JournalEntry> {
    let phase = match event.kind.as_str() {
        "apply_start" => "start",
        "apply_complete" => "complete",
        "apply_errored" => "errored",
        _ => return None,
    };
    let hook = event.hook.as_ref()?;
    if hook.action == "read" || hook.action == "noop" {
        return None;
    }
    Some(JournalEntry {
        address: hook.resource.addr.clone(),
        action: hook.action.clone(),
        phase: phase.to_owned(),
        id_value: hook.id_value.clone().filter(|id| !id.is_empty()),
    })
}
