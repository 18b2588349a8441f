//! Listening and stopping: on the way down no new connections, streams end, requests finish, within
//! 30 seconds.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use futures::{Stream, StreamExt as _};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// How long requests may take to finish.
pub const GRACE: Duration = Duration::from_secs(30);

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(15);

/// Most bytes of a request's head.
const HEAD_BYTES: usize = 64 * 1024;

/// Cancels the token on the first SIGTERM or SIGINT.
pub async fn on_signal(token: CancellationToken) {
    let handlers = signal(SignalKind::terminate())
        .and_then(|terminate| Ok((terminate, signal(SignalKind::interrupt())?)));
    let (mut terminate, mut interrupt) = match handlers {
        Ok(handlers) => handlers,
        Err(error) => {
            tracing::error!(%error, "signals cannot be handled: one ends the process at once");
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => tracing::info!("asked to stop by SIGTERM"),
        _ = interrupt.recv() => tracing::info!("asked to stop by SIGINT"),
        () = token.cancelled() => {}
    }
    token.cancel();
}

/// A stream that ends when the server is asked to stop. Every stream of events goes through here.
pub fn until<S: Stream>(
    stream: S,
    token: &CancellationToken,
) -> impl Stream<Item = S::Item> + use<S> {
    stream.take_until(token.clone().cancelled_owned())
}

/// Serves until the token is cancelled and the last request is answered, or [`GRACE`] is over.
pub async fn serve(listener: TcpListener, app: Router, token: CancellationToken) {
    let mut http = auto::Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .max_concurrent_streams(100)
        .max_header_list_size(u32::try_from(HEAD_BYTES).unwrap_or(u32::MAX));
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = token.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = connect(&http, stream, peer, &app);
                let connection = connections.watch(connection);
                tokio::spawn(async move {
                    // A client that goes away or speaks nonsense is no event of ours.
                    if let Err(error) = connection.await {
                        tracing::debug!(error, "a connection ended early");
                    }
                });
            }
            Err(error) => {
                // Mostly: no file descriptors left. Waiting gives some back.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    drop(listener);
    let open = connections.count();
    tracing::info!(open, "stopping: no new connections, finishing requests");
    tokio::select! {
        () = connections.shutdown() => tracing::info!("all requests finished"),
        () = tokio::time::sleep(GRACE) => tracing::warn!("requests were cut: they took too long"),
    }
}

fn connect(
    http: &auto::Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    app: &Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = axum::BoxError> + Send + 'static
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a socket keeps collecting small packets");
    }
    let app = app.clone();
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().oneshot(request)
    });
    // Without upgrades, on purpose: see `methods`.
    http.serve_connection(TokioIo::new(stream), service)
        .into_owned()
}
