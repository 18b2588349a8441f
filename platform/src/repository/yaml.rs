//! YAML into a tree that remembers where everything stands, within limits.
//!
//! serde would stop at the first thing that is wrong; people want the whole list.

use std::collections::{BTreeMap, BTreeSet};

use granit_parser::{Event, Parser, ScalarStyle, Span};

use super::source::{At, Source};

/// Deepest nesting.
const DEPTH: usize = 64;
/// Most bytes aliases may expand to.
const EXPANDED: usize = 1024 * 1024;

/// One value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: At,
    pub(super) value: Value,
    depth: usize,
    bytes: usize,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A scalar, and whether it was written without quotes.
    Scalar(String, bool),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in order; no key twice.
    Map(Vec<(String, At, Node)>),
}

/// A collection that is not closed yet.
struct Open {
    at: At,
    anchor: usize,
    value: Value,
    /// A key that waits for its value; none in lists.
    key: Option<(String, At)>,
    seen: BTreeSet<String>,
}

/// Parses one document. Findings that end the file answer `None`; duplicate keys are listed and the
/// first of them counts.
pub(super) fn parse(source: &mut Source, text: &str) -> Option<Node> {
    let mut tree = Tree {
        open: Vec::new(),
        anchors: BTreeMap::new(),
        expanded: 0,
        root: None,
    };
    let mut documents = 0;
    for next in Parser::new_from_str(text) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let at = At::of(*error.marker());
                source.find(at, "E-YAML", "this is not YAML", error.info());
                return None;
            }
        };
        let at = At::of(span.start);
        match event {
            Event::DocumentStart(..) if documents > 0 => {
                source.find(
                    at,
                    "E-YAML",
                    "a second document begins",
                    "each file holds one document",
                );
                return None;
            }
            Event::DocumentStart(..) => documents += 1,
            event => tree.take(source, event, at, span)?,
        }
    }
    if tree.root.is_none() {
        let why = "it must at least name its apiVersion";
        source.find(At::FILE, "E-YAML", "the file is empty", why);
    }
    tree.root
}

struct Tree {
    open: Vec<Open>,
    anchors: BTreeMap<usize, Node>,
    expanded: usize,
    root: Option<Node>,
}

impl Tree {
    fn take(&mut self, source: &mut Source, event: Event<'_>, at: At, span: Span) -> Option<()> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if tag.is_some() {
                    return tagged(source, at);
                }
                let node = Node {
                    at,
                    bytes: text.len() + 8,
                    depth: 0,
                    value: Value::Scalar(text.into_owned(), style == ScalarStyle::Plain),
                };
                self.place(source, anchor, node)
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(source, at, anchor, tag.is_some(), Value::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(source, at, anchor, tag.is_some(), Value::Map(Vec::new()))
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let open = self.open.pop()?;
                let node = close(open);
                let anchor = node.1;
                self.place(source, anchor, node.0)
            }
            Event::Alias(id) => self.alias(source, id, At::of(span.start)),
            _ => Some(()),
        }
    }

    fn open(
        &mut self,
        source: &mut Source,
        at: At,
        anchor: usize,
        tagged_: bool,
        value: Value,
    ) -> Option<()> {
        if tagged_ {
            return tagged(source, at);
        }
        if self.open.len() >= DEPTH {
            return too_deep(source, at);
        }
        self.open.push(Open {
            at,
            anchor,
            value,
            key: None,
            seen: BTreeSet::new(),
        });
        Some(())
    }

    fn alias(&mut self, source: &mut Source, id: usize, at: At) -> Option<()> {
        let Some(target) = self.anchors.get(&id) else {
            let why = "its anchor is not complete where it is used";
            source.find(at, "E-ALIAS", "an alias that contains itself", why);
            return None;
        };
        self.expanded += target.bytes;
        if self.expanded > EXPANDED {
            let why = "a file may expand to 1 MiB at most";
            source.find(at, "E-ALIAS", "aliases expand this file too far", why);
            return None;
        }
        let node = Node {
            at,
            ..target.clone()
        };
        self.place(source, 0, node)
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, source: &mut Source, anchor: usize, node: Node) -> Option<()> {
        if self.open.len() + node.depth > DEPTH {
            return too_deep(source, node.at);
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Some(());
        };
        match (&mut parent.value, parent.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(entries), Some((key, key_at))) => {
                if parent.seen.insert(key.clone()) {
                    entries.push((key, key_at, node));
                } else {
                    let what = format!("key \"{key}\" stands here twice");
                    source.find(key_at, "E-DUPLICATE", what, "only one of them can be meant");
                }
            }
            (Value::Map(_), None) => {
                let Value::Scalar(text, _) = node.value else {
                    let why = "keys are plain words";
                    source.find(node.at, "E-YAML", "a key that is a list or a mapping", why);
                    return None;
                };
                parent.key = Some((text, node.at));
            }
            (Value::Scalar(..), _) => {}
        }
        Some(())
    }
}

fn close(open: Open) -> (Node, usize) {
    let (bytes, depth) = match &open.value {
        Value::List(items) => measure(items.iter().map(|item| (0, item))),
        Value::Map(entries) => measure(entries.iter().map(|(key, _, item)| (key.len(), item))),
        Value::Scalar(..) => (0, 0),
    };
    let node = Node {
        at: open.at,
        value: open.value,
        bytes,
        depth: depth + 1,
    };
    (node, open.anchor)
}

fn measure<'a>(items: impl Iterator<Item = (usize, &'a Node)>) -> (usize, usize) {
    items.fold((8, 0), |(bytes, depth), (extra, item)| {
        (bytes + extra + item.bytes, depth.max(item.depth))
    })
}

fn tagged(source: &mut Source, at: At) -> Option<()> {
    let why = "values are what they look like here";
    source.find(at, "E-YAML", "a YAML tag", why);
    None
}

fn too_deep(source: &mut Source, at: At) -> Option<()> {
    let what = format!("nested deeper than {DEPTH} levels");
    source.find(at, "E-DEPTH", what, "nothing here needs that");
    None
}
