//! A unified diff as a plan: one resource for each file. `kubectl diff`, `git diff --no-index`,
//! `diff -ruN` write it.

use std::path::Path;

use platform::plans::{Change, Effect, Plan};
use serde_json::json;

/// Reads it. What stands before the first file is left out.
pub(super) fn plan(tool: &str, text: &str) -> Plan {
    let name = Path::new(tool)
        .file_name()
        .map_or(tool.into(), std::ffi::OsStr::to_string_lossy);
    let mut plan = Plan::new(&name, "diff");
    let mut file: Option<File> = None;
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().and_then(|next| next.strip_prefix("+++ "));
        if let (Some(old), Some(new)) = (line.strip_prefix("--- "), next) {
            plan.resources.extend(file.take().map(File::change));
            file = Some(File::new(old, new));
            lines.next();
        } else if let Some(file) = &mut file {
            file.line(line);
        }
    }
    plan.resources.extend(file.map(File::change));
    plan.sort();
    plan.resources.dedup_by(|a, b| a.address == b.address);
    plan
}

struct File {
    address: String,
    before: Vec<String>,
    after: Vec<String>,
    /// The hunks begin at line 0: there was, or will be, nothing.
    made: bool,
    removed: bool,
}

impl File {
    fn new(old: &str, new: &str) -> Self {
        let named = |side: &str| side.split('\t').next().unwrap_or(side).to_owned();
        let (old, new) = (named(old), named(new));
        let path = if new == "/dev/null" { &old } else { &new };
        let address = Path::new(path).file_name();
        Self {
            address: address.map_or_else(|| path.clone(), |one| one.to_string_lossy().into_owned()),
            before: Vec::new(),
            after: Vec::new(),
            made: old == "/dev/null",
            removed: new == "/dev/null",
        }
    }

    fn line(&mut self, line: &str) {
        if let Some(hunk) = line.strip_prefix("@@ ") {
            self.made |= hunk.starts_with("-0,0 ");
            self.removed |= hunk.contains(" +0,0 ");
        } else if let Some(gone) = line.strip_prefix('-') {
            self.before.push(gone.to_owned());
        } else if let Some(come) = line.strip_prefix('+') {
            self.after.push(come.to_owned());
        }
    }

    fn change(self) -> Change {
        let action = match (self.made, self.removed) {
            (true, _) => Effect::Add,
            (_, true) => Effect::Remove,
            _ => Effect::Change,
        };
        let side = |lines: Vec<String>| json!({ "lines": lines.join("\n") });
        Change {
            address: self.address,
            kind: "file".to_owned(),
            action,
            before: (!self.made).then(|| side(self.before)),
            after: (!self.removed).then(|| side(self.after)),
            reasons: Vec::new(),
            moved_from: None,
            import_id: None,
        }
    }
}
