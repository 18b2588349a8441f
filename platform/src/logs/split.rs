//! Cutting bytes into lines, with a bound on each.

use super::Line;

/// Most bytes of a line that are shown.
pub(super) const LONGEST: usize = 16 * 1024;

/// Collects the lines of a range from bytes that come in pieces.
pub(super) struct Splitter {
    from: i64,
    to: i64,
    number: i64,
    held: Vec<u8>,
    cut: bool,
    begun: bool,
    bytes: usize,
    lines: Vec<Line>,
}

impl Splitter {
    /// For lines `from` to `to`, both included; the bytes begin in line `at`.
    pub(super) fn new(from: i64, to: i64, at: i64) -> Self {
        Self {
            from,
            to,
            number: at,
            held: Vec::new(),
            cut: false,
            begun: false,
            bytes: 0,
            lines: Vec::new(),
        }
    }

    /// Number of the line the next byte belongs to.
    pub(super) fn number(&self) -> i64 {
        self.number
    }

    /// Bytes of text collected.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// All lines of the range are there.
    pub(super) fn is_done(&self) -> bool {
        self.number > self.to
    }

    /// The line at hand is already longer than what is shown of it.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_done() {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let piece = &bytes[..end.unwrap_or(bytes.len())];
            if self.number >= self.from {
                self.begun = true;
                let room = LONGEST - self.held.len();
                self.cut |= piece.len() > room;
                self.held.extend_from_slice(&piece[..piece.len().min(room)]);
            }
            match end {
                Some(end) => {
                    self.end_line();
                    bytes = &bytes[end + 1..];
                }
                None => break,
            }
        }
    }

    /// Goes on at the beginning of another line: what is left of this one is not looked at.
    pub(super) fn skip_to_next(&mut self) {
        self.end_line();
    }

    /// The lines; one without an end is a line too.
    pub(super) fn finish(mut self) -> Vec<Line> {
        if self.begun && !self.held.is_empty() && !self.is_done() {
            self.end_line();
        }
        self.lines
    }

    fn end_line(&mut self) {
        if self.number >= self.from && self.number <= self.to {
            let mut held = std::mem::take(&mut self.held);
            if held.last() == Some(&b'\r') {
                held.pop();
            }
            if self.cut {
                held.truncate(held.len() - super::bytes::unfinished(&held));
            }
            self.bytes += held.len();
            self.lines.push(Line {
                number: self.number,
                text: String::from_utf8_lossy(&held).into_owned(),
                cut: self.cut,
            });
        }
        self.number += 1;
        self.cut = false;
        self.begun = false;
        self.held.clear();
    }
}
