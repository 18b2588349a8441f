//! Where a driver works.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Component, Path, PathBuf},
};

use platform::jobs::wire::Assignment;
use serde::de::DeserializeOwned;

use super::Refusal;

/// An attempt's assignment and folders.
pub struct At {
    /// What is to be done, with its secrets.
    pub assignment: Assignment,
    /// The child's working folder; the child may read and write it.
    pub work: PathBuf,
    /// Files the child may not read: captured output, the consumed plan file.
    pub private: PathBuf,
    /// For secrets the child reads as files: memory where the machine has it, wiped at the end. The
    /// child may read and write it, no other child may.
    pub vault: PathBuf,
    /// The consumed plan file, its digest checked; in `private`.
    pub plan_file: Option<PathBuf>,
    /// Address of the stack's state for Terraform's HTTP backend; user `attempt`, password the
    /// attempt's token.
    pub state_address: Option<String>,
    /// Our own binary, for `groundcrew drive`.
    pub binary: PathBuf,
    /// The child's `PATH`: where its tools are.
    pub path: String,
    /// Internal networks the driver `http` may call.
    pub internal: Vec<ipnet::IpNet>,
    /// Folder of provider mirrors and plugin caches all attempts may read and none may write.
    pub mirror: Option<PathBuf>,
}

impl At {
    /// The step's words as the driver's own type. The server has checked them; an older worker may
    /// not know them all.
    pub fn spec<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_value(self.assignment.spec.clone()).map_err(|error| {
            Refusal::permanent(format!("the step's spec is not understood: {error}"))
        })
    }

    /// Writes a file (0600) below `work`, with the folders (0700) it needs. The name may not leave
    /// `work`.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Refusal> {
        write(&self.work, name, bytes)
    }

    /// Writes a secret file (0600) below `vault`.
    pub fn write_secret(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, Refusal> {
        write(&self.vault, name, bytes)
    }

    /// What a phase with [`super::Stdout::File`] wrote.
    pub fn captured(&self, name: &str) -> Result<Vec<u8>, Refusal> {
        fs::read(self.private.join(name)).map_err(|error| Refusal::machine(name, &error))
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, Refusal> {
    let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
    if name.is_empty() || !Path::new(name).components().all(inside) {
        return Err(Refusal::permanent(format!(
            "{name:?} is no name of a file inside the working folder"
        )));
    }
    let path = folder.join(name);
    put(&path, bytes).map_err(|error| Refusal::machine(name, &error))?;
    Ok(path)
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)?;
    }
    fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?
        .write_all(bytes)
}
