//! Masking what comes in pieces.

use std::collections::VecDeque;

use aho_corasick::automaton::StateID;

use super::{MASK, Patterns};

/// At most so many bytes of something that might become a secret are let go when nothing follows
/// for a while: the rest of it would still be masked.
const LET_GO: usize = 3;

/// Masks one stream. Positions count bytes of the stream, from 0.
pub struct Masker {
    patterns: Patterns,
    state: StateID,
    /// Read and not let go: beginning at `base`.
    held: Vec<u8>,
    base: u64,
    /// Where the bytes stand that the automaton has in mind, oldest first.
    in_mind: VecDeque<u64>,
    /// What is to be masked, in order, apart from each other; beginning at `base` at the earliest.
    spans: VecDeque<(u64, u64)>,
    /// Where the last mask ends: what goes on there needs no other, however the stream was cut.
    masked_to: Option<u64>,
}

impl Masker {
    /// At the beginning of a stream.
    pub fn new(patterns: Patterns) -> Self {
        Self {
            state: patterns.0.start,
            patterns,
            held: Vec::new(),
            base: 0,
            in_mind: VecDeque::new(),
            spans: VecDeque::new(),
            masked_to: None,
        }
    }

    /// Reads on; what cannot be part of a secret any more is added to `out`.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        // In pieces: what is held stays small however much comes at once.
        for piece in bytes.chunks(64 * 1024) {
            self.read(piece);
            let until = self.in_mind.front().copied();
            let until = until.map_or(self.end(), |at| at.max(self.base));
            self.let_go(until, out);
        }
    }

    /// The stream is over.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.let_go(self.end(), out);
        self.state = self.patterns.0.start;
        self.in_mind.clear();
    }

    /// Nothing has come for a while: lets go what is too short to matter.
    pub fn idle(&mut self, out: &mut Vec<u8>) {
        if self.in_mind.len() <= LET_GO && self.spans.is_empty() {
            self.let_go(self.end(), out);
        }
    }

    /// How many bytes are held back.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// More is secret from here on, and in what is held back.
    pub fn learn(&mut self, patterns: Patterns) {
        let held = std::mem::take(&mut self.held);
        self.state = patterns.0.start;
        self.patterns = patterns;
        self.in_mind.clear();
        let base = (self.base, self.masked_to);
        let goes_on = |span: &(u64, u64)| (span.0, Some(span.0)) == base;
        let goes_on = self.spans.front().copied().filter(goes_on);
        self.spans = goes_on.into_iter().collect();
        self.read(&held);
    }

    fn end(&self) -> u64 {
        self.base + self.held.len() as u64
    }

    fn read(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.in_mind.is_empty() {
                // Most of a log begins nothing.
                let begins = |byte: &u8| self.patterns.0.begins[usize::from(*byte)];
                let plain = rest.iter().position(begins).unwrap_or(rest.len());
                self.held.extend_from_slice(&rest[..plain]);
                rest = &rest[plain..];
            }
            let Some((&byte, after)) = rest.split_first() else {
                break;
            };
            rest = after;
            let at = self.end();
            self.held.push(byte);
            if matches!(byte, b'\n' | b'\r') {
                continue;
            }
            self.state = self.patterns.next(self.state, byte);
            self.in_mind.push_back(at);
            let depth = self.patterns.depth(self.state);
            while self.in_mind.len() > depth {
                self.in_mind.pop_front();
            }
            if let Some(length) = self.patterns.matched(self.state) {
                let from = self.in_mind[self.in_mind.len() - length];
                self.mask(from.max(self.base), at + 1);
            }
        }
    }

    fn mask(&mut self, mut from: u64, mut to: u64) {
        while let Some(last) = self.spans.back()
            && last.1 >= from
        {
            from = from.min(last.0);
            to = to.max(last.1);
            self.spans.pop_back();
        }
        self.spans.push_back((from, to));
    }

    fn let_go(&mut self, until: u64, out: &mut Vec<u8>) {
        let mut at = self.base;
        while let Some(&(from, to)) = self.spans.front()
            && from < until
        {
            out.extend_from_slice(self.slice(at, from));
            if self.masked_to != Some(from) {
                out.extend_from_slice(MASK);
            }
            self.spans.pop_front();
            at = to.min(until);
            self.masked_to = Some(at);
            if to > until {
                self.spans.push_front((until, to));
                break;
            }
        }
        out.extend_from_slice(self.slice(at, until));
        let gone = usize::try_from(until - self.base).expect("held in memory");
        self.held.drain(..gone);
        self.base = until;
    }

    fn slice(&self, from: u64, to: u64) -> &[u8] {
        let at = |place: u64| usize::try_from(place - self.base).expect("held in memory");
        &self.held[at(from)..at(to)]
    }
}
