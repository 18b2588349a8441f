//! Looking for text in bytes that come in pieces.
//!
//! Colours (CSI sequences) are passed over, so that text is found whatever its colour. ASCII letters
//! match in both cases unless the text looked for has a capital.

use super::Hit;

/// Bytes shown before and after a hit.
const AROUND: usize = 120;

/// What is held back at most between two pieces.
const HELD: usize = 4 * AROUND + 512;

/// A search in progress.
pub(super) struct Search {
    needle: Vec<u8>,
    exact: bool,
    line: i64,
    /// The line so far, colours left out; only its end when it is long.
    text: Vec<u8>,
    /// Where in `text` to look from.
    looked: usize,
    /// Where in `text` the first hit of this line begins.
    hit: Option<usize>,
    escape: Escape,
    hits: Vec<Hit>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escape {
    No,
    Begun,
    Csi,
}

impl Search {
    /// For this text, from the beginning of line `line`.
    pub(super) fn new(needle: &str, line: i64) -> Self {
        let exact = needle.bytes().any(|byte| byte.is_ascii_uppercase());
        Self {
            needle: needle.as_bytes().to_vec(),
            exact,
            line,
            text: Vec::new(),
            looked: 0,
            hit: None,
            escape: Escape::No,
            hits: Vec::new(),
        }
    }

    /// Number of the line the next byte belongs to.
    pub(super) fn line(&self) -> i64 {
        self.line
    }

    /// How many lines were found.
    pub(super) fn count(&self) -> usize {
        self.hits.len()
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match (self.escape, *byte) {
                (_, b'\n') => self.end_line(),
                (_, 0x1b) => self.escape = Escape::Begun,
                (Escape::Begun, b'[') => self.escape = Escape::Csi,
                (Escape::Csi, 0x40..=0x7e) | (Escape::Begun, _) => self.escape = Escape::No,
                (Escape::Csi, _) => {}
                (Escape::No, byte) => self.text.push(byte),
            }
            if self.text.len() >= 2 * HELD {
                self.look();
                self.forget();
            }
        }
        self.look();
    }

    /// The hits; a line without an end counts too.
    pub(super) fn finish(mut self) -> Vec<Hit> {
        if !self.text.is_empty() {
            self.end_line();
        }
        self.hits
    }

    /// The hits of lines that ended.
    pub(super) fn so_far(self) -> Vec<Hit> {
        self.hits
    }

    fn end_line(&mut self) {
        self.escape = Escape::No;
        self.look();
        if let Some(at) = self.hit.take() {
            let from = at.saturating_sub(AROUND);
            let to = (at + self.needle.len() + AROUND).min(self.text.len());
            let around = String::from_utf8_lossy(&self.text[from..to]);
            self.hits.push(Hit {
                line: self.line,
                text: around.trim_matches(['\u{fffd}', '\r']).to_owned(),
            });
        }
        self.line += 1;
        self.text.clear();
        self.looked = 0;
    }

    fn look(&mut self) {
        let size = self.needle.len();
        if self.hit.is_some() || size == 0 || self.text.len() < size {
            return;
        }
        let exact = self.exact;
        let found = self.text[self.looked..].windows(size).position(|window| {
            if exact {
                window == self.needle
            } else {
                window.eq_ignore_ascii_case(&self.needle)
            }
        });
        self.hit = found.map(|at| at + self.looked);
        self.looked = (self.text.len() + 1).saturating_sub(size);
    }

    /// Drops the beginning of a long line: of what was found, its surroundings stay.
    fn forget(&mut self) {
        let keep_from = match self.hit {
            // Enough stands behind the hit: the rest of the line is not kept.
            Some(at) if self.text.len() > at + self.needle.len() + AROUND => {
                self.text.truncate(at + self.needle.len() + AROUND);
                at.saturating_sub(AROUND)
            }
            Some(at) => at.saturating_sub(AROUND),
            None => self.text.len().saturating_sub(HELD),
        };
        self.text.drain(..keep_from);
        self.looked = self.looked.saturating_sub(keep_from);
        self.hit = self.hit.map(|at| at - keep_from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(needle: &str, pieces: &[&[u8]]) -> Vec<(i64, String)> {
        let mut search = Search::new(needle, 1);
        for piece in pieces {
            search.push(piece);
        }
        let hits = search.finish();
        hits.into_iter().map(|hit| (hit.line, hit.text)).collect()
    }

    #[test]
    fn text_is_found_across_pieces_colours_and_cases() {
        assert_eq!(
            search("error", &[b"one\nan Er", b"ROR here\nerr\nerror"]),
            [(2, "an ErROR here".to_owned()), (4, "error".to_owned())]
        );
        assert_eq!(
            search("Error", &[b"error\nError\n"]),
            [(2, "Error".to_owned())]
        );
        assert_eq!(
            search("red", &[b"\x1b[3", b"1mre\x1b[0md\x1b[1;4m!\n"]),
            [(1, "red!".to_owned())]
        );
        assert_eq!(search("x", &[b"", b"\n\n"]), []);
    }

    #[test]
    fn a_line_of_ten_megabytes_is_searched_in_little_memory() {
        let mut search = Search::new("needle", 1);
        for at in 0..160 {
            let mut piece = vec![b'.'; 65_536];
            if at == 100 {
                piece[65_533..].copy_from_slice(b"nee");
            }
            if at == 101 {
                piece[..3].copy_from_slice(b"dle");
            }
            search.push(&piece);
            assert!(search.text.capacity() < 64 * 1024);
        }
        search.push(b"\nneedle");
        let hits = search.finish();
        assert_eq!(hits.len(), 2);
        assert_eq!((hits[0].line, hits[1].line), (1, 2));
        assert!(hits[0].text.contains("needle") && hits[0].text.len() < 400);
    }
}
