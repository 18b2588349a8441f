//! A state backend of one stack, as strict as the portal's where it matters to the tool.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The attempt's token.
pub(super) const TOKEN: &str = "gca_0123456789abcdef0123456789abcdef";

#[derive(Default)]
struct Kept {
    state: Option<Vec<u8>>,
    lock: Option<Vec<u8>>,
    requests: Vec<String>,
    refuse_writes: bool,
}

/// Listens on a port of its own until the test ends.
pub(super) struct StateServer {
    port: u16,
    kept: Arc<Mutex<Kept>>,
}

impl StateServer {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let kept = Arc::new(Mutex::new(Kept::default()));
        let shared = kept.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = shared.clone();
                std::thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { port, kept }
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/state/test", self.port)
    }

    /// The state, as JSON.
    pub(super) fn state(&self) -> Option<serde_json::Value> {
        let kept = self.kept.lock().expect("whole");
        kept.state
            .as_ref()
            .map(|bytes| serde_json::from_slice(bytes).expect("a state"))
    }

    /// Addresses in the state, without their index.
    pub(super) fn resources(&self) -> Vec<String> {
        let state = self.state().unwrap_or_default();
        let all = state["resources"].as_array().cloned().unwrap_or_default();
        let name =
            |one: &serde_json::Value| format!("{}.{}", one["type"], one["name"]).replace('"', "");
        all.iter().map(name).collect()
    }

    pub(super) fn serial(&self) -> Option<i64> {
        self.state()?["serial"].as_i64()
    }

    pub(super) fn refuse_writes(&self) {
        self.kept.lock().expect("whole").refuse_writes = true;
    }

    /// Somebody else holds the lock, or nobody.
    pub(super) fn hold_lock(&self, held: bool) {
        let other = r#"{"ID":"other","Operation":"OperationTypeApply","Who":"somebody@else"}"#;
        self.kept.lock().expect("whole").lock = held.then(|| other.as_bytes().to_vec());
    }

    /// Methods asked for, in order.
    pub(super) fn requests(&self) -> Vec<String> {
        self.kept.lock().expect("whole").requests.clone()
    }
}

fn serve(stream: &TcpStream, kept: &Mutex<Kept>) {
    let mut reader = BufReader::new(stream);
    while let Some((method, authorised, body)) = read(&mut reader) {
        let (status, answer) = if authorised {
            answer(&mut kept.lock().expect("whole"), &method, body)
        } else {
            (401, Vec::new())
        };
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        let mut stream = stream;
        if stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(&answer))
            .is_err()
        {
            return;
        }
    }
}

fn answer(kept: &mut Kept, method: &str, body: Vec<u8>) -> (u16, Vec<u8>) {
    kept.requests.push(method.to_owned());
    match method {
        "GET" => kept
            .state
            .clone()
            .map_or((404, Vec::new()), |state| (200, state)),
        "POST" if kept.refuse_writes => (409, Vec::new()),
        "POST" => {
            kept.state = Some(body);
            (200, Vec::new())
        }
        "LOCK" => {
            if let Some(held) = &kept.lock {
                return (423, held.clone());
            }
            kept.lock = Some(body);
            (200, Vec::new())
        }
        "UNLOCK" => {
            kept.lock = None;
            (200, Vec::new())
        }
        _ => (405, Vec::new()),
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<(String, bool, Vec<u8>)> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|length| *length > 0)?;
    let method = line.split(' ').next()?.to_owned();
    let expected = format!("Basic {}", STANDARD.encode(format!("attempt:{TOKEN}")));
    let (mut length, mut authorised) = (0, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "authorization" => authorised = value == expected,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((method, authorised, body))
}
