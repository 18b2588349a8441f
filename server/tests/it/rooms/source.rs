//! Reading the workspace's own source.

use std::fs;
use std::path::Path;

/// A file, without comments and without its test module.
pub(super) struct Source {
    /// From the workspace's root, with `/`.
    pub(super) path: String,
    lines: Vec<(usize, String)>,
}

impl Source {
    /// The lines that hold one of the patterns, with their place.
    pub(super) fn lines_with(&self, patterns: &[&str]) -> Vec<String> {
        self.lines
            .iter()
            .filter(|(_, line)| patterns.iter().any(|pattern| line.contains(pattern.trim())))
            .map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim()))
            .collect()
    }

    /// Tests may say what production code may not.
    pub(super) fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("/tests.rs")
    }

    /// The only place of SQL: `ops.rs`, or a file of a noun's `ops/`.
    pub(super) fn is_ops(&self) -> bool {
        self.path.starts_with("platform/src/")
            && (self.path.ends_with("/ops.rs") || self.path.contains("/ops/"))
    }
}

/// All Rust sources and manifests of the crates, but not this check itself.
pub(super) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for room in ["platform", "app", "runner", "server", "assets", "faults"] {
        collect(&root().join(room), &mut found);
    }
    found.retain(|source| !source.path.starts_with("server/tests/it/rooms/"));
    assert!(found.len() > 50, "the source was not found");
    found
}

/// The workspace's root.
pub(super) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("a folder of the workspace") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path
            .extension()
            .is_some_and(|ext| ext == "rs" || ext == "toml")
        {
            let text = fs::read_to_string(&path).expect("UTF-8");
            let path = path
                .strip_prefix(root())
                .expect("below the root")
                .display()
                .to_string();
            found.push(Source {
                path,
                lines: lines(&text),
            });
        }
    }
}

/// Numbered lines up to an inline test module, comments left out.
fn lines(text: &str) -> Vec<(usize, String)> {
    let code = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(text);
    (1..)
        .zip(code.lines())
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| (number, line.to_owned()))
        .collect()
}

#[test]
fn comments_and_inline_tests_are_left_out() {
    let read = lines("a();\n// b();\n    /// c();\n#[cfg(test)]\nmod tests {\n d();\n}\n");
    assert_eq!(read, [(1, "a();".to_owned())]);
}
