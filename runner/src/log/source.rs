//! One file a child writes into, read as it grows.

use std::{fs::File, io, os::unix::fs::FileExt as _, path::PathBuf};

use nix::fcntl::{FallocateFlags, fallocate};

use super::{Hear, Place};
use crate::mask::{Masker, Patterns};

/// A line longer than this goes on in pieces, unheard by the driver.
const LINE: usize = 8 * 1024 * 1024;
/// Read at once.
const PIECE: usize = 256 * 1024;
/// What has been read is given back to the disk in steps of this, and as much stays.
const GIVE_BACK: u64 = 8 * 1024 * 1024;

/// Reads one spool file.
pub struct Source {
    path: PathBuf,
    file: Option<File>,
    read: u64,
    given_back: u64,
    masker: Masker,
    /// Whether lines go through the driver.
    lines: bool,
    partial: Vec<u8>,
    place: Place,
    /// What has to be passed over after taking up again.
    pass_over: Place,
}

impl Source {
    /// From a place on; from the beginning by default.
    pub fn new(path: PathBuf, lines: bool, patterns: Patterns, from: Place) -> Self {
        Self {
            path,
            file: None,
            read: from.raw,
            given_back: 0,
            masker: Masker::new(patterns),
            lines,
            partial: Vec::new(),
            place: Place {
                raw: from.raw,
                ..Place::default()
            },
            pass_over: from,
        }
    }

    /// Reads what has come, at most some; adds to `out` and `journal` what may be shown. Answers how
    /// many raw bytes were read.
    pub fn pump(&mut self, hear: &mut Hear<'_>, out: &mut Vec<u8>) -> io::Result<usize> {
        if self.file.is_none() {
            match File::options().read(true).write(true).open(&self.path) {
                Ok(file) => self.file = Some(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
                Err(error) => return Err(error),
            }
        }
        let Some(file) = &self.file else { return Ok(0) };
        let mut piece = vec![0; PIECE];
        let read = file.read_at(&mut piece, self.read)?;
        piece.truncate(read);
        self.read += read as u64;
        if read > 0 {
            self.take_in(&piece, hear, out);
            self.give_back();
        }
        Ok(read)
    }

    /// Nothing has come for a while.
    pub fn idle(&mut self, out: &mut Vec<u8>) {
        let mut text = Vec::new();
        self.masker.idle(&mut text);
        self.put(&text, out);
    }

    /// Nothing comes any more.
    pub fn finish(&mut self, hear: &mut Hear<'_>, out: &mut Vec<u8>) {
        if !self.partial.is_empty() {
            let line = std::mem::take(&mut self.partial);
            self.line(&line, true, hear, out);
        }
        let mut text = Vec::new();
        self.masker.finish(&mut text);
        self.put(&text, out);
        self.place = Place {
            raw: self.read,
            ..Place::default()
        };
    }

    /// More is secret from here on.
    pub fn learn(&mut self, patterns: &Patterns) {
        self.masker.learn(patterns.clone());
    }

    /// Where it could be taken up again.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Handle for making it durable.
    pub fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }

    fn take_in(&mut self, piece: &[u8], hear: &mut Hear<'_>, out: &mut Vec<u8>) {
        if self.lines {
            for part in piece.split_inclusive(|byte| *byte == b'\n') {
                self.partial.extend_from_slice(part);
                if part.ends_with(b"\n") {
                    let mut line = std::mem::take(&mut self.partial);
                    line.pop();
                    self.line(&line, false, hear, out);
                } else if self.partial.len() > LINE {
                    let line = std::mem::take(&mut self.partial);
                    self.mask(&line, out);
                }
            }
        } else {
            self.mask(piece, out);
        }
        if self.masker.held() == 0 && self.partial.is_empty() && self.pass_over.skip == 0 {
            self.place = Place {
                raw: self.read,
                ..Place::default()
            };
        }
    }

    fn line(&mut self, line: &[u8], last: bool, hear: &mut Hear<'_>, out: &mut Vec<u8>) {
        let heard = (hear.line)(line);
        for entry in heard.journal {
            self.place.entries += 1;
            if self.pass_over.entries > 0 {
                self.pass_over.entries -= 1;
            } else {
                hear.journal.push(entry);
            }
        }
        if let Some(mut text) = heard.text {
            if !last || !text.is_empty() {
                text.push(b'\n');
            }
            self.mask(&text, out);
        }
    }

    fn mask(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        let mut text = Vec::new();
        self.masker.push(bytes, &mut text);
        self.put(&text, out);
    }

    fn put(&mut self, text: &[u8], out: &mut Vec<u8>) {
        self.place.skip += text.len() as u64;
        let over = usize::try_from(self.pass_over.skip)
            .unwrap_or(usize::MAX)
            .min(text.len());
        self.pass_over.skip -= over as u64;
        out.extend_from_slice(&text[over..]);
    }

    /// The child may write more than the disk holds, as long as we read as fast.
    fn give_back(&mut self) {
        let until = self.place.raw.saturating_sub(GIVE_BACK);
        if until < self.given_back + GIVE_BACK {
            return;
        }
        if let Some(file) = &self.file {
            let mode = FallocateFlags::FALLOC_FL_PUNCH_HOLE | FallocateFlags::FALLOC_FL_KEEP_SIZE;
            let from = i64::try_from(self.given_back).unwrap_or(i64::MAX);
            let length = i64::try_from(until - self.given_back).unwrap_or(i64::MAX);
            // Where the filesystem cannot, the disk must hold it.
            let _ = fallocate(file, mode, from, length);
        }
        self.given_back = until;
    }
}
