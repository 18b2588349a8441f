//! The browser's program: `wasm-bindgen` in this process, then `wasm-opt`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::name;

/// What rustc's wasm32 target uses today; browsers have it all since 2022.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// The JavaScript and wasm a page loads.
pub(crate) struct Program {
    /// The module with the init function, which takes the wasm's address: the
    /// page passes the hashed one.
    pub(crate) js: String,
    /// The compiled program.
    pub(crate) wasm: Vec<u8>,
    /// Scripts that crates bring along, by the name they are served by.
    pub(crate) snippets: BTreeMap<String, String>,
}

/// Makes the program from what cargo compiled.
pub(crate) fn program(compiled: &Path, wasm_opt: Option<&Path>) -> Result<Program> {
    let mut output = Bindgen::new()
        .input_path(compiled)
        .web(true)?
        .out_name("groundcrew")
        .demangle(false)
        .remove_producers_section(true)
        .remove_name_section(wasm_opt.is_some())
        .generate_output()
        .with_context(|| format!("wasm-bindgen on {}", compiled.display()))?;
    let wasm = output.wasm_mut().emit_wasm();
    let mut js = output.js().to_owned();
    let mut snippets = BTreeMap::new();
    for (path, content) in snippet_files(&output) {
        let served = name::hashed(&path, content.as_bytes());
        js = js.replace(&format!("./snippets/{path}"), &format!("./{served}"));
        snippets.insert(served, content);
    }
    if js.contains("./snippets/") {
        bail!("wasm-bindgen refers to a snippet that it did not write");
    }
    let wasm = match wasm_opt {
        Some(tool) => optimised(tool, &wasm)?,
        None => wasm,
    };
    Ok(Program { js, wasm, snippets })
}

fn snippet_files(output: &wasm_bindgen_cli_support::Output) -> Vec<(String, String)> {
    let inline = output.snippets().iter().flat_map(|(crate_id, list)| {
        list.iter()
            .enumerate()
            .map(move |(i, js)| (format!("{crate_id}/inline{i}.js"), js.clone()))
    });
    let modules = output
        .local_modules()
        .iter()
        .map(|(path, js)| (path.clone(), js.clone()));
    inline.chain(modules).collect()
}

fn optimised(tool: &Path, wasm: &[u8]) -> Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let (before, after) = (
        folder.path().join("before.wasm"),
        folder.path().join("after.wasm"),
    );
    fs::write(&before, wasm)?;
    let run = Command::new(tool)
        .arg("-Oz")
        .args(FEATURES)
        .arg(&before)
        .arg("-o")
        .arg(&after)
        .output()
        .with_context(|| format!("cannot start {}", tool.display()))?;
    if !run.status.success() {
        bail!(
            "{} failed: {}",
            tool.display(),
            String::from_utf8_lossy(&run.stderr).trim()
        );
    }
    fs::read(&after).with_context(|| format!("{} wrote nothing", tool.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_optimiser_is_named() {
        let error = optimised(Path::new("/nowhere/wasm-opt"), b"").expect_err("not there");
        assert!(error.to_string().contains("/nowhere/wasm-opt"));
    }

    #[test]
    fn a_failing_optimiser_is_quoted() {
        let error = optimised(Path::new("false"), b"").expect_err("it fails");
        assert!(error.to_string().contains("false failed"));
    }
}
