//! One file of the platform repository: bytes into text, and findings with their place.

use std::{fs, io, path::Path};

use granit_parser::Marker;

use super::Finding;

/// Largest file.
const SIZE: u64 = 1024 * 1024;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    line: u32,
    column: u32,
}

impl At {
    /// The file as a whole.
    pub(super) const FILE: Self = Self { line: 0, column: 0 };

    pub(super) fn of(marker: Marker) -> Self {
        let short = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            line: short(marker.line()),
            column: short(marker.col()).saturating_add(1),
        }
    }
}

/// A file being read, and what was found wrong with it.
pub(super) struct Source {
    file: String,
    findings: Vec<Finding>,
}

impl Source {
    pub(super) fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            findings: Vec::new(),
        }
    }

    /// Adds a finding.
    pub(super) fn find(
        &mut self,
        at: At,
        code: &str,
        what: impl Into<String>,
        why: impl Into<String>,
    ) {
        self.find_with(at, code, what, why, String::new());
    }

    /// Adds a finding with a hint.
    pub(super) fn find_with(
        &mut self,
        at: At,
        code: &str,
        what: impl Into<String>,
        why: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.findings.push(Finding {
            file: self.file.clone(),
            line: at.line,
            column: at.column,
            code: code.to_owned(),
            what: what.into(),
            why: why.into(),
            hint: hint.into(),
            live: String::new(),
        });
    }

    /// Everything found, in the order of the file.
    pub(super) fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort_by_key(|one| (one.line, one.column));
        self.findings
    }

    /// Text of a file in `folder`, which must be inside it, small and UTF-8.
    pub(super) fn read(&mut self, folder: &Path) -> Option<String> {
        let path = folder.join(&self.file);
        let real = match path.canonicalize() {
            Ok(real) => real,
            Err(error) => {
                self.unreadable(&error);
                return None;
            }
        };
        let root = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if !real.starts_with(&root) {
            let what = "this is a link out of the repository";
            let why = "everything the repository says must be in the repository";
            self.find(At::FILE, "E-LINK", what, why);
            return None;
        }
        match fs::metadata(&real) {
            Ok(meta) if meta.len() > SIZE => {
                let what = format!("the file has {} bytes", meta.len());
                self.find(At::FILE, "E-SIZE", what, "1 MiB is the most");
                return None;
            }
            Ok(meta) if meta.is_file() => {}
            Ok(_) => {
                self.find(
                    At::FILE,
                    "E-READ",
                    "this is not a file",
                    "a file is expected here",
                );
                return None;
            }
            Err(error) => {
                self.unreadable(&error);
                return None;
            }
        }
        let bytes = match fs::read(&real) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.unreadable(&error);
                return None;
            }
        };
        match String::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(error) => {
                let place = error.utf8_error().valid_up_to();
                let what = format!("byte {place} is not UTF-8");
                let at = position(&error.as_bytes()[..place]);
                self.find(at, "E-UTF8", what, "files are UTF-8 text");
                None
            }
        }
    }

    fn unreadable(&mut self, error: &io::Error) {
        if error.kind() == io::ErrorKind::NotFound {
            let why = "the repository must have it";
            self.find(At::FILE, "E-READ", "the file is missing", why);
        } else {
            self.find(
                At::FILE,
                "E-READ",
                "the file cannot be read",
                error.to_string(),
            );
        }
    }
}

/// Line and column after these bytes.
fn position(before: &[u8]) -> At {
    let text = String::from_utf8_lossy(before);
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    At {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
    }
}
