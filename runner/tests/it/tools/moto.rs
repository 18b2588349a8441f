//! The AWS API of `moto_server`, for the length of a test.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::bench::Try;

/// A server of its own; everything it made is gone with it.
pub(super) struct Moto {
    child: Child,
    port: u16,
}

impl Moto {
    pub(super) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|one| one.local_addr())
            .expect("a port")
            .port();
        let child = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("moto_server starts");
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                began.elapsed() < Duration::from_secs(90),
                "moto_server does not listen"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        Self { child, port }
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Credentials moto takes.
pub(super) fn signed_in(one: Try) -> Try {
    one.secret("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .secret("AWS_SECRET_ACCESS_KEY", "moto-takes-any-secret-key")
}
