//! Knowing that nothing changed: a digest of everything that goes in, kept
//! beside the site folder.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::options::Options;

/// Raised when this tool would write something else for the same input.
const RECIPE: &str = "1";

/// The digest of all input files and of the way they are treated.
pub(crate) fn fingerprint(options: &Options) -> Result<String> {
    let mut digest = Sha256::new();
    digest.update(format!("{RECIPE} {} {:?}", options.fast, options.wasm_opt));
    let style_folder = options.style.parent().unwrap_or(Path::new("."));
    let mut files = vec![options.wasm.clone()];
    files.extend(files_below(style_folder)?);
    files.extend(files_below(&options.statics)?);
    for file in files {
        let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        digest.update(format!("\n{} {} ", file.display(), content.len()));
        digest.update(content);
    }
    Ok(hex::encode(digest.finalize()))
}

/// Whether the site in `out` was made from inputs with this fingerprint.
pub(crate) fn unchanged(out: &Path, fingerprint: &str) -> bool {
    out.join("manifest.json").exists()
        && fs::read_to_string(record_of(out)).is_ok_and(|known| known == fingerprint)
}

/// Notes what the site in `out` was made from.
pub(crate) fn remember(out: &Path, fingerprint: &str) -> Result<()> {
    let record = record_of(out);
    fs::write(&record, fingerprint).with_context(|| format!("cannot write {}", record.display()))
}

/// All files below a folder, in a stable order.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn record_of(out: &Path) -> PathBuf {
    out.with_extension("inputs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_input_changes_the_fingerprint() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("style/static")).expect("made");
        for (name, text) in [
            ("app.wasm", "w"),
            ("style/main.css", "c"),
            ("style/static/a.svg", "s"),
        ] {
            fs::write(at(name), text).expect("written");
        }
        let options = Options {
            wasm: at("app.wasm"),
            style: at("style/main.css"),
            statics: at("style/static"),
            out: at("site"),
            wasm_opt: None,
            fast: true,
        };
        let before = fingerprint(&options).expect("read");
        assert_eq!(before, fingerprint(&options).expect("read"));
        fs::write(at("style/static/a.svg"), "t").expect("written");
        assert_ne!(before, fingerprint(&options).expect("read"));
    }

    #[test]
    fn a_site_without_manifest_is_never_up_to_date() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("site");
        fs::create_dir(&out).expect("made");
        remember(&out, "x").expect("written");
        assert!(!unchanged(&out, "x"));
        fs::write(out.join("manifest.json"), "{}").expect("written");
        assert!(unchanged(&out, "x") && !unchanged(&out, "y"));
    }
}
