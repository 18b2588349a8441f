//! The data folder: made, private, writable, and used by one portal at a time.

use std::{
    fs::{self, File, TryLockError},
    io::Write as _,
    os::unix::fs::DirBuilderExt as _,
    path::Path,
};

use anyhow::{Context as _, anyhow};
use nix::unistd::Uid;

/// Holds the folder for as long as it lives; the system lets go of it when the process dies.
#[derive(Debug)]
pub struct DataFolder {
    _lock: File,
}

impl DataFolder {
    /// Makes the folder where it is missing and takes it.
    pub fn take(path: &Path) -> anyhow::Result<Self> {
        let setting = "Set --data (GROUNDCREW_DATA) to a folder the portal may write to";
        // Root's embedded database runs as another user, who must be able to pass through.
        let mode = if Uid::effective().is_root() {
            0o711
        } else {
            0o700
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(mode)
            .create(path)
            .with_context(|| {
                format!(
                    "the data folder {} cannot be made. {setting}",
                    path.display()
                )
            })?;
        let lock = path.join("lock");
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&lock)
            .with_context(|| {
                format!(
                    "the data folder {} cannot be written to. {setting}",
                    path.display()
                )
            })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = fs::read_to_string(&lock).unwrap_or_default();
                return Err(anyhow!(
                    "another groundcrew (process {}) uses the data folder {}. Stop it, or give this \
                     one a folder of its own with --data (GROUNDCREW_DATA)",
                    holder.trim(),
                    path.display()
                ));
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("{} cannot be locked", lock.display()));
            }
        }
        file.set_len(0)?;
        write!(file, "{}", std::process::id())
            .with_context(|| format!("{} cannot be written to. {setting}", path.display()))?;
        Ok(Self { _lock: file })
    }
}
