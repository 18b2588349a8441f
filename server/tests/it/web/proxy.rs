//! The proxy file we ship, in a real nginx before a real listener (SECURITY.md, test 41).

use std::{
    net::SocketAddr,
    path::Path,
    process::{Child, Command},
    sync::Arc,
    time::Duration,
};

use server::web::{Web, shutdown};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::{config, listening::talk, probes_on, state};

const SHIPPED: &str = include_str!("../../../../docs/proxy/nginx.conf");

/// A running nginx; ends when dropped.
struct Nginx {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill(); // it may have ended by itself
        let _ = self.process.wait();
    }
}

/// The shipped file with nothing changed but names, places and, because there is no certificate, TLS.
fn fitted(portal: SocketAddr, front: u16, folder: &Path) -> String {
    let folder = folder.display();
    let mut fitted = String::from("daemon off;\nmaster_process off;\n");
    for line in SHIPPED.lines() {
        let dropped = [
            "ssl_certificate",
            "ssl_protocols",
            "ssl_session",
            "ssl_reject",
            "listen 80",
        ];
        if dropped.iter().any(|word| line.trim().starts_with(word)) {
            if line.contains("listen 80") {
                fitted.push_str("    listen 127.0.0.1:");
                fitted.push_str(&(front + 1).to_string());
                fitted.push_str(";\n");
            }
            continue;
        }
        fitted += &line
            .replace(
                "listen 443 ssl http2 default_server;",
                &format!("listen 127.0.0.1:{front} default_server;"),
            )
            .replace(
                "listen 443 ssl http2;",
                &format!("listen 127.0.0.1:{front};"),
            )
            .replace("portal.example.com", "portal.example")
            .replace("127.0.0.1:8080", &portal.to_string())
            .replace("/var/log/nginx", &folder.to_string())
            .replace("/run/nginx.pid", &format!("{folder}/nginx.pid"));
        fitted.push('\n');
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("  {kind}_temp_path {folder}/{kind};\n"))
        .concat();
    fitted.replacen("http {\n", &format!("http {{\n{temporary}"), 1)
}

async fn nginx(portal: SocketAddr) -> Option<Nginx> {
    let program = [
        "/usr/sbin/nginx",
        "/usr/local/bin/nginx",
        "/opt/homebrew/bin/nginx",
    ]
    .into_iter()
    .find(|path| Path::new(path).exists())?;
    let folder = tempfile::tempdir().expect("a folder");
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let front = free.local_addr().expect("bound").port().min(65_000);
    drop(free);
    let file = folder.path().join("nginx.conf");
    std::fs::write(&file, fitted(portal, front, folder.path())).expect("written");
    let process = Command::new(program)
        .arg("-c")
        .arg(&file)
        .arg("-p")
        .arg(folder.path())
        .spawn()
        .expect("nginx starts");
    let nginx = Nginx {
        process,
        address: ([127, 0, 0, 1], front).into(),
        _folder: folder,
    };
    for _ in 0..100 {
        if TcpStream::connect(nginx.address).await.is_ok() {
            return Some(nginx);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nginx does not take the shipped file");
}

/// The portal of probes on a listener, believing proxies of this machine, and nginx before it.
async fn behind_nginx() -> Option<(Nginx, CancellationToken)> {
    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
    let db = sqlx::PgPool::connect_lazy(nowhere).expect("a URL");
    let mut state = state(db.clone());
    let mut settings = config(&[]);
    settings.web.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    state.web = Arc::new(Web::new(&settings, &db).expect("fine"));
    state.config = Arc::new(settings);
    let router = probes_on(state, platform::people::Actor::Anonymous).router;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let portal = listener.local_addr().expect("bound");
    let token = CancellationToken::new();
    tokio::spawn(shutdown::serve(listener, router, token.clone()));
    let Some(nginx) = nginx(portal).await else {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI has no nginx: scripts/setup test installs it"
        );
        eprintln!("no nginx here: the shipped proxy file is not tried");
        return None;
    };
    Some((nginx, token))
}

#[tokio::test]
async fn security_41_the_shipped_proxy_passes_host_and_origin_and_no_word_on_forwarding() {
    let Some((nginx, token)) = behind_nginx().await else {
        return;
    };
    let get = |host: &str, more: &str| {
        format!("GET /seen HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n")
    };
    let hostile = "X-Forwarded-For: 203.0.113.66\r\nX-Forwarded-Host: evil.example\r\nX-Real-IP: 203.0.113.66\r\n\
                   Forwarded: for=203.0.113.66\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Port: 1\r\n\
                   Origin: https://portal.example\r\nSec-Fetch-Site: same-origin\r\n";
    let answer = talk(nginx.address, &get("portal.example", hostile)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let seen = answer.rsplit("\r\n\r\n").next().unwrap_or_default();
    assert!(
        seen.contains("127.0.0.1 "),
        "the peer of nginx, not what it said: {answer}"
    );
    assert!(
        !answer.contains("203.0.113.66") && !seen.contains("forward"),
        "{answer}"
    );
    assert!(
        seen.contains("origin") && seen.contains("sec-fetch-site") && seen.contains("host"),
        "{answer}"
    );
    assert!(
        !answer.to_lowercase().contains("nginx/"),
        "no version: {answer}"
    );

    for host in ["evil.example", "portal.example.evil.example", "127.0.0.1"] {
        let answer = talk(nginx.address, &get(host, "")).await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{host}: {answer}");
    }
    // A foreign Origin arrives as it is, and is refused for it.
    let forged = "POST /fn/probe/act HTTP/1.1\r\nHost: portal.example\r\nOrigin: https://evil.example\r\n\
                  Cookie: __Host-groundcrew=x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let answer = talk(nginx.address, forged).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    let answer = talk(nginx.address, &get("portal.example", upgrade)).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "not 101: {answer}");
    let plain = SocketAddr::from(([127, 0, 0, 1], nginx.address.port() + 1));
    let answer = talk(
        plain,
        &get("portal.example", "").replace("/seen", "/api/v1/x"),
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 403"),
        "no redirect for the API: {answer}"
    );
    let answer = talk(plain, &get("portal.example", "")).await;
    assert!(
        answer.contains("\r\nLocation: https://portal.example/seen\r\n"),
        "{answer}"
    );
    token.cancel();
}

#[tokio::test]
async fn security_41_nothing_is_smuggled_through_the_shipped_proxy() {
    let Some((nginx, token)) = behind_nginx().await else {
        return;
    };
    let smuggled = "GET /seen HTTP/1.1\r\nHost: portal.example\r\nX-Smuggled: yes\r\n\r\n";
    for head in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\x0bchunked",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: +5",
        "Content-Length : 5",
        "Content-Length: 0x5",
    ] {
        let request = format!(
            "POST /echo HTTP/1.1\r\nHost: portal.example\r\n{head}\r\n\r\n0\r\n\r\n{smuggled}"
        );
        let answer = talk(nginx.address, &request).await;
        assert!(!answer.contains("x-smuggled"), "{head:?}: {answer}");
        let refused = answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 501");
        assert!(refused, "{head:?}: {answer}");
    }
    // What is chunked and nothing else arrives whole, and what follows is a request of its own.
    let request = "POST /echo HTTP/1.1\r\nHost: portal.example\r\nOrigin: https://portal.example\r\n\
                   Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nwhole\r\n0\r\n\r\n";
    let answer = talk(nginx.address, request).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("whole"),
        "{answer}"
    );
    for target in [
        "/seen\r\nX-Smuggled: yes",
        "/seen%0d%0aX-Smuggled:%20yes",
        "//evil.example/seen",
        "http://evil.example/seen",
    ] {
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: portal.example\r\nConnection: close\r\n\r\n");
        let answer = talk(nginx.address, &request).await;
        let seen = answer.rsplit("\r\n\r\n").next().unwrap_or_default();
        let by_itself = target.contains("\r\n"); // a header like any other
        assert!(
            by_itself || !seen.contains("x-smuggled"),
            "{target:?}: {answer}"
        );
        assert!(
            !answer.contains("Location: //") && !answer.contains("Location: http://evil"),
            "{answer}"
        );
    }
    token.cancel();
}
