//! Files a person can hold in mind (STYLE.md, 10).

use std::fs;
use std::path::Path;

use super::source::root;

const MEDIAN: usize = 100;
const NINETY_FIVE_PERCENT: usize = 300;
const LARGEST: usize = 500;

const WRITTEN_BY_HAND: [&str; 8] = ["rs", "ts", "js", "mjs", "css", "sql", "sh", "py"];

#[test]
fn files_stay_small() {
    let mut files = Vec::new();
    for folder in [
        "platform",
        "app",
        "runner",
        "server",
        "assets",
        "faults",
        "migrations",
        "style",
        "e2e",
        "scripts",
    ] {
        collect(&root().join(folder), &mut files);
    }
    files.sort();
    assert!(files.len() > 100, "the source was not found");
    let (largest, name) = files.last().expect("some").clone();
    let at = |percent: usize| files[(files.len() * percent / 100).min(files.len() - 1)].0;
    assert!(
        largest <= LARGEST,
        "{name} has {largest} lines, the limit is {LARGEST}"
    );
    assert!(
        at(50) < MEDIAN,
        "the median file has {} lines, the limit is {MEDIAN}",
        at(50)
    );
    assert!(
        at(95) < NINETY_FIVE_PERCENT,
        "5 % of the files have {} lines or more, the limit is {NINETY_FIVE_PERCENT}",
        at(95)
    );
}

fn collect(folder: &Path, files: &mut Vec<(usize, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the workspace") {
        let path = entry.expect("readable").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            if !["node_modules", "results", "report"].contains(&name) {
                collect(&path, files);
            }
        } else if counts(&path) {
            let text = fs::read_to_string(&path).expect("UTF-8");
            files.push((text.lines().count(), path.display().to_string()));
        }
    }
}

/// Written by hand: source by its extension, and scripts without one.
fn counts(path: &Path) -> bool {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => WRITTEN_BY_HAND.contains(&extension),
        None => path
            .parent()
            .is_some_and(|folder| folder.ends_with("scripts")),
    }
}
