//! What a terminal would have done with a line, without a terminal: colours become classes, every
//! other control character and everything that changes the direction of text becomes a symbol that
//! can be seen. Nothing here can move a cursor, set a link or a clipboard, or hide a word.

/// Most characters of a line that are shown; the whole line is in the download.
pub const LINE_SHOWN: usize = 4_000;

/// A piece of a line in one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Class names of the look: `a-red a-bold`; none for plain text.
    pub class: String,
    /// The text; no control characters but tabs.
    pub text: String,
}

/// Reads one line of a log, without its line end. Each line begins plain, so that a range of lines
/// looks the same whatever stands before it.
pub fn spans(line: &str) -> Vec<Span> {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let shown: String = line.chars().take(LINE_SHOWN).collect();
    let mut reader = Reader::default();
    let mut rest = shown.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some((sequence, after)) = control_sequence(rest) {
            if let Some(parameters) = sequence {
                reader.turn();
                reader.look.set(parameters);
            }
            rest = after;
            continue;
        }
        match symbol(first) {
            None => reader.text.push(first),
            Some(symbol) => reader.push_symbol(&symbol),
        }
        rest = &rest[first.len_utf8()..];
    }
    reader.turn();
    if shown.len() < line.len() {
        let left = line.len() - shown.len();
        reader.spans.push(Span {
            class: "a-cut".into(),
            text: format!(" … {left} more bytes: download the log to see them"),
        });
    }
    reader.spans
}

/// A control sequence (`ESC [ … letter`) at the start: its parameters where it sets colours, nothing
/// where it would move the cursor or erase; and what follows it.
fn control_sequence(text: &str) -> Option<(Option<&str>, &str)> {
    let body = text
        .strip_prefix("\u{1b}[")
        .or_else(|| text.strip_prefix('\u{9b}'))?;
    let end = body.find(|c: char| !matches!(c, '\u{20}'..='\u{3f}'))?;
    let (parameters, rest) = body.split_at(end);
    let last = rest
        .chars()
        .next()
        .filter(|c| matches!(c, '\u{40}'..='\u{7e}'))?;
    Some(((last == 'm').then_some(parameters), &rest[1..]))
}

/// The visible form of a character that is none; nothing for ordinary text.
fn symbol(c: char) -> Option<String> {
    let code = u32::from(c);
    match c {
        '\t' => None,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + code).map(String::from),
        '\u{7f}' => Some("\u{2421}".into()),
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => Some(format!("<U+{code:04X}>")),
        _ => None,
    }
}

#[derive(Default)]
struct Reader {
    spans: Vec<Span>,
    text: String,
    look: Look,
}

impl Reader {
    /// Ends the piece: the look changes.
    fn turn(&mut self) {
        if !self.text.is_empty() {
            self.spans.push(Span {
                class: self.look.class(),
                text: std::mem::take(&mut self.text),
            });
        }
    }

    /// Neighbouring symbols share a piece.
    fn push_symbol(&mut self, symbol: &str) {
        self.turn();
        match self.spans.last_mut().filter(|last| last.class == "a-ctl") {
            Some(last) => last.text.push_str(symbol),
            None => self.spans.push(Span {
                class: "a-ctl".into(),
                text: symbol.into(),
            }),
        }
    }
}

const COLOURS: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

/// How text looks now.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in the standard"
)]
struct Look {
    fg: Option<u8>,
    bg: Option<u8>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    strike: bool,
    inverse: bool,
}

impl Look {
    fn class(self) -> String {
        let mut classes = Vec::new();
        let (fg, bg) = if self.inverse {
            (self.bg, self.fg)
        } else {
            (self.fg, self.bg)
        };
        let named = |prefix: &str, colour: u8| {
            format!("{prefix}{}", COLOURS[usize::from(colour) % COLOURS.len()])
        };
        classes.extend(fg.map(|colour| named("a-", colour)));
        classes.extend(bg.map(|colour| named("a-on-", colour)));
        let flags = [
            (self.inverse && fg.is_none() && bg.is_none(), "a-inverse"),
            (self.bold, "a-bold"),
            (self.dim, "a-dim"),
            (self.italic, "a-italic"),
            (self.underline, "a-underline"),
            (self.strike, "a-strike"),
        ];
        classes.extend(
            flags
                .iter()
                .filter(|(on, _)| *on)
                .map(|(_, name)| (*name).to_owned()),
        );
        classes.join(" ")
    }

    /// Takes the parameters of `ESC [ … m` in.
    fn set(&mut self, parameters: &str) {
        let mut numbers = parameters.split(';').flat_map(numbers);
        while let Some(number) = numbers.next() {
            match number {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = true,
                7 => self.inverse = true,
                9 => self.strike = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                27 => self.inverse = false,
                29 => self.strike = false,
                30..=37 => self.fg = small(number - 30),
                38 => self.fg = extended(&mut numbers),
                39 => self.fg = None,
                40..=47 => self.bg = small(number - 40),
                48 => self.bg = extended(&mut numbers),
                49 => self.bg = None,
                90..=97 => self.fg = small(number - 90),
                100..=107 => self.bg = small(number - 100),
                _ => {}
            }
        }
    }
}

/// One parameter: a colour in the form with colons is several numbers, of anything else in that form
/// (`4:3`, a wavy line) the first one counts.
fn numbers(parameter: &str) -> impl Iterator<Item = u16> {
    let colour = parameter.starts_with("38:") || parameter.starts_with("48:");
    parameter
        .split(':')
        .take(if colour { usize::MAX } else { 1 })
        .filter(move |number| !(colour && number.is_empty()))
        .map(|number| number.parse().unwrap_or(0))
}

fn small(number: u16) -> Option<u8> {
    u8::try_from(number).ok()
}

/// `5;n` of the 256 colours or `2;r;g;b`, as the nearest of the eight.
fn extended(numbers: &mut impl Iterator<Item = u16>) -> Option<u8> {
    match numbers.next()? {
        5 => match numbers.next()? {
            n @ 0..=15 => small(n % 8),
            n @ 16..=231 => {
                let n = n - 16;
                Some(nearest(n / 36 * 51, n / 6 % 6 * 51, n % 6 * 51))
            }
            n => Some(nearest(n % 24 * 10, n % 24 * 10, n % 24 * 10)),
        },
        2 => {
            let (r, g, b) = (numbers.next()?, numbers.next()?, numbers.next()?);
            Some(nearest(r, g, b))
        }
        _ => None,
    }
}

/// One bit per part that is at least half as bright as the brightest.
fn nearest(r: u16, g: u16, b: u16) -> u8 {
    let most = r.max(g).max(b);
    let bit = |part: u16, bit: u8| if most > 40 && part * 2 > most { bit } else { 0 };
    bit(r, 1) | bit(g, 2) | bit(b, 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> String {
        spans(line)
            .iter()
            .map(|span| match &*span.class {
                "" => span.text.clone(),
                class => format!("[{class}|{}]", span.text),
            })
            .collect()
    }

    #[test]
    fn colours_become_classes() {
        assert_eq!(read("plain"), "plain");
        assert_eq!(
            read("\u{1b}[31mred\u{1b}[0m and \u{1b}[1;92mbright\u{1b}[m"),
            "[a-red|red] and [a-green a-bold|bright]"
        );
        assert_eq!(
            read("\u{1b}[38;5;196mx\u{1b}[48;2;0;0;200my"),
            "[a-red|x][a-red a-on-blue|y]"
        );
        assert_eq!(read("\u{1b}[38:2::250:0:0mx"), "[a-red|x]");
        assert_eq!(read("\u{1b}[7mx\u{1b}[27my"), "[a-inverse|x]y");
        assert_eq!(read("\u{1b}[4:3mwavy"), "[a-underline|wavy]");
    }

    #[test]
    fn security_36_control_and_bidi_characters_are_seen_and_do_nothing() {
        assert_eq!(read("a\u{0}b\u{7}"), "a[a-ctl|␀]b[a-ctl|␇]");
        assert_eq!(
            read("\u{1b}]8;;http://evil/\u{1b}\\text\u{1b}]8;;\u{1b}\\"),
            "[a-ctl|␛]]8;;http://evil/[a-ctl|␛]\\text[a-ctl|␛]]8;;[a-ctl|␛]\\"
        );
        assert_eq!(
            read("\u{1b}]52;c;cm0gLXJm\u{7}"),
            "[a-ctl|␛]]52;c;cm0gLXJm[a-ctl|␇]"
        );
        assert_eq!(
            read("\u{202e}txt.exe\u{2066}"),
            "[a-ctl|<U+202E>]txt.exe[a-ctl|<U+2066>]"
        );
        assert_eq!(read("\u{85}\u{2028}"), "[a-ctl|<U+0085><U+2028>]");
        assert_eq!(read("10%\r20%\r"), "10%[a-ctl|␍]20%");
        assert_eq!(read("\u{1b}[2K\u{1b}[1A\u{1b}[?25lshown"), "shown");
        assert_eq!(read("half \u{1b}["), "half [a-ctl|␛][");
    }

    #[test]
    fn security_36_a_line_of_ten_megabytes_is_cut_and_says_so() {
        let line = "x".repeat(10 << 20);
        let spans = spans(&line);
        assert_eq!(spans.len(), 2);
        assert_eq!(spans[0].text.len(), LINE_SHOWN);
        assert!(
            spans[1].text.contains("10481760 more bytes"),
            "{}",
            spans[1].text
        );
    }
}
