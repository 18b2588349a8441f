//! Masking by value: no secret leaves the machine, in any of the forms tools write it in.
//!
//! All forms of all secrets go into one automaton, which reads what tools write with line breaks
//! left out, so that a value cut over lines is found too. What may still become a secret is held
//! back; everything else goes on at once, so that a log is live.

mod forms;
mod stream;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use aho_corasick::{
    Anchored,
    automaton::{Automaton as _, StateID},
    nfa::noncontiguous::NFA,
};

pub use stream::Masker;

/// What stands in place of a secret.
pub const MASK: &[u8] = b"***";
/// Secrets with fewer characters are refused where they enter; lines of a longer one are not looked
/// for on their own below this.
const SHORTEST: usize = 8;

/// Everything that must not be seen. Cheap to clone.
#[derive(Clone)]
pub struct Patterns(Arc<Inner>);

struct Inner {
    secrets: BTreeSet<String>,
    nfa: NFA,
    start: StateID,
    /// By state: how many bytes of some pattern have been read.
    depths: Vec<u32>,
    /// Whether a byte begins a pattern.
    begins: [bool; 256],
}

impl Patterns {
    /// Of these values. Values under 8 characters are left out: they cannot be masked.
    pub fn new<S: Into<String>>(secrets: impl IntoIterator<Item = S>) -> Self {
        let secrets: BTreeSet<String> = secrets
            .into_iter()
            .map(Into::into)
            .filter(|secret: &String| secret.chars().count() >= SHORTEST)
            .collect();
        let mut all = BTreeSet::new();
        for secret in &secrets {
            forms::of(secret, &mut all);
        }
        Self(Arc::new(Inner::new(secrets, &all)))
    }

    /// These and more.
    #[must_use]
    pub fn and<S: Into<String>>(&self, more: impl IntoIterator<Item = S>) -> Self {
        let known = self.0.secrets.iter().cloned();
        Self::new(known.chain(more.into_iter().map(Into::into)))
    }

    /// A text, whole.
    pub fn text(&self, text: &str) -> String {
        let mut out = Vec::with_capacity(text.len());
        let mut masker = Masker::new(self.clone());
        masker.push(text.as_bytes(), &mut out);
        masker.finish(&mut out);
        String::from_utf8(out)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// Whether a text holds a secret in any form.
    pub fn holds(&self, text: &str) -> bool {
        self.text(text) != text
    }

    /// Every text in a JSON value, names of fields too. Says whether there was anything to mask.
    pub fn json(&self, value: &mut serde_json::Value) -> bool {
        use serde_json::Value;
        match value {
            Value::String(text) => {
                let masked = self.text(text);
                let hit = masked != *text;
                *text = masked;
                hit
            }
            Value::Array(items) => items
                .iter_mut()
                .fold(false, |hit, one| self.json(one) | hit),
            Value::Object(map) => {
                let mut hit = false;
                let fields = std::mem::take(map);
                for (name, mut one) in fields {
                    let masked = self.text(&name);
                    hit |= masked != name;
                    hit |= self.json(&mut one);
                    map.insert(masked, one);
                }
                hit
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }

    fn next(&self, state: StateID, byte: u8) -> StateID {
        self.0.nfa.next_state(Anchored::No, state, byte)
    }

    fn depth(&self, state: StateID) -> usize {
        self.0.depths.get(state.as_usize()).copied().unwrap_or(0) as usize
    }

    /// Length of the longest pattern that ends in this state.
    fn matched(&self, state: StateID) -> Option<usize> {
        let nfa = &self.0.nfa;
        if !nfa.is_match(state) {
            return None;
        }
        (0..nfa.match_len(state))
            .map(|at| nfa.pattern_len(nfa.match_pattern(state, at)))
            .max()
    }
}

impl Inner {
    fn new(secrets: BTreeSet<String>, forms: &BTreeSet<Vec<u8>>) -> Self {
        let nfa = NFA::new(forms).expect("some hundred patterns of some thousand bytes fit");
        let start = nfa
            .start_state(Anchored::No)
            .expect("built to search anywhere");
        let mut depths = Vec::new();
        let mut begins = [false; 256];
        for form in forms {
            begins[usize::from(form[0])] = true;
            let mut state = start;
            for (depth, byte) in (1u32..).zip(form) {
                state = nfa.next_state(Anchored::No, state, *byte);
                let at = state.as_usize();
                if depths.len() <= at {
                    depths.resize(at + 1, 0);
                }
                depths[at] = depth;
            }
        }
        Self {
            secrets,
            nfa,
            start,
            depths,
            begins,
        }
    }
}
