//! Keeping the mapping and the teams as the platform repository says, and the last good ones when
//! it says nothing that can be used.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use platform::{
    Cx,
    people::Actor,
    repository::{
        self, ConfiguredIssuer, Difference, Finding, Organisation, Status, difference, ops,
    },
    secrets,
};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{auth::layer, state::State};

/// How often the folder is looked at. SIGHUP looks at once.
const EVERY: Duration = Duration::from_secs(3);

/// Digits of a version that people see.
const SHORT: usize = 12;

/// The repository cannot be used and there is no earlier version to go on with.
#[derive(Debug)]
pub struct Refused(pub Vec<Finding>);

impl std::error::Error for Refused {}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "error" } else { "errors" };
        write!(f, "{count} {noun} in the platform repository:")?;
        for finding in &self.0 {
            write!(f, "\n  {finding}")?;
        }
        Ok(())
    }
}

/// The repository at start. Without a last good version to go on with, an error is the end: nobody
/// would hold a role, and that would look like somebody's fault at the identity provider.
pub fn first(
    folder: &Path,
    configured: &[ConfiguredIssuer],
) -> Result<(Organisation, Status), Refused> {
    let organisation = repository::load(folder, Some(configured)).map_err(Refused)?;
    let now = jiff::Timestamp::now();
    let status = Status {
        folder: shown(folder),
        version: short(&organisation.version),
        live_since: Some(now),
        checked_at: Some(now),
        findings: Vec::new(),
    };
    Ok((organisation, status))
}

/// From now on SIGHUP asks for a look, and does not end the process.
pub fn on_hangup() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// Looks at the folder again and again until the server stops: every few seconds, and at once when
/// asked by SIGHUP or by somebody on the Admin page.
pub async fn keep(state: State, mut hangup: Signal) {
    let mut seen = None;
    loop {
        look(&state, &mut seen).await;
        tokio::select! {
            () = state.web.shutdown.cancelled() => return,
            Some(()) = hangup.recv() => {
                tracing::info!("asked by SIGHUP to look at the platform repository");
                seen = None;
            }
            () = state.sync_asked.notified() => seen = None,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// One look. `seen` is the version that was dealt with last: what could not be put on the record is
/// dealt with again, and does not go live before it is.
pub async fn look(state: &State, seen: &mut Option<String>) {
    let folder = state.config.repository.clone();
    let configured = state.auth.for_repository();
    let skip = seen.clone();
    let read = tokio::task::spawn_blocking(move || {
        let version = repository::version(&folder);
        if version.is_some() && version == skip {
            return None;
        }
        Some((version, repository::load(&folder, Some(&configured))))
    });
    let found = match read.await {
        Ok(found) => found,
        Err(error) => {
            tracing::error!(%error, "the platform repository was not read");
            return;
        }
    };
    let dealt = match found {
        None => seen.clone(),
        Some((_, Ok(organisation))) => accept(state, organisation).await,
        Some((version, Err(findings))) => refuse(state, version, findings, seen.as_deref()).await,
    };
    if dealt.is_some() {
        *seen = dealt;
    }
    state.repository.rcu(|status| Status {
        checked_at: Some(jiff::Timestamp::now()),
        ..Status::clone(status)
    });
}

async fn accept(state: &State, organisation: Organisation) -> Option<String> {
    let before = state.organisation.load();
    let changed = difference(&before, &organisation);
    let version = organisation.version.clone();
    if let Err(error) = ops::record_live(&cx(state), &version, &changed).await {
        tracing::warn!(%error, "the new version of the platform repository waits for its audit event");
        return None;
    }
    let is_new = before.version != version;
    if is_new {
        log_change(&version, &changed);
        state.organisation.store(Arc::new(organisation));
    }
    state.repository.rcu(|status| Status {
        version: short(&version),
        live_since: if is_new {
            Some(jiff::Timestamp::now())
        } else {
            status.live_since
        },
        findings: Vec::new(),
        ..Status::clone(status)
    });
    Some(version)
}

async fn refuse(
    state: &State,
    version: Option<String>,
    mut findings: Vec<Finding>,
    seen: Option<&str>,
) -> Option<String> {
    let live = short(&state.organisation.load().version);
    for finding in &mut findings {
        finding.live.clone_from(&live);
    }
    // Files that cannot be read have no content to name; what is wrong with them names it.
    let version = version.unwrap_or_else(|| {
        let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
        hex::encode(secrets::sha256(said.join("\n").as_bytes()))
    });
    if seen == Some(&version) {
        return Some(version);
    }
    for finding in &findings {
        tracing::error!(%finding, "platform repository");
    }
    state.repository.rcu(|status| Status {
        findings: findings.clone(),
        ..Status::clone(status)
    });
    match ops::record_refused(&cx(state), &version, &findings).await {
        Ok(_) => Some(version),
        Err(error) => {
            tracing::warn!(%error, "the refused version of the platform repository is not on the record yet");
            None
        }
    }
}

fn log_change(version: &str, changed: &Difference) {
    let version = short(version);
    if changed.is_empty() {
        tracing::info!(version, "the platform repository is live");
    } else {
        let added: Vec<&str> = changed.added.keys().map(String::as_str).collect();
        let removed: Vec<&str> = changed.removed.keys().map(String::as_str).collect();
        tracing::warn!(
            version,
            ?added,
            ?removed,
            "the platform repository changes who holds roles"
        );
    }
}

fn cx(state: &State) -> Cx {
    layer::bare(state, Actor::System("sync"))
}

fn short(version: &str) -> String {
    version.chars().take(SHORT).collect()
}

fn shown(folder: &Path) -> String {
    let real = folder.canonicalize();
    real.as_deref().unwrap_or(folder).display().to_string()
}
