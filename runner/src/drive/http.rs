//! The tool that makes one call.
//!
//! The answer goes to standard output, what happens to standard error: method, host and status, no
//! headers and no body. Internal addresses are refused twice, in the address and where its name is
//! resolved for dialling; beside that, landlock lets it dial a few ports only.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    net::IpAddr,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use ipnet::IpNet;
use platform::{
    addresses,
    jobs::spec::{Http, Poll},
};
use reqwest::{
    Method,
    dns::{Addrs, Name, Resolve, Resolving},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Host, Url};

use crate::client;

/// What the driver tells it.
#[derive(Serialize, Deserialize)]
pub struct Orders {
    /// The step's words.
    pub call: Http,
    /// For `{secret:NAME}` in headers and body.
    pub secrets: BTreeMap<String, String>,
    /// Internal networks that may be called.
    pub internal: Vec<IpNet>,
}

/// Exit code: no answer came, or one that says to try again later.
pub const UNANSWERED: u8 = 75;
/// Exit code: the answer says no, or the call may not be made.
pub const REFUSED: u8 = 1;
/// Most bytes of an answer.
const ANSWER: usize = 1024 * 1024;

struct Failed(u8, String);

/// Runs it.
pub(super) fn run() -> io::Result<ExitCode> {
    let orders: Orders = serde_json::from_reader(io::stdin().lock())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match runtime.block_on(carry_out(&orders)) {
        Ok(answer) => {
            io::stdout().write_all(&answer)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(Failed(code, why)) => {
            eprintln!("{why}");
            Ok(ExitCode::from(code))
        }
    }
}

async fn carry_out(orders: &Orders) -> Result<Vec<u8>, Failed> {
    let call = &orders.call;
    let http = client::bare()
        .timeout(Duration::from_secs(call.timeout_s.into()))
        .dns_resolver(Arc::new(Guarded(orders.internal.clone())))
        .build()
        .map_err(|error| refused(error.to_string()))?;
    let method: Method = call.method.parse().map_err(|_| refused("no such method"))?;
    let url = address(&call.url, &orders.internal)?;
    let (status, answer) = send(&http, method, url, orders, true).await?;
    let fine = if call.expect.is_empty() {
        (200..300).contains(&status)
    } else {
        call.expect.contains(&status)
    };
    if !fine {
        let code = if matches!(status, 408 | 429 | 500..) {
            UNANSWERED
        } else {
            REFUSED
        };
        return Err(Failed(code, format!("the answer is {status}")));
    }
    match &call.poll {
        None => Ok(answer),
        Some(poll) => ask(&http, orders, poll, &answer).await,
    }
}

/// Asks until it is done; how long is the step's limit of time.
async fn ask(
    http: &reqwest::Client,
    orders: &Orders,
    poll: &Poll,
    first: &[u8],
) -> Result<Vec<u8>, Failed> {
    let first: Value = serde_json::from_slice(first).unwrap_or(Value::Null);
    let url = filled(&poll.url, &first)?;
    let url = address(&url, &orders.internal)?;
    loop {
        tokio::time::sleep(Duration::from_secs(poll.every_s.into())).await;
        // A question that is not answered is asked again: the call itself has been made.
        let Ok((status, answer)) = send(http, Method::GET, url.clone(), orders, false).await else {
            continue;
        };
        if !(200..300).contains(&status) {
            continue;
        }
        let said: Value = serde_json::from_slice(&answer).unwrap_or(Value::Null);
        let state = said.pointer(&poll.pointer).cloned().unwrap_or(Value::Null);
        if poll.done.contains(&state) {
            return Ok(answer);
        }
        if poll.failed.contains(&state) {
            return Err(refused(format!("the other side says {state}")));
        }
    }
}

async fn send(
    http: &reqwest::Client,
    method: Method,
    url: Url,
    orders: &Orders,
    with_body: bool,
) -> Result<(u16, Vec<u8>), Failed> {
    let secret = |text: &str| secrets(text, &orders.secrets);
    let mut request = http.request(method.clone(), url.clone());
    for (name, value) in &orders.call.headers {
        request = request.header(name, secret(value)?);
    }
    match orders.call.body.as_ref().filter(|_| with_body) {
        None => {}
        Some(Value::String(text)) => request = request.body(secret(text)?),
        Some(value) => {
            request = request
                .header("content-type", "application/json")
                .body(secret(&value.to_string())?);
        }
    }
    let host = url.host_str().unwrap_or_default();
    let sent = request.send().await;
    let mut answer = sent.map_err(|error| {
        Failed(
            UNANSWERED,
            format!("{method} {host}: {}", client::innermost(error)),
        )
    })?;
    let status = answer.status();
    eprintln!("{method} {host}: {status}");
    if status.is_redirection() {
        return Err(refused("the answer is a redirect, and none is followed"));
    }
    let mut body = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= ANSWER => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(refused("the answer is over 1 MiB")),
            Ok(None) => return Ok((status.as_u16(), body)),
            Err(error) => return Err(Failed(UNANSWERED, client::innermost(error))),
        }
    }
}

/// `{secret:NAME}` by its value.
fn secrets(text: &str, known: &BTreeMap<String, String>) -> Result<String, Failed> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{secret:") {
        let (name, after) = after
            .split_once('}')
            .ok_or_else(|| refused("{secret: without }"))?;
        let value = known.get(name);
        out.push_str(before);
        out.push_str(value.ok_or_else(|| refused(format!("no secret is called {name:?}")))?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// `{/pointer}` by the value there, as one part of a path.
fn filled(text: &str, first: &Value) -> Result<String, Failed> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{/") {
        let (pointer, after) = after
            .split_once('}')
            .ok_or_else(|| refused("{/ without }"))?;
        out.push_str(before);
        let value = first.pointer(&format!("/{pointer}"));
        let value = match value {
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
            _ => return Err(refused(format!("the answer has nothing at /{pointer}"))),
        };
        out.extend(url::form_urlencoded::byte_serialize(value.as_bytes()));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// What can be seen in the address itself.
fn address(text: &str, internal: &[IpNet]) -> Result<Url, Failed> {
    let url = Url::parse(text).map_err(|error| refused(format!("the address: {error}")))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(refused("only http and https are called"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("the address holds a user name"));
    }
    let ip: IpAddr = match url.host() {
        Some(Host::Ipv4(ip)) => ip.into(),
        Some(Host::Ipv6(ip)) => ip.into(),
        Some(Host::Domain(_)) => return Ok(url),
        None => return Err(refused("the address names no host")),
    };
    if may_dial(ip, internal) {
        Ok(url)
    } else {
        Err(refused(format!(
            "{ip} is not an address that may be called"
        )))
    }
}

fn may_dial(ip: IpAddr, internal: &[IpNet]) -> bool {
    let ip = ip.to_canonical();
    !addresses::is_denied(ip) || internal.iter().any(|net| net.contains(&ip))
}

/// Resolves, and drops what may not be dialled.
struct Guarded(Vec<IpNet>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let internal = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let mut fine: Vec<_> = found.collect();
            fine.retain(|one| may_dial(one.ip(), &internal));
            if fine.is_empty() {
                return Err("the name leads to an address that may not be called".into());
            }
            Ok(Box::new(fine.into_iter()) as Addrs)
        })
    }
}

fn refused(why: impl Into<String>) -> Failed {
    Failed(REFUSED, why.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn internal_addresses_are_refused_unless_allowed() {
        for text in [
            "http://169.254.169.254/latest/meta-data",
            "https://[::ffff:169.254.169.254]/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://10.1.2.3/",
            "ftp://example.com/",
            "https://me:secret@example.com/",
        ] {
            assert!(address(text, &[]).is_err(), "{text}");
        }
        assert!(address("https://example.com/", &[]).is_ok());
        let ours = ["10.1.0.0/16".parse().expect("a network")];
        assert!(address("https://10.1.2.3/", &ours).is_ok());
    }

    #[test]
    fn secrets_and_values_are_filled_in() {
        let known = BTreeMap::from([("KEY".to_owned(), "s3cret".to_owned())]);
        let filled_in = secrets("Bearer {secret:KEY}.", &known);
        assert_eq!(filled_in.ok().as_deref(), Some("Bearer s3cret."));
        assert!(secrets("{secret:OTHER}", &known).is_err());
        let answer = json!({"run": {"id": "a/b?c"}, "n": 7});
        let url = filled("https://x/{/run/id}/{/n}", &answer);
        assert_eq!(url.ok().as_deref(), Some("https://x/a%2Fb%3Fc/7"));
        assert!(filled("{/missing}", &answer).is_err());
    }
}
