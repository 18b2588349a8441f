//! The ledger: a tiny HTTP service that is called once per side effect, counts, and can keep the
//! caller waiting. "Applied twice" is so a number, and "in the middle of an apply" a place.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// Counts by key.
#[derive(Clone)]
pub(crate) struct Ledger {
    /// Where it listens.
    pub(crate) port: u16,
    book: Arc<Mutex<Book>>,
    turned: Arc<Notify>,
}

#[derive(Default)]
struct Book {
    counts: BTreeMap<String, u32>,
    held: BTreeSet<String>,
}

impl Ledger {
    /// Opens it.
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let ledger = Self {
            port: listener.local_addr()?.port(),
            book: Arc::default(),
            turned: Arc::default(),
        };
        let here = ledger.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let here = here.clone();
                tokio::spawn(async move { here.serve(stream).await });
            }
        });
        Ok(ledger)
    }

    /// Callers of this key wait until it is released.
    pub(crate) fn hold(&self, key: &str) {
        self.book().held.insert(key.to_owned());
    }

    /// Lets them go on.
    pub(crate) fn release(&self, key: &str) {
        self.book().held.remove(key);
        self.turned.notify_waiters();
    }

    /// Lets everybody go on.
    pub(crate) fn release_all(&self) {
        self.book().held.clear();
        self.turned.notify_waiters();
    }

    /// Waits until somebody has called this key.
    pub(crate) async fn arrived(&self, key: &str) -> Result<()> {
        let waiting = self.until(|book| book.counts.contains_key(key));
        tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .with_context(|| format!("the ledger was not called for {key} within a minute"))
    }

    /// All counts.
    pub(crate) fn counts(&self) -> BTreeMap<String, u32> {
        self.book().counts.clone()
    }

    /// How often a key was called.
    pub(crate) fn count(&self, key: &str) -> u32 {
        self.book().counts.get(key).copied().unwrap_or_default()
    }

    /// A line of bash that calls the ledger once; needs no program but bash.
    pub(crate) fn call(&self, key: &str) -> String {
        format!(
            "exec 3<>/dev/tcp/127.0.0.1/{}; printf 'GET /{key} HTTP/1.0\\r\\n\\r\\n' >&3; \
             read -r answer <&3; [[ $answer == *200* ]]",
            self.port
        )
    }

    async fn until(&self, done: impl Fn(&Book) -> bool) {
        loop {
            let turned = self.turned.notified();
            tokio::pin!(turned);
            turned.as_mut().enable();
            if done(&self.book()) {
                return;
            }
            turned.await;
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut head = vec![0; 2048];
        let Ok(read) = stream.read(&mut head).await else {
            return;
        };
        let head = String::from_utf8_lossy(&head[..read]).into_owned();
        let Some(key) = head
            .split(' ')
            .nth(1)
            .map(|path| path.trim_start_matches('/'))
        else {
            return;
        };
        *self.book().counts.entry(key.to_owned()).or_default() += 1;
        self.turned.notify_waiters();
        self.until(|book| !book.held.contains(key)).await;
        // Whoever called may be dead by now.
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.book.lock().expect("no holder panics")
    }
}
