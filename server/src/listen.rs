//! Taking the places where the portal listens, before anything else is started.

use std::{io, net::SocketAddr};

use tokio::net::TcpListener;

use crate::config::{Config, Mistake, Mistakes};

/// The sockets of one server.
#[derive(Debug)]
pub struct Listeners {
    /// The portal.
    pub portal: TcpListener,
    /// Metrics, where they are served.
    pub metrics: Option<TcpListener>,
}

impl Listeners {
    /// Takes them, or says of each that cannot be taken which setting changes it.
    pub async fn bind(config: &Config) -> Result<Self, Mistakes> {
        let mut mistakes = Vec::new();
        let mut keep = |field, result: Result<TcpListener, Mistake>| match result {
            Ok(listener) => Some(listener),
            Err(mistake) => {
                mistakes.push(Mistake { field, ..mistake });
                None
            }
        };
        let portal = keep(
            "--listen (GROUNDCREW_LISTEN)".to_owned(),
            bind(config.listen, "--listen").await,
        );
        let metrics = match config.metrics_listen {
            Some(at) => keep(
                "--metrics-listen (GROUNDCREW_METRICS_LISTEN)".to_owned(),
                bind(at, "--metrics-listen").await,
            ),
            None => None,
        };
        match portal {
            Some(portal) if mistakes.is_empty() => Ok(Self { portal, metrics }),
            _ => Err(Mistakes(mistakes)),
        }
    }
}

async fn bind(at: SocketAddr, flag: &str) -> Result<TcpListener, Mistake> {
    let error = match TcpListener::bind(at).await {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    let next = SocketAddr::new(at.ip(), at.port().wrapping_add(1));
    let (why, remedy) = match error.kind() {
        io::ErrorKind::AddrInUse => (
            format!("another program listens on {at} already"),
            format!("Stop it, or choose another port: {flag} {next} (and --public-url to match)."),
        ),
        io::ErrorKind::PermissionDenied => (
            format!("listening on {at} is not permitted"),
            "Ports below 1024 need a privilege: choose a higher one, behind a proxy.".to_owned(),
        ),
        io::ErrorKind::AddrNotAvailable => (
            format!("{} is no address of this machine", at.ip()),
            "Use 127.0.0.1 or 0.0.0.0, or an address this machine has.".to_owned(),
        ),
        _ => (
            format!("listening on {at} does not work: {error}"),
            String::new(),
        ),
    };
    Err(Mistake::new("", why, remedy))
}
