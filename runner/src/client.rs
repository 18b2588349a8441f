//! Calls to the server: the protocol of `platform::jobs::wire`, outbound only.
//!
//! The second place where an HTTP client is made (the first is `server::outgoing`): the address is
//! the operator's own, so there is no guard against internal ones; the driver `http`, whose
//! addresses are not, has it in `drive::http`.

#![expect(
    clippy::disallowed_methods,
    reason = "the worker's one way to its server"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use platform::jobs::wire;
use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;
use uuid::Uuid;

use crate::lock;

const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(10);

/// The beginning of a client for addresses that steps name: follows nothing, takes no proxy from the
/// environment. Whoever finishes it brings a resolver that refuses internal addresses.
pub(crate) fn bare() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT)
        .user_agent(concat!("groundcrew/", env!("CARGO_PKG_VERSION")))
}

/// Why a call brought nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refused {
    /// No longer the holder, or unknown: stop.
    #[error("the server no longer counts this attempt as the holder")]
    Gone,
    /// The token means nothing to the server.
    #[error("the server does not know this token")]
    Unknown,
    /// Other content is there under this number.
    #[error("the server holds something else under this number")]
    Conflict,
    /// The worker is older than the server takes.
    #[error("this worker is too old for the server: upgrade it")]
    TooOld,
    /// The request itself is wrong: trying again would not help.
    #[error("the server refused ({0}): {1}")]
    Wrong(u16, String),
    /// Not reached, or in trouble: try again.
    #[error("the server is away: {0}")]
    Away(String),
}

impl Refused {
    /// Whether trying again may help.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Away(_))
    }
}

/// One server, one token. Cheap to clone; connections are kept alive.
#[derive(Clone)]
pub struct Server {
    http: reqwest::Client,
    address: Arc<Mutex<Url>>,
    /// Holds the address as it is now; a server on this machine may come back on another port.
    moved: Option<PathBuf>,
    token: String,
}

impl Server {
    /// At an address, with a token. `data` is the worker's folder.
    pub fn new(address: Url, data: Option<&Path>, token: &str) -> anyhow::Result<Self> {
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT)
            .pool_idle_timeout(Duration::from_secs(60))
            .user_agent(concat!("groundcrew-worker/", env!("CARGO_PKG_VERSION")));
        if address.scheme() == "http" {
            // Reading the system's certificates takes longer than starting a process.
            builder = builder.tls_certs_only([]).no_proxy();
        }
        Ok(Self {
            http: builder.build()?,
            address: Arc::new(Mutex::new(address)),
            moved: data.map(|data| data.join("server")),
            token: token.to_owned(),
        })
    }

    /// The same with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// Where it is now.
    pub fn address(&self) -> Url {
        lock(&self.address).clone()
    }

    /// Says who this worker is.
    pub async fn hello(&self, hello: &wire::Hello) -> Result<wire::Welcome, Refused> {
        self.json(Method::POST, "work/v1/hello", hello, ANSWER)
            .await
    }

    /// Asks for work, and waits for it.
    pub async fn claim(&self, claim: wire::Claim) -> Result<wire::Claimed, Refused> {
        let patience = ANSWER + Duration::from_millis(claim.wait_ms);
        self.json(Method::POST, "work/v1/claim", &claim, patience)
            .await
    }

    /// The gate.
    pub async fn start(&self, attempt: Uuid, start: wire::Start) -> Result<wire::Renewed, Refused> {
        self.json(Method::POST, &of(attempt, "start"), &start, ANSWER)
            .await
    }

    /// Keeps the lease.
    pub async fn renew(
        &self,
        attempt: Uuid,
        renew: &wire::Renew,
        patience: Duration,
    ) -> Result<wire::Renewed, Refused> {
        self.json(Method::POST, &of(attempt, "renew"), renew, patience)
            .await
    }

    /// One chunk of the log.
    pub async fn log(&self, attempt: Uuid, seq: i64, bytes: Vec<u8>) -> Result<(), Refused> {
        self.bytes(&of(attempt, &format!("log/{seq}")), bytes).await
    }

    /// One entry of the journal.
    pub async fn journal(
        &self,
        attempt: Uuid,
        seq: i64,
        entry: &wire::JournalEntry,
    ) -> Result<(), Refused> {
        let path = of(attempt, &format!("journal/{seq}"));
        let body = encode(entry)?;
        self.send(Method::PUT, &path, body, true, ANSWER)
            .await
            .map(drop)
    }

    /// The tool's plan file.
    pub async fn put_plan_file(&self, attempt: Uuid, bytes: Vec<u8>) -> Result<(), Refused> {
        self.bytes(&of(attempt, "plan/file"), bytes).await
    }

    /// The plan.
    pub async fn plan(
        &self,
        attempt: Uuid,
        plan: &wire::PlanMade,
    ) -> Result<wire::PlanKept, Refused> {
        self.json(Method::PUT, &of(attempt, "plan"), plan, ANSWER * 3)
            .await
    }

    /// The plan file this attempt consumed.
    pub async fn plan_file(&self, attempt: Uuid) -> Result<Vec<u8>, Refused> {
        let path = of(attempt, "plan/file");
        self.send(Method::GET, &path, Vec::new(), false, ANSWER * 3)
            .await
    }

    /// A file worth keeping.
    pub async fn evidence(&self, attempt: Uuid, name: &str, bytes: Vec<u8>) -> Result<(), Refused> {
        self.bytes(&of(attempt, &format!("evidence/{name}")), bytes)
            .await
    }

    /// The end.
    pub async fn finish(&self, attempt: Uuid, finish: &wire::Finish) -> Result<(), Refused> {
        let body = encode(finish)?;
        let path = of(attempt, "finish");
        self.send(Method::POST, &path, body, true, ANSWER)
            .await
            .map(drop)
    }

    async fn json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        patience: Duration,
    ) -> Result<T, Refused> {
        let body = encode(body)?;
        let answer = self.send(method, path, body, true, patience).await?;
        serde_json::from_slice(&answer)
            .map_err(|error| Refused::Away(format!("an answer that is not understood: {error}")))
    }

    async fn bytes(&self, path: &str, bytes: Vec<u8>) -> Result<(), Refused> {
        // A slow line gets the time it takes: at least 64 KiB each second.
        let size = u64::try_from(bytes.len() / (64 * 1024)).unwrap_or(u64::MAX);
        let patience = ANSWER + Duration::from_secs(size);
        self.send(Method::PUT, path, bytes, false, patience)
            .await
            .map(drop)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        json: bool,
        patience: Duration,
    ) -> Result<Vec<u8>, Refused> {
        let url = self
            .address()
            .join(path)
            .map_err(|error| Refused::Away(error.to_string()))?;
        let kind = if json {
            "application/json"
        } else {
            "application/octet-stream"
        };
        let answer = self
            .http
            .request(method, url)
            .bearer_auth(&self.token)
            .header("content-type", kind)
            .timeout(patience)
            .body(body)
            .send()
            .await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.look_again();
                return Err(Refused::Away(innermost(error)));
            }
        };
        let status = answer.status();
        let body = answer
            .bytes()
            .await
            .map_err(|error| Refused::Away(innermost(error)))?;
        if status.is_success() {
            return Ok(body.into());
        }
        let text: String = String::from_utf8_lossy(&body).chars().take(300).collect();
        Err(match status {
            StatusCode::GONE => Refused::Gone,
            StatusCode::UNAUTHORIZED => Refused::Unknown,
            StatusCode::CONFLICT => Refused::Conflict,
            StatusCode::UPGRADE_REQUIRED => Refused::TooOld,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Refused::Away(text),
            _ if status.is_client_error() => Refused::Wrong(status.as_u16(), text),
            _ => Refused::Away(format!("{status} {text}")),
        })
    }

    /// The server may have come back elsewhere.
    fn look_again(&self) {
        let found = self
            .moved
            .as_ref()
            .and_then(|path| fs::read_to_string(path).ok());
        if let Some(url) = found.and_then(|text| Url::parse(text.trim()).ok()) {
            *lock(&self.address) = url;
        }
    }
}

fn encode(body: &impl Serialize) -> Result<Vec<u8>, Refused> {
    serde_json::to_vec(body).map_err(|error| Refused::Wrong(0, error.to_string()))
}

fn of(attempt: Uuid, what: &str) -> String {
    format!("work/v1/attempts/{attempt}/{what}")
}

pub(crate) fn innermost(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
