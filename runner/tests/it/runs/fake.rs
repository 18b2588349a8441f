//! A server that keeps what it is told, and can be away.

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use platform::jobs::{
    Cancel,
    wire::{Assignment, Claim, Claimed, Finish, Hello, JournalEntry, Renewed, Timing, Welcome},
};
use serde::Serialize;
use tokio::{net::TcpListener, runtime::Runtime};
use uuid::Uuid;

/// What is known of one attempt.
#[derive(Clone, Default)]
pub(super) struct Seen {
    pub(super) token: String,
    pub(super) started: Option<Instant>,
    pub(super) starts: u32,
    pub(super) renewals: u32,
    pub(super) log: BTreeMap<i64, Vec<u8>>,
    pub(super) journal: BTreeMap<i64, JournalEntry>,
    pub(super) plan: Option<serde_json::Value>,
    pub(super) plan_file: Option<Vec<u8>>,
    pub(super) evidence: BTreeMap<String, Vec<u8>>,
    pub(super) finish: Option<Finish>,
    pub(super) conflicts: u32,
    pub(super) cancel: Option<Cancel>,
    pub(super) gone: bool,
}

impl Seen {
    /// The log, whole; no number may be missing.
    pub(super) fn text(&self) -> Vec<u8> {
        let numbers: Vec<i64> = self.log.keys().copied().collect();
        let wanted: Vec<i64> = (0..).take(numbers.len()).collect();
        assert_eq!(numbers, wanted, "the log has gaps");
        self.log.values().flatten().copied().collect()
    }

    pub(super) fn lossy(&self) -> String {
        String::from_utf8_lossy(&self.text()).into_owned()
    }
}

#[derive(Default)]
struct State {
    offered: VecDeque<Assignment>,
    attempts: BTreeMap<Uuid, Seen>,
    hello: Option<Hello>,
    away: bool,
    log_away: bool,
    begun: Option<Vec<u8>>,
    asked: u32,
}

/// The fake.
pub(super) struct Fake {
    pub(super) address: SocketAddr,
    state: Arc<Mutex<State>>,
    _runtime: Runtime,
}

pub(super) const WORKER: &str = "gcw_the-worker's-own-token-0123456789";

impl Fake {
    pub(super) fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let state = Arc::new(Mutex::new(State::default()));
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::clone(&state);
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                let service = service_fn(move |request| answer(Arc::clone(&shared), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self {
            address,
            state,
            _runtime: runtime,
        }
    }

    pub(super) fn offer(&self, assignment: &Assignment) {
        let mut state = self.state.lock().expect("fine");
        let seen = state.attempts.entry(assignment.attempt).or_default();
        seen.token.clone_from(&assignment.token);
        state.offered.push_back(assignment.clone());
    }

    pub(super) fn seen(&self, attempt: Uuid) -> Seen {
        self.state.lock().expect("fine").attempts[&attempt].clone()
    }

    pub(super) fn change(&self, attempt: Uuid, change: impl FnOnce(&mut Seen)) {
        change(
            self.state
                .lock()
                .expect("fine")
                .attempts
                .get_mut(&attempt)
                .expect("offered"),
        );
    }

    pub(super) fn away(&self, away: bool) {
        self.state.lock().expect("fine").away = away;
    }

    pub(super) fn log_away(&self, away: bool) {
        self.state.lock().expect("fine").log_away = away;
    }

    pub(super) fn hello(&self) -> Option<Hello> {
        self.state.lock().expect("fine").hello.clone()
    }

    /// What the other system was sent, and how often it was asked.
    pub(super) fn elsewhere(&self) -> (Vec<u8>, u32) {
        let state = self.state.lock().expect("fine");
        (state.begun.clone().unwrap_or_default(), state.asked)
    }

    /// Waits until something is so.
    pub(super) fn wait(&self, attempt: Uuid, what: &str, so: impl Fn(&Seen) -> bool) -> Seen {
        let until = Instant::now() + super::SOON;
        loop {
            let seen = self.seen(attempt);
            if so(&seen) {
                return seen;
            }
            assert!(
                Instant::now() < until,
                "never: {what}; log: {}",
                seen.lossy()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits for the end, and for the whole log.
    pub(super) fn finished(&self, attempt: Uuid) -> (Finish, Seen) {
        let seen = self.wait(attempt, "the end", |seen| {
            seen.finish.as_ref().is_some_and(|finish| {
                i64::try_from(seen.log.len()).expect("few") >= finish.log_chunks
                    && i64::try_from(seen.journal.len()).expect("few") >= finish.journal_entries
            })
        });
        (seen.finish.clone().expect("there"), seen)
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let token = request.headers().get("authorization").cloned();
    let token =
        token.and_then(|value| Some(value.to_str().ok()?.strip_prefix("Bearer ")?.to_owned()));
    let body = request
        .into_body()
        .collect()
        .await
        .map(|body| body.to_bytes().to_vec());
    let Ok(body) = body else {
        return Ok(status(StatusCode::BAD_REQUEST));
    };
    if state.lock().expect("fine").away {
        return Ok(status(StatusCode::SERVICE_UNAVAILABLE));
    }
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    Ok(match &*parts {
        ["work", "v1", "hello"] if token.as_deref() == Some(WORKER) => {
            state.lock().expect("fine").hello = serde_json::from_slice(&body).ok();
            json(&Welcome {
                worker: Uuid::nil(),
                name: "one".to_owned(),
                pool: "default".to_owned(),
                timing: Timing::default(),
                over: Vec::new(),
                drained: false,
            })
        }
        ["work", "v1", "claim"] if token.as_deref() == Some(WORKER) => claim(&state, &body).await,
        ["work", "v1", "attempts", id, rest @ ..] => {
            let id = Uuid::parse_str(id).expect("an id");
            attempt(
                &mut state.lock().expect("fine"),
                id,
                token.as_deref(),
                rest,
                body,
            )
        }
        ["somewhere", "else", rest @ ..] => elsewhere(&mut state.lock().expect("fine"), rest, body),
        _ => status(StatusCode::UNAUTHORIZED),
    })
}

/// Another system: begins something, and says later that it is done.
fn elsewhere(state: &mut State, what: &[&str], body: Vec<u8>) -> Response<Full<Bytes>> {
    match what {
        ["begin"] => {
            state.begun = Some(body);
            json(&serde_json::json!({ "run": { "id": "r 1" } }))
        }
        ["run", "r+1"] => {
            state.asked += 1;
            let word = if state.asked < 2 { "busy" } else { "done" };
            json(&serde_json::json!({ "state": word, "url": "https://made.example" }))
        }
        _ => status(StatusCode::SERVICE_UNAVAILABLE),
    }
}

async fn claim(state: &Mutex<State>, body: &[u8]) -> Response<Full<Bytes>> {
    let claim: Claim = serde_json::from_slice(body).expect("a claim");
    let until = Instant::now() + Duration::from_millis(claim.wait_ms);
    loop {
        let mut assignments = Vec::new();
        {
            let mut state = state.lock().expect("fine");
            while assignments.len() < claim.free as usize
                && let Some(one) = state.offered.pop_front()
            {
                assignments.push(one);
            }
        }
        if !assignments.is_empty() || Instant::now() >= until {
            return json(&Claimed { assignments });
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

fn attempt(
    state: &mut State,
    id: Uuid,
    token: Option<&str>,
    what: &[&str],
    body: Vec<u8>,
) -> Response<Full<Bytes>> {
    let log_away = state.log_away;
    let Some(seen) = state.attempts.get_mut(&id) else {
        return status(StatusCode::UNAUTHORIZED);
    };
    if token != Some(&*seen.token) {
        return status(StatusCode::UNAUTHORIZED);
    }
    let late = seen.gone && !matches!(what, ["evidence" | "log", _]);
    if late {
        return status(StatusCode::GONE);
    }
    let renewed = Renewed {
        lease_ms: 20_000,
        cancel: seen.cancel,
    };
    match what {
        ["start"] => {
            seen.started.get_or_insert_with(Instant::now);
            seen.starts += 1;
            json(&renewed)
        }
        ["renew"] => {
            seen.renewals += 1;
            json(&renewed)
        }
        ["log", _] if log_away => status(StatusCode::SERVICE_UNAVAILABLE),
        ["log", seq] => {
            assert!(body.len() <= 64 * 1024, "a chunk of {}", body.len());
            keep(
                &mut seen.log,
                seq.parse().expect("a number"),
                body,
                &mut seen.conflicts,
            )
        }
        ["journal", seq] => {
            let entry = serde_json::from_slice(&body).expect("an entry");
            keep(
                &mut seen.journal,
                seq.parse().expect("a number"),
                entry,
                &mut seen.conflicts,
            )
        }
        ["plan"] => {
            seen.plan = serde_json::from_slice(&body).ok();
            json(&serde_json::json!({ "plan": Uuid::nil() }))
        }
        ["plan", "file"] if body.is_empty() => {
            Response::new(Full::new(seen.plan_file.clone().unwrap_or_default().into()))
        }
        ["plan", "file"] => {
            seen.plan_file = Some(body);
            status(StatusCode::NO_CONTENT)
        }
        ["evidence", name] => {
            seen.evidence.insert((*name).to_owned(), body);
            status(StatusCode::NO_CONTENT)
        }
        ["finish"] => {
            seen.finish = serde_json::from_slice(&body).ok();
            status(StatusCode::NO_CONTENT)
        }
        _ => status(StatusCode::NOT_FOUND),
    }
}

fn keep<T: PartialEq>(
    into: &mut BTreeMap<i64, T>,
    seq: i64,
    value: T,
    conflicts: &mut u32,
) -> Response<Full<Bytes>> {
    match into.get(&seq) {
        Some(there) if *there != value => {
            *conflicts += 1;
            status(StatusCode::CONFLICT)
        }
        _ => {
            into.insert(seq, value);
            status(StatusCode::NO_CONTENT)
        }
    }
}

fn json(value: &impl Serialize) -> Response<Full<Bytes>> {
    Response::new(Full::new(serde_json::to_vec(value).expect("plain").into()))
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}
