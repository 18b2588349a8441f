//! JSON text as a tree.

use std::borrow::Cow;

use super::Unreadable;

/// Deeper nesting than any answer of ours.
const DEPTH: usize = 64;

/// A value as it is written; what a number is, its reader knows.
#[derive(Debug, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// The one value that this text is.
pub(super) fn parse(text: &str) -> Result<Node<'_>, Unreadable> {
    let mut rest = Rest(text);
    let node = rest.value(DEPTH)?;
    rest.space();
    rest.0.is_empty().then_some(node).ok_or(Unreadable)
}

struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn space(&mut self) {
        self.0 = self.0.trim_start_matches([' ', '\n', '\r', '\t']);
    }

    fn takes(&mut self, mark: &str) -> bool {
        let rest = self.0.strip_prefix(mark);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn value(&mut self, depth: usize) -> Result<Node<'a>, Unreadable> {
        self.space();
        let depth = depth.checked_sub(1).ok_or(Unreadable)?;
        match self.0.as_bytes().first() {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.text().map(Node::Text),
            Some(b'-' | b'0'..=b'9') => Ok(self.number()),
            _ if self.takes("null") => Ok(Node::Null),
            _ if self.takes("true") => Ok(Node::Bool(true)),
            _ if self.takes("false") => Ok(Node::Bool(false)),
            _ => Err(Unreadable),
        }
    }

    fn map(&mut self, depth: usize) -> Result<Node<'a>, Unreadable> {
        let mut pairs = Vec::new();
        self.items("{", "}", |rest| {
            let key = rest.text()?;
            rest.space();
            if !rest.takes(":") {
                return Err(Unreadable);
            }
            pairs.push((key, rest.value(depth)?));
            Ok(())
        })?;
        Ok(Node::Map(pairs))
    }

    fn list(&mut self, depth: usize) -> Result<Node<'a>, Unreadable> {
        let mut items = Vec::new();
        self.items("[", "]", |rest| {
            items.push(rest.value(depth)?);
            Ok(())
        })?;
        Ok(Node::List(items))
    }

    fn items(
        &mut self,
        open: &str,
        close: &str,
        mut item: impl FnMut(&mut Self) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        self.takes(open);
        self.space();
        if self.takes(close) {
            return Ok(());
        }
        loop {
            self.space();
            item(self)?;
            self.space();
            if self.takes(close) {
                return Ok(());
            }
            if !self.takes(",") {
                return Err(Unreadable);
            }
        }
    }

    fn number(&mut self) -> Node<'a> {
        let part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
        let end = self.0.find(|c| !part(c)).unwrap_or(self.0.len());
        let (number, rest) = self.0.split_at(end);
        self.0 = rest;
        Node::Number(number)
    }

    fn text(&mut self) -> Result<Cow<'a, str>, Unreadable> {
        if !self.takes("\"") {
            return Err(Unreadable);
        }
        let mut text = Cow::Borrowed("");
        loop {
            let end = self.0.find(['"', '\\']).ok_or(Unreadable)?;
            let (plain, rest) = self.0.split_at(end);
            text += plain;
            self.0 = rest;
            if self.takes("\"") {
                return Ok(text);
            }
            text.to_mut().push(self.escaped()?);
        }
    }

    fn escaped(&mut self) -> Result<char, Unreadable> {
        self.takes("\\");
        let mut rest = self.0.chars();
        let mark = rest.next().ok_or(Unreadable)?;
        self.0 = rest.as_str();
        Ok(match mark {
            '"' | '\\' | '/' => mark,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.code_point(),
            _ => return Err(Unreadable),
        })
    }

    fn code_point(&mut self) -> Result<char, Unreadable> {
        let first = self.four_digits()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        if !(0xD800..0xDC00).contains(&first) || !self.takes("\\u") {
            return Err(Unreadable);
        }
        let second = self.four_digits()?;
        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400);
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + low.ok_or(Unreadable)?)
            .ok_or(Unreadable)
    }

    fn four_digits(&mut self) -> Result<u32, Unreadable> {
        let (digits, rest) = self.0.split_at_checked(4).ok_or(Unreadable)?;
        self.0 = rest;
        u32::from_str_radix(digits, 16).map_err(|_| Unreadable)
    }
}
