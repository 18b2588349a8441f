//! One event, one line, one object.

use std::sync::{Arc, Mutex};

use super::*;

/// Keeps what is written.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("not poisoned")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const HOSTILE: &str = "a\r\nb\u{85}c\u{2028}d\u{2029}e\u{1b}[31mf\u{202e}g\0h\u{1b}]52;c;x\u{7}\"}\n{\"level\":\"INFO\"}";

fn logged(format: LogFormat) -> String {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber =
        tracing_subscriber::registry().with(lines(format, move || OneLine(writer.clone())));
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("request", path = HOSTILE);
        let _entered = span.enter();
        tracing::info!(shown = %HOSTILE, quoted = HOSTILE, debugged = ?HOSTILE, "answered");
    });
    let bytes = kept.0.lock().expect("not poisoned").clone();
    String::from_utf8(bytes).expect("text")
}

fn ends_a_line(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

#[test]
fn security_36_a_json_line_is_one_line_and_one_object() {
    let text = logged(LogFormat::Json);
    assert_eq!(
        text.chars().filter(|c| ends_a_line(*c)).count(),
        1,
        "{text:?}"
    );
    let line = text.strip_suffix('\n').expect("one line");
    assert!(line.chars().all(is_safe), "{line:?}");
    let event: serde_json::Value = serde_json::from_str(line).expect("one object");
    assert_eq!(event["message"], "answered");
    assert_eq!(event["quoted"], HOSTILE);
    assert_eq!(event["span"]["path"], HOSTILE);
}

#[test]
fn security_36_a_human_line_is_one_line_without_escapes() {
    let text = logged(LogFormat::Human);
    assert_eq!(
        text.chars().filter(|c| ends_a_line(*c)).count(),
        1,
        "{text:?}"
    );
    assert!(text.trim_end_matches('\n').chars().all(is_safe), "{text:?}");
}

#[test]
fn a_filter_that_makes_no_sense_is_refused() {
    assert!(filter("info,server=debug").is_ok());
    assert!(filter("server=loud").is_err());
}
