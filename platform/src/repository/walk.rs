//! Walking a tree: each value as what it must be, or a finding.

use super::{
    source::{At, Source},
    yaml::{Node, Value},
};

/// A mapping whose keys are taken out one by one; what is left at the end is unknown.
pub(super) struct Map<'a> {
    pub(super) at: At,
    entries: &'a [(String, At, Node)],
    known: Vec<&'static str>,
}

impl<'a> Map<'a> {
    /// The node as a mapping.
    pub(super) fn of(source: &mut Source, node: &'a Node, what: &str) -> Option<Self> {
        if let Value::Map(entries) = &node.value {
            return Some(Self {
                at: node.at,
                entries,
                known: Vec::new(),
            });
        }
        let why = format!("{what} is a mapping of names to values");
        let found = format!("{} stands here", node.kind());
        source.find(node.at, "E-TYPE", found, why);
        None
    }

    /// Takes a key that may be missing. `key:` with nothing behind it counts as missing.
    pub(super) fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        let (.., node) = self.entries.iter().find(|(name, ..)| name == key)?;
        (!node.is_nothing()).then_some(node)
    }

    /// Takes a key that must be there.
    pub(super) fn need(
        &mut self,
        source: &mut Source,
        key: &'static str,
        why: &str,
    ) -> Option<&'a Node> {
        let found = self.take(key);
        if found.is_none() {
            source.find(
                self.at,
                "E-MISSING",
                format!("key \"{key}\" is missing"),
                why,
            );
        }
        found
    }

    /// All entries, for mappings whose keys are names.
    pub(super) fn entries(&self) -> impl Iterator<Item = &'a (String, At, Node)> + use<'a> {
        self.entries.iter()
    }

    /// Finds every key that was not taken.
    pub(super) fn close(self, source: &mut Source, what: &str) {
        for (key, at, _) in self.entries {
            if !self.known.contains(&key.as_str()) {
                unknown(source, *at, "E-KEY", "key", key, what, &self.known);
            }
        }
    }
}

/// A word that is not one of those known, with the nearest as a hint.
pub(super) fn unknown(
    source: &mut Source,
    at: At,
    code: &str,
    noun: &str,
    word: &str,
    of: &str,
    known: &[&str],
) {
    let why = if known.is_empty() {
        format!("{of} has none")
    } else {
        format!("{of} has {}", known.join(", "))
    };
    let hint =
        nearest(word, known).map_or_else(String::new, |near| format!("Did you mean \"{near}\"?"));
    source.find_with(at, code, format!("no {noun} \"{word}\""), why, hint);
}

impl Node {
    /// Text of a scalar.
    pub(super) fn text(&self, source: &mut Source, what: &str) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) if !text.trim().is_empty() => Some(text),
            _ => {
                let why = format!("{what} is a word or a sentence");
                source.find(
                    self.at,
                    "E-TYPE",
                    format!("{} stands here", self.kind()),
                    why,
                );
                None
            }
        }
    }

    /// A whole number that is not negative.
    pub(super) fn number(&self, source: &mut Source, code: &str, what: &str) -> Option<u64> {
        if let Value::Scalar(text, true) = &self.value
            && let Ok(number) = text.replace('_', "").parse()
        {
            return Some(number);
        }
        let shown = match &self.value {
            Value::Scalar(text, _) => format!("\"{text}\" stands here"),
            _ => format!("{} stands here", self.kind()),
        };
        source.find(
            self.at,
            code,
            shown,
            format!("{what} is a whole number, 0 or more"),
        );
        None
    }

    /// Items of a list of words.
    pub(super) fn words<'a>(&'a self, source: &mut Source, what: &str) -> Vec<(&'a str, At)> {
        let Value::List(items) = &self.value else {
            let why = format!("{what} is a list: [one, two]");
            source.find(
                self.at,
                "E-TYPE",
                format!("{} stands here", self.kind()),
                why,
            );
            return Vec::new();
        };
        let one = format!("each of {what}");
        items
            .iter()
            .filter_map(|item| Some((item.text(source, &one)?, item.at)))
            .collect()
    }

    fn is_nothing(&self) -> bool {
        matches!(&self.value, Value::Scalar(text, true) if matches!(text.as_str(), "" | "~" | "null"))
    }

    fn kind(&self) -> &'static str {
        match &self.value {
            Value::Scalar(..) if self.is_nothing() => "nothing",
            Value::Scalar(text, _) if text.trim().is_empty() => "an empty word",
            Value::Scalar(..) => "a word",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

/// The known word a typing mistake away.
fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|near| (distance(word, near), *near))
        .filter(|(far, near)| *far <= 2.max(near.chars().count() / 3))
        .min_by_key(|(far, _)| *far)
        .map(|(_, near)| near)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
