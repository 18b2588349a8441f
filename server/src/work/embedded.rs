//! The worker inside a server: its token and its listener in the data folder, the same interface as
//! every other worker.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;
use axum::Router;
use platform::{people::Actor, workers};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use crate::{
    auth::layer::bare,
    state::State,
    web::{self, shutdown},
};

/// Before making it known is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What the worker inside a server needs, taken before anything is started.
#[derive(Debug)]
pub struct Place {
    /// Its folder: attempts, token, name, address.
    pub data: PathBuf,
    /// Its name, for as long as the folder lives.
    pub name: String,
    token: String,
    listener: TcpListener,
    address: Url,
}

impl Place {
    /// Makes the folder where it is missing, and listens on this machine: at the port the living
    /// shims of an earlier start know, or at another one they will find in the folder.
    pub async fn take(data: &Path) -> anyhow::Result<Self> {
        let data = data.join("worker");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&data)
            .with_context(|| format!("{} cannot be made", data.display()))?;
        let id = Uuid::now_v7().simple().to_string();
        let name = keep(&data.join("name"), || format!("embedded-{}", &id[24..]))?;
        let token = keep(&data.join("token"), workers::ops::new_token)?;
        let (listener, address) = listen(&data).await?;
        Ok(Self {
            data,
            name,
            token,
            listener,
            address,
        })
    }
}

/// Reads a file of the worker's, or makes it, mode 0600.
fn keep(path: &Path, make: impl FnOnce() -> String) -> anyhow::Result<String> {
    use std::io::Write as _;
    let context = || format!("{} cannot be used", path.display());
    match fs::read_to_string(path) {
        Ok(text) if !text.trim().is_empty() => return Ok(text.trim().to_owned()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(context),
    }
    let text = make();
    let mut file = fs::OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(context)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(context)?;
    Ok(text)
}

async fn listen(data: &Path) -> anyhow::Result<(TcpListener, Url)> {
    let path = data.join("server");
    let known = fs::read_to_string(&path).ok();
    let known = known.and_then(|text| Url::parse(text.trim()).ok());
    let port = known.and_then(|url| url.port()).unwrap_or(0);
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = match TcpListener::bind(at(port)).await {
        Ok(listener) => listener,
        Err(_) => TcpListener::bind(at(0))
            .await
            .context("no port of this machine can be listened on")?,
    };
    let address: Url = format!("http://{}/", listener.local_addr()?).parse()?;
    fs::write(&path, address.as_str())
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok((listener, address))
}

/// What the listener of this machine answers: the calls of machines and nothing else.
fn router(state: &State) -> Router {
    web::layers_inside(super::routes(state)).with_state(state.clone())
}

/// Serves the worker's calls until the server stops.
pub async fn serve(place: TcpListener, state: State) {
    let stop = state.web.shutdown.clone();
    shutdown::serve(place, router(&state), stop).await;
}

impl Place {
    /// Makes the worker known, and runs it beside its listener until the server stops.
    pub async fn run(self, state: State) {
        let stop = state.web.shutdown.clone();
        let Self {
            data,
            name,
            token,
            listener,
            address,
        } = self;
        let serving = tokio::spawn(serve(listener, state.clone()));
        if known(&state, &name, &token, &stop).await {
            let settings = settings(&state, data, &token, address);
            if let Err(error) = runner::worker::run(settings, stop.clone()).await {
                tracing::error!(%error, "the worker inside this server ended");
            }
        }
        // The listener stays for shims until the server stops.
        stop.cancelled().await;
        if let Err(error) = serving.await {
            tracing::error!(%error, "the worker's listener ended in a panic");
        }
    }
}

fn settings(state: &State, data: PathBuf, token: &str, address: Url) -> runner::worker::Settings {
    let runner = &state.config.runner;
    let mut settings = runner::worker::Settings::new(address, token, data);
    settings.capacity = runner.worker_capacity;
    settings.labels = runner.worker_labels.iter().cloned().collect();
    settings
}

async fn known(state: &State, name: &str, token: &str, stop: &CancellationToken) -> bool {
    let cx = bare(state, Actor::System("worker"));
    let pool = &state.config.runner.worker_pool;
    loop {
        match workers::ops::embed(&cx, name, pool, token).await {
            Ok(true) => return true,
            Ok(false) => {
                tracing::error!(
                    name,
                    "the worker inside this server was revoked: it stays so. To have a new one, stop the \
                     server and remove worker/name and worker/token in the data folder"
                );
                return false;
            }
            Err(error) => tracing::warn!(%error, "the worker inside this server is not known yet"),
        }
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}
