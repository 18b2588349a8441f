//! What a plan file knows beside the plan: a zip with the prior state and the lock file.

use std::io::{Cursor, Read as _};

use serde::Deserialize;
use zip::ZipArchive;

use super::super::Refusal;

/// Most bytes read of one entry.
const MOST: u64 = 128 * 1024 * 1024;

/// A plan file.
#[derive(Debug)]
pub(super) struct Archive {
    /// Serial of the state it was made from; none when there was no state.
    pub(super) serial: Option<i64>,
    /// The lock file of its providers.
    pub(super) lock_file: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct Prior {
    #[serde(default)]
    serial: i64,
    #[serde(default)]
    lineage: String,
}

impl Archive {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let broken = |error: zip::result::ZipError| {
            Refusal::permanent(format!("the plan file cannot be read: {error}"))
        };
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
        let prior = entry(&mut zip, "tfstate")?;
        let prior = prior.and_then(|json| serde_json::from_slice::<Prior>(&json).ok());
        Ok(Self {
            serial: prior
                .filter(|state| !state.lineage.is_empty())
                .map(|state| state.serial),
            lock_file: entry(&mut zip, ".terraform.lock.hcl")?,
        })
    }

    /// Whether providers must be there before it can be applied.
    pub(super) fn needs_providers(&self) -> bool {
        let lock = self.lock_file.as_deref().unwrap_or(b"provider");
        String::from_utf8_lossy(lock)
            .lines()
            .any(|line| line.trim_start().starts_with("provider"))
    }
}

fn entry(zip: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
    let Ok(file) = zip.by_name(name) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(MOST)
        .read_to_end(&mut bytes)
        .map_err(|error| Refusal::permanent(format!("the plan file's {name}: {error}")))?;
    Ok(Some(bytes))
}
