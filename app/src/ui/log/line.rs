//! Lines of a log: number, text in its colours, with what is searched for marked.

use crate::prelude::*;

use super::ansi::{Span, spans};

/// How a line is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Output.
    #[default]
    Plain,
    /// The command itself.
    Command,
    /// A warning.
    Warn,
    /// An error.
    Error,
}

impl Level {
    fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Command => Some("cmd"),
            Self::Warn => Some("warn"),
            Self::Error => Some("err"),
        }
    }

    /// What a line says of itself by how it begins, as the tools we run do it.
    fn of(text: &str) -> Self {
        let text = text.trim_start_matches([' ', '│', '╷', '|', '[']);
        let begins = |words: &[&str]| {
            words.iter().any(|word| {
                text.get(..word.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(word))
            })
        };
        if begins(&["error:", "error]", "fatal:", "failed:", "panic:"]) {
            Self::Error
        } else if begins(&["warning:", "warning]", "warn:", "warn]"]) {
            Self::Warn
        } else if begins(&["$ "]) {
            Self::Command
        } else {
            Self::Plain
        }
    }
}

/// One line of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogLine {
    /// Its number in the whole log, from 1.
    pub number: i64,
    /// What it says, masked before it came here; as it was printed, with its control characters.
    pub text: String,
}

/// Lines, each with its address.
#[component]
pub fn LogLines(
    /// The lines, in order.
    lines: Vec<LogLine>,
    /// What is searched for, empty for nothing.
    #[prop(optional, into)]
    search: String,
    /// The address of a line is this and its number: `/jobs/7?line=`.
    #[prop(optional, into)]
    address: String,
) -> impl IntoView {
    lines
        .into_iter()
        .map(|line| row(&line, &search, &address))
        .collect::<Vec<_>>()
}

fn row(line: &LogLine, search: &str, address: &str) -> impl IntoView + use<> {
    let id = format!("L{}", line.number);
    let pieces = marked(spans(&line.text), search);
    let hit = pieces
        .iter()
        .any(|(_, marked)| *marked)
        .then_some("ln is-hit");
    let plain: String = pieces
        .iter()
        .map(|(piece, _)| piece.text.as_str())
        .collect();
    let pieces: Vec<_> = pieces.into_iter().map(piece).collect();
    view! {
        <div class=hit.unwrap_or("ln") data-lvl=Level::of(&plain).as_str() id=id.clone()>
            <a href=format!("{address}{}#{id}", if address.is_empty() { String::new() } else { line.number.to_string() })>
                {line.number.to_string()}
            </a>
            <span dir="ltr">{pieces}</span>
        </div>
    }
}

fn piece((span, marked): (Span, bool)) -> AnyView {
    let class = (!span.class.is_empty()).then_some(span.class);
    match (marked, class) {
        (true, class) => view! { <mark class=class>{span.text}</mark> }.into_any(),
        (false, Some(class)) => view! { <span class=class>{span.text}</span> }.into_any(),
        (false, None) => span.text.into_any(),
    }
}

/// Cuts pieces where what is searched for begins and ends; ASCII letters match in both cases unless
/// what is searched for has a capital, as in the server's search. A match across two colours is
/// marked in both.
fn marked(spans: Vec<Span>, search: &str) -> Vec<(Span, bool)> {
    if search.is_empty() {
        return spans.into_iter().map(|span| (span, false)).collect();
    }
    let whole: String = spans.iter().map(|span| span.text.as_str()).collect();
    let exact = search.contains(|c: char| c.is_ascii_uppercase());
    let whole = if exact {
        whole
    } else {
        whole.to_ascii_lowercase()
    };
    let hits: Vec<_> = whole
        .match_indices(search)
        .map(|(at, found)| at..at + found.len())
        .collect();
    let mut pieces = Vec::new();
    let mut start = 0;
    for span in spans {
        let end = start + span.text.len();
        let mut at = start;
        for hit in hits.iter().filter(|hit| hit.start < end && hit.end > start) {
            let (from, to) = (hit.start.max(start), hit.end.min(end));
            push(&mut pieces, &span, at - start..from - start, false);
            push(&mut pieces, &span, from - start..to - start, true);
            at = to;
        }
        push(&mut pieces, &span, at - start..end - start, false);
        start = end;
    }
    pieces
}

fn push(pieces: &mut Vec<(Span, bool)>, span: &Span, range: std::ops::Range<usize>, marked: bool) {
    if let Some(text) = span.text.get(range).filter(|text| !text.is_empty()) {
        let piece = Span {
            class: span.class.clone(),
            text: text.to_owned(),
        };
        pieces.push((piece, marked));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_marked_across_colours() {
        assert!(
            marked(spans("subnet"), "Sub")
                .iter()
                .all(|(_, marked)| !marked)
        );
        let pieces = marked(spans("a Sub\u{1b}[31mnet and subnet"), "subnet");
        let shown: Vec<_> = pieces
            .iter()
            .map(|(span, marked)| (&*span.class, &*span.text, *marked))
            .collect();
        assert_eq!(
            shown,
            [
                ("", "a ", false),
                ("", "Sub", true),
                ("a-red", "net", true),
                ("a-red", " and ", false),
                ("a-red", "subnet", true),
            ]
        );
    }

    #[test]
    fn a_line_says_how_it_is_meant() {
        assert_eq!(Level::of("│ Error: no such bucket"), Level::Error);
        assert_eq!(Level::of("[WARNING]: deprecated"), Level::Warn);
        assert_eq!(Level::of("$ terraform plan"), Level::Command);
        assert_eq!(Level::of("no error: fine"), Level::Plain);
        assert_eq!(Level::of("é"), Level::Plain);
    }
}
