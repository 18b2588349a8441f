//! How far the spool has been read: what whoever takes over needs.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
};

use serde::{Deserialize, Serialize};

use crate::folder::Folder;

/// Where one source can be read again from, so that the same comes out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Bytes of the raw file read when nothing was held back last.
    pub raw: u64,
    /// Masked bytes that have come out since.
    pub skip: u64,
    /// Entries of the journal that have come out since.
    pub entries: u64,
}

/// All of it. Written before a chunk is cut or an entry uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Number of the process.
    pub process: u32,
    /// Its phase.
    pub phase: String,
    /// Whether its lines go through the driver.
    pub lines: bool,
    /// Its output.
    pub out: Place,
    /// Its complaints, where they are apart.
    pub err: Place,
    /// Bytes of the masked log that are certain.
    pub book: u64,
    /// Entries of the journal that are certain.
    pub journal: i64,
}

/// Most bytes of a mark.
const SIZE: usize = 512;

impl Mark {
    /// The file it is kept in.
    pub fn file(folder: &Folder) -> io::Result<File> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.path("mark.json"))
    }

    /// Keeps it: one write, so that it is there whole or not at all.
    pub fn keep(&self, file: &File) -> io::Result<()> {
        let mut text = serde_json::to_vec(self)?;
        text.resize(SIZE.max(text.len()), b' ');
        file.write_all_at(&text, 0)
    }

    /// The one kept.
    pub fn kept(folder: &Folder) -> Option<Self> {
        folder.json("mark.json")
    }
}
