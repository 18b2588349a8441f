//! On a real socket: upgrades, smuggling, stopping.

use std::{convert::Infallible, net::SocketAddr, time::Duration};

use axum::{
    Router,
    response::sse::{Event, Sse},
    routing::get,
};
use futures::{StreamExt as _, stream};
use server::web::shutdown;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::without_database;

async fn listen(app: Router, token: &CancellationToken) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let serving = tokio::spawn(shutdown::serve(listener, app, token.clone()));
    (address, serving)
}

/// Sends these bytes, reads until the other side closes or five seconds are over.
pub(super) async fn talk(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(bytes.as_bytes()).await.expect("writes");
    let mut answer = Vec::new();
    let _ = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn security_32_nothing_switches_protocols() {
    let token = CancellationToken::new();
    let (address, _) = listen(without_database().router, &token).await;
    for path in [
        "/page",
        "/fn/probe/act",
        "/seen",
        "/livez",
        "/nothing",
        "/reports/csp",
    ] {
        for protocol in ["websocket", "h2c"] {
            let answer = talk(
                address,
                &format!(
                    "GET {path} HTTP/1.1\r\nHost: portal.example\r\nConnection: Upgrade, close\r\n\
                     Upgrade: {protocol}\r\nSec-WebSocket-Version: 13\r\n\
                     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                     Origin: https://portal.example\r\n\r\n"
                ),
            )
            .await;
            assert!(
                answer.starts_with("HTTP/1.1 "),
                "{path} {protocol}: {answer}"
            );
            assert!(
                !answer.starts_with("HTTP/1.1 101"),
                "{path} {protocol}: {answer}"
            );
        }
    }
    token.cancel();
}

#[tokio::test]
async fn security_41_ambiguous_requests_are_refused() {
    let token = CancellationToken::new();
    let (address, _) = listen(without_database().router, &token).await;
    let smuggled = "GET /seen HTTP/1.1\r\nHost: portal.example\r\n\r\n";
    for head in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: xchunked",
        "Content-Length: +5",
        "Content-Length : 5",
        "X-A: b\r\n Folded: c",
    ] {
        let request = format!(
            "POST /echo HTTP/1.1\r\nHost: portal.example\r\n{head}\r\n\r\n0\r\n\r\n{smuggled}"
        );
        let answer = talk(address, &request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{head}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{head}: {answer}");
    }
    // Both: chunked wins and the connection is not used again, or it is refused.
    let both = format!(
        "POST /echo HTTP/1.1\r\nHost: portal.example\r\nContent-Length: 5\r\n\
         Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n{smuggled}"
    );
    let answer = talk(address, &both).await;
    assert!(
        !answer.contains("127.0.0.1 host"),
        "the second request was taken: {answer}"
    );
    token.cancel();
}

#[tokio::test]
async fn stopping_ends_streams_finishes_requests_and_takes_no_more() {
    let token = CancellationToken::new();
    let stop = token.clone();
    let app = Router::new()
        .route(
            "/slow",
            get(async || {
                sleep(Duration::from_millis(600)).await;
                "finished"
            }),
        )
        .route(
            "/events",
            get(move || {
                let stop = stop.clone();
                let beats = stream::repeat(()).then(|()| async {
                    sleep(Duration::from_millis(50)).await;
                    Ok::<_, Infallible>(Event::default().data("beat"))
                });
                let events = Sse::new(shutdown::until(beats, &stop));
                async move { events }
            }),
        );
    let (address, serving) = listen(app, &token).await;
    let ask = |path: &str| {
        let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        tokio::spawn(async move { talk(address, &request).await })
    };
    let (slow, events) = (ask("/slow"), ask("/events"));
    sleep(Duration::from_millis(200)).await;
    token.cancel();
    timeout(Duration::from_secs(3), serving)
        .await
        .expect("stops soon")
        .expect("no panic");
    assert!(slow.await.expect("answers").ends_with("finished"));
    let events = events.await.expect("answers");
    assert!(
        events.contains("beat") && events.ends_with("0\r\n\r\n"),
        "ended in order: {events}"
    );
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens");
}
