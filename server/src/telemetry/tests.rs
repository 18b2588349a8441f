//! One event, one line, one object.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn spans_reach_the_collector_under_the_trace_id_of_the_log() {
    // As `main` does first thing; another test may have done it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let collector = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a call");
        let mut call = Vec::new();
        let name = b"the-route";
        while !call.windows(name.len()).any(|window| window == name) {
            let mut piece = [0; 4096];
            let read = stream.read(&mut piece).await.expect("reads");
            assert!(
                read > 0,
                "the call ended early: {}",
                String::from_utf8_lossy(&call)
            );
            call.extend_from_slice(&piece[..read]);
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).await.expect("answers");
        call
    });
    let endpoint = format!("http://127.0.0.1:{port}/v1/traces");
    let spans = exporter(&endpoint).expect("the endpoint is fine");
    let traces = tracing_opentelemetry::layer().with_tracer(spans.tracer("test"));
    let id = 0x0123_4567_89ab_cdef_0011_2233_4455_6677_u128;
    tracing::subscriber::with_default(tracing_subscriber::registry().with(traces), || {
        let span = tracing::info_span!("request", route = "the-route");
        crate::web::adopt(&span, id);
        let _entered = span.enter();
    });
    drop(Telemetry { spans: Some(spans) });
    let call = tokio::time::timeout(Duration::from_secs(10), collector).await;
    let call = call.expect("in time").expect("no panic");
    assert!(call.starts_with(b"POST /v1/traces "));
    assert!(
        call.windows(16).any(|window| window == id.to_be_bytes()),
        "our id"
    );
}
