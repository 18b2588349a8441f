//! Programs that are Python scripts: what they need to read.

use std::{
    fs,
    path::{Path, PathBuf},
};

use platform::jobs::ErrorClass;

use super::{At, Refusal};

/// A program and the folders it lives from.
pub(super) struct Program {
    pub(super) path: PathBuf,
    /// Its virtual environment, and the Python that was made from.
    pub(super) needs: Vec<PathBuf>,
}

/// Finds a program on the child's `PATH`.
pub(super) fn program(at: &At, name: &str) -> Result<Program, Refusal> {
    let path = on_path(at, name).ok_or_else(|| Refusal {
        class: ErrorClass::NoTool,
        why: format!("this worker has no {name}: install it and let PATH name it"),
    })?;
    let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
    let mut needs = vec![path.clone(), real.clone()];
    if let Some(root) = real.parent().and_then(Path::parent) {
        // `/usr` is open to every child anyway.
        if root.join("pyvenv.cfg").is_file() {
            needs.push(root.to_owned());
            let python = fs::canonicalize(root.join("bin/python3")).ok();
            needs.extend(
                python
                    .as_deref()
                    .and_then(Path::parent)
                    .and_then(Path::parent)
                    .map(Path::to_owned),
            );
        }
    }
    Ok(Program { path: real, needs })
}

/// Where the child's `PATH` has it.
pub(super) fn on_path(at: &At, name: &str) -> Option<PathBuf> {
    std::env::split_paths(&at.path)
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}
