//! The site folder: what is in it, and putting it there in one move.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::options::Options;
use crate::{compress, inputs, name, script, style};

/// A file of the site, before compression.
pub(crate) struct File {
    /// The name people use, such as `main.css`.
    logical: String,
    /// The name it is served by.
    served: String,
    content: Vec<u8>,
}

impl File {
    fn new(logical: &str, content: Vec<u8>) -> Self {
        Self {
            logical: logical.to_owned(),
            served: name::hashed(logical, &content),
            content,
        }
    }
}

/// Makes every file of the site.
pub(crate) fn assemble(options: &Options) -> Result<Vec<File>> {
    let mut files = static_files(&options.statics)?;
    let names = files
        .iter()
        .map(|file| (file.logical.clone(), file.served.clone()))
        .collect();
    let css = style::bundle(&options.style, &names)?;
    files.push(File::new("groundcrew.css", css.into_bytes()));
    let program = script::program(&options.wasm, options.wasm_opt.as_deref())?;
    files.push(File::new("groundcrew.js", program.js.into_bytes()));
    files.push(File::new("groundcrew_bg.wasm", program.wasm));
    for (served, js) in program.snippets {
        files.push(File {
            logical: served.clone(),
            served,
            content: js.into_bytes(),
        });
    }
    Ok(files)
}

fn static_files(folder: &Path) -> Result<Vec<File>> {
    let mut files: Vec<File> = Vec::new();
    for path in inputs::files_below(folder)? {
        let Some(logical) = path.file_name().and_then(|name| name.to_str()) else {
            bail!("{} has a name that cannot be served", path.display());
        };
        if files.iter().any(|file| file.logical == logical) {
            bail!("two static files are called {logical}; the site has no folders");
        }
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        files.push(File::new(logical, content));
    }
    Ok(files)
}

/// Writes the site beside `out` and moves it there when it is complete. Says
/// what was written.
pub(crate) fn write(out: &Path, files: Vec<File>, compressed: bool) -> Result<String> {
    let fresh = out.with_extension("fresh");
    let old = out.with_extension("old");
    for leftover in [&fresh, &old] {
        if leftover.exists() {
            fs::remove_dir_all(leftover)?;
        }
    }
    fs::create_dir_all(&fresh).with_context(|| format!("cannot create {}", fresh.display()))?;

    let mut manifest = BTreeMap::new();
    let mut summary = format!("assets: {}", out.display());
    for file in files {
        let sizes = write_one(&fresh, &file, compressed)?;
        write!(summary, "\n  {:<28} {sizes}", file.served)?;
        manifest.insert(file.logical, file.served);
    }
    if !compressed {
        summary.push_str("\n  (fast: wasm-opt and compression left out)");
    }
    fs::write(
        fresh.join("manifest.json"),
        serde_json::to_vec_pretty(&manifest)?,
    )?;

    if out.exists() {
        fs::rename(out, &old)?;
    }
    fs::rename(&fresh, out)
        .with_context(|| format!("cannot move the site to {}", out.display()))?;
    if old.exists() {
        fs::remove_dir_all(&old)?;
    }
    Ok(summary)
}

fn write_one(folder: &Path, file: &File, compressed: bool) -> Result<String> {
    fs::write(folder.join(&file.served), &file.content)?;
    let mut sizes = format!("{} bytes", file.content.len());
    if compressed && compress::worth_it(&file.served) {
        let (br, gz) = (
            compress::brotli(&file.content)?,
            compress::gzip(&file.content)?,
        );
        write!(sizes, ", {} br, {} gz", br.len(), gz.len())?;
        fs::write(folder.join(format!("{}.br", file.served)), br)?;
        fs::write(folder.join(format!("{}.gz", file.served)), gz)?;
    }
    Ok(sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_site_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("site");
        write(&out, vec![File::new("main.css", b"a{}".to_vec())], true).expect("written");
        let first = name::hashed("main.css", b"a{}");
        assert!(
            out.join(format!("{first}.br")).exists() && out.join(format!("{first}.gz")).exists()
        );

        let second = name::hashed("main.css", b"b{}");
        write(&out, vec![File::new("main.css", b"b{}".to_vec())], false).expect("written");
        assert!(!out.join(first).exists() && out.join(&second).exists());
        assert!(!out.join(format!("{second}.br")).exists());
        let manifest = fs::read_to_string(out.join("manifest.json")).expect("there");
        assert!(manifest.contains(&format!("\"main.css\": \"{second}\"")));
        let left: Vec<_> = fs::read_dir(folder.path()).expect("read").collect();
        assert_eq!(left.len(), 1, "nothing else is left behind");
    }

    #[test]
    fn two_static_files_of_one_name_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("a")).expect("made");
        fs::write(folder.path().join("x.svg"), "").expect("written");
        fs::write(folder.path().join("a/x.svg"), "").expect("written");
        assert!(static_files(folder.path()).is_err());
    }
}
