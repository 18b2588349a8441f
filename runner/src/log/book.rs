//! What of a log may be shown: one file, cut into chunks of at most 64 KiB.

use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    time::Instant,
};

use platform::jobs::wire::LOG_CHUNK;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::folder::Folder;

/// A full chunk.
const FULL: u32 = 64 * 1024;
const _: () = assert!(FULL as usize == LOG_CHUNK);

/// How much of a log is kept. What lies between head and tail is left out, and the log says so: the
/// volume of a log never changes how a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// Bytes from the beginning.
    pub head: u64,
    /// Bytes to the end.
    pub tail: usize,
}

impl Default for Quota {
    fn default() -> Self {
        Self {
            head: 32 * 1024 * 1024,
            tail: 4 * 1024 * 1024,
        }
    }
}

/// A piece that is uploaded as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Where it begins.
    pub from: u64,
    /// How long it is.
    pub length: u32,
}

/// The masked log.
pub struct Book {
    file: File,
    cuts: File,
    quota: Quota,
    length: u64,
    lines: i64,
    ends_line: bool,
    chunks: Vec<Chunk>,
    cut_to: u64,
    uncut_since: Option<Instant>,
    tail: VecDeque<u8>,
    left_out: u64,
    digest: Sha256,
}

impl Book {
    /// A new one, or the one that is there, cut back to `to` bytes: what lies behind was never seen
    /// by anybody else.
    pub fn open(folder: &Folder, quota: Quota, to: Option<u64>) -> io::Result<Self> {
        let open = |name: &str| {
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(to.is_none())
                .mode(0o600)
                .open(folder.path(name))
        };
        let mut book = Self {
            file: open("masked.log")?,
            cuts: open("chunks")?,
            quota,
            length: 0,
            lines: 0,
            ends_line: true,
            chunks: Vec::new(),
            cut_to: 0,
            uncut_since: None,
            tail: VecDeque::new(),
            left_out: 0,
            digest: Sha256::new(),
        };
        if let Some(to) = to {
            book.read_back(to)?;
        }
        Ok(book)
    }

    fn read_back(&mut self, to: u64) -> io::Result<()> {
        let mut cuts = Vec::new();
        self.cuts.read_to_end(&mut cuts)?;
        for record in cuts.as_chunks::<4>().0 {
            let length = u32::from_le_bytes(*record);
            self.chunks.push(Chunk {
                from: self.cut_to,
                length,
            });
            self.cut_to += u64::from(length);
        }
        let to = to.max(self.cut_to);
        self.file.set_len(to)?;
        self.file.seek(SeekFrom::Start(0))?;
        let mut piece = vec![0; LOG_CHUNK];
        loop {
            let read = self.file.read(&mut piece)?;
            if read == 0 {
                break;
            }
            self.count(&piece[..read]);
        }
        if self.length > self.cut_to {
            self.uncut_since = Some(Instant::now());
        }
        Ok(())
    }

    fn count(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.digest.update(bytes);
        self.lines += bytes
            .iter()
            .fold(0, |sum, byte| sum + i64::from(*byte == b'\n'));
        self.ends_line = bytes.last().is_none_or(|byte| *byte == b'\n');
    }

    /// Adds masked bytes; over the quota they only count as the tail.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room =
            usize::try_from(self.quota.head.saturating_sub(self.length)).unwrap_or(usize::MAX);
        let (head, rest) = bytes.split_at(room.min(bytes.len()));
        self.append(head)?;
        self.tail.extend(rest);
        if self.tail.len() > self.quota.tail {
            let over = self.tail.len() - self.quota.tail;
            self.tail.drain(..over);
            self.left_out += over as u64;
        }
        Ok(())
    }

    /// Whether the last line has its break.
    pub fn ends_line(&self) -> bool {
        self.tail
            .back()
            .map_or(self.ends_line, |byte| *byte == b'\n')
    }

    /// Nothing more comes: the tail moves up, with a word about what is missing.
    pub fn close(&mut self) -> io::Result<()> {
        let tail: Vec<u8> = std::mem::take(&mut self.tail).into();
        if self.left_out > 0 {
            let notice = format!(
                "\ngroundcrew: {} bytes are left out here: a log keeps its first {} and its last {} bytes\n",
                self.left_out, self.quota.head, self.quota.tail
            );
            self.append(notice.as_bytes())?;
        }
        self.append(&tail)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.file.write_all_at(bytes, self.length)?;
        self.count(bytes);
        self.uncut_since.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// Cuts every full chunk, and with `all` what is left as well. Answers whether there is a new one.
    pub fn cut(&mut self, all: bool) -> io::Result<bool> {
        let before = self.chunks.len();
        while self.length - self.cut_to >= FULL.into() {
            self.cut_one(FULL)?;
        }
        let rest = u32::try_from(self.length - self.cut_to).unwrap_or(FULL);
        if all && rest > 0 {
            self.cut_one(rest)?;
        }
        if self.cut_to == self.length {
            self.uncut_since = None;
        }
        Ok(self.chunks.len() > before)
    }

    fn cut_one(&mut self, length: u32) -> io::Result<()> {
        let place = self.chunks.len() as u64 * 4;
        self.cuts.write_all_at(&length.to_le_bytes(), place)?;
        self.chunks.push(Chunk {
            from: self.cut_to,
            length,
        });
        self.cut_to += u64::from(length);
        Ok(())
    }

    /// Since when bytes wait to be cut.
    pub fn uncut_since(&self) -> Option<Instant> {
        self.uncut_since
    }

    /// How many chunks are cut.
    pub fn chunks(&self) -> i64 {
        i64::try_from(self.chunks.len()).unwrap_or(i64::MAX)
    }

    /// Bytes of a chunk; nothing when it is not cut yet.
    pub fn read(&self, seq: i64) -> io::Result<Option<Vec<u8>>> {
        let at = usize::try_from(seq).unwrap_or(usize::MAX);
        let Some(chunk) = self.chunks.get(at) else {
            return Ok(None);
        };
        let mut bytes = vec![0; chunk.length as usize];
        self.file.read_exact_at(&mut bytes, chunk.from)?;
        Ok(Some(bytes))
    }

    /// Bytes written.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Number of the line that is written next, from 1.
    pub fn next_line(&self) -> i64 {
        self.lines + 1
    }

    /// SHA-256 of all of it, 64 hex digits.
    pub fn digest(&self) -> String {
        hex::encode(self.digest.clone().finalize())
    }
}
