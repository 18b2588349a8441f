//! A way between two programs that can be refused, slowed and cut, and that knows a request when
//! it sees one: the place to stop time at a gate, or to fail a single endpoint.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// How the way is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Open.
    Open,
    /// Nobody gets through: connections are reset at once.
    Refused,
    /// Each piece of each direction waits so long.
    Slow(Duration),
}

/// What happens to requests whose first line holds a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// They wait until the rule is gone.
    Hold,
    /// They are answered 503 and go nowhere.
    Fail,
}

/// A proxy in front of one or more addresses.
#[derive(Clone)]
pub(crate) struct Proxy {
    inner: Arc<Inner>,
}

struct Inner {
    behind: Vec<u16>,
    next: AtomicUsize,
    way: watch::Sender<Way>,
    /// Raised to cut what is open.
    cuts: watch::Sender<u64>,
    rules: watch::Sender<Vec<(String, Rule)>>,
    seen: watch::Sender<Vec<String>>,
    /// A host, and another as long that stands in requests instead.
    rename: Mutex<Option<(String, String)>>,
}

impl Proxy {
    /// Opens it on `port` in front of `behind`, which take turns.
    pub(crate) async fn open(port: u16, behind: Vec<u16>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let inner = Arc::new(Inner {
            behind,
            next: AtomicUsize::new(0),
            way: watch::Sender::new(Way::Open),
            cuts: watch::Sender::new(0),
            rules: watch::Sender::new(Vec::new()),
            seen: watch::Sender::new(Vec::new()),
            rename: Mutex::default(),
        });
        let proxy = Self { inner };
        let here = proxy.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let here = here.clone();
                tokio::spawn(async move { here.carry(stream).await });
            }
        });
        Ok(proxy)
    }

    /// Changes the way for connections open and to come; a refused one is cut as well.
    pub(crate) fn set(&self, way: Way) {
        self.inner.way.send_replace(way);
        if way == Way::Refused {
            self.cut();
        }
    }

    /// Resets every connection that is open now.
    pub(crate) fn cut(&self) {
        self.inner.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Requests whose first line holds `text` wait from now on.
    pub(crate) fn hold(&self, text: &str) {
        self.rule(text, Rule::Hold);
    }

    /// Requests whose first line holds `text` are answered 503 from now on.
    pub(crate) fn fail(&self, text: &str) {
        self.rule(text, Rule::Fail);
    }

    /// All requests pass again.
    pub(crate) fn pass(&self) {
        self.inner.rules.send_replace(Vec::new());
        self.inner.seen.send_replace(Vec::new());
    }

    /// Waits until a request was held or failed, and answers its first line.
    pub(crate) async fn caught(&self, text: &str) -> Result<String> {
        let mut seen = self.inner.seen.subscribe();
        let waiting = async {
            let lines = seen.wait_for(|lines| lines.iter().any(|line| line.contains(text)));
            let lines = lines.await.context("the proxy is gone")?;
            let line = lines.iter().find(|line| line.contains(text));
            Ok(line.cloned().unwrap_or_default())
        };
        tokio::time::timeout(Duration::from_secs(60), waiting)
            .await
            .with_context(|| format!("no request with {text} came by within a minute"))?
    }

    /// In requests the first host becomes the second, which is as long: servers answer to one
    /// name, and each worker comes by a way of its own.
    pub(crate) fn rename(&self, names: (String, String)) {
        assert_eq!(names.0.len(), names.1.len(), "requests keep their length");
        *self.inner.rename.lock().expect("no holder panics") = Some(names);
    }

    fn rule(&self, text: &str, rule: Rule) {
        self.inner
            .rules
            .send_modify(|rules| rules.push((text.to_owned(), rule)));
    }

    async fn carry(&self, client: TcpStream) {
        if *self.inner.way.borrow() == Way::Refused {
            reset(&client);
            return;
        }
        let Some(server) = self.dial().await else {
            reset(&client);
            return;
        };
        for stream in [&client, &server] {
            let _ = stream.set_nodelay(true);
        }
        let mut cuts = self.inner.cuts.subscribe();
        cuts.mark_unchanged();
        let (mut from_client, mut to_client) = tokio::io::split(client);
        let (mut from_server, mut to_server) = tokio::io::split(server);
        let cut = tokio::select! {
            () = self.forward(&mut from_client, &mut to_server, true) => false,
            () = self.forward(&mut from_server, &mut to_client, false) => false,
            _ = cuts.changed() => true,
        };
        let client = from_client.unsplit(to_client);
        let server = from_server.unsplit(to_server);
        if cut {
            reset(&client);
            reset(&server);
        }
    }

    /// The next address that answers.
    async fn dial(&self) -> Option<TcpStream> {
        for _ in 0..self.inner.behind.len() {
            let turn = self.inner.next.fetch_add(1, Ordering::Relaxed) % self.inner.behind.len();
            let to = SocketAddr::from(([127, 0, 0, 1], self.inner.behind[turn]));
            if let Ok(stream) = TcpStream::connect(to).await {
                return Some(stream);
            }
        }
        None
    }

    async fn forward(
        &self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        requests: bool,
    ) {
        let mut piece = vec![0; 64 * 1024];
        loop {
            let Ok(read @ 1..) = from.read(&mut piece).await else {
                return;
            };
            let way = *self.inner.way.borrow();
            if let Way::Slow(wait) = way {
                tokio::time::sleep(wait).await;
            }
            if requests && !self.admit(&piece[..read]).await {
                return;
            }
            if requests {
                self.renamed(&mut piece[..read]);
            }
            if to.write_all(&piece[..read]).await.is_err() {
                return;
            }
        }
    }

    fn renamed(&self, piece: &mut [u8]) {
        let names = self.inner.rename.lock().expect("no holder panics").clone();
        let (Some((from, to)), Some(_)) = (names, first_line(piece)) else {
            return;
        };
        let at = piece
            .windows(from.len())
            .position(|part| part == from.as_bytes());
        if let Some(at) = at {
            piece[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }

    /// Applies the rules to what may be the beginning of a request; false ends the connection, and
    /// whoever called sees it end, which the protocol says means the same as a 503.
    async fn admit(&self, piece: &[u8]) -> bool {
        let Some(line) = first_line(piece) else {
            return true;
        };
        let mut rules = self.inner.rules.subscribe();
        let rule = |rules: &Vec<(String, Rule)>| {
            let matching = rules.iter().find(|(text, _)| line.contains(text));
            matching.map(|(_, rule)| *rule)
        };
        let found = rule(&rules.borrow());
        let Some(found) = found else {
            return true;
        };
        self.inner.seen.send_modify(|seen| seen.push(line.clone()));
        if found == Rule::Fail {
            return false;
        }
        rules.wait_for(|rules| rule(rules).is_none()).await.is_ok()
    }
}

/// The first line of a request, where this is the beginning of one.
fn first_line(piece: &[u8]) -> Option<String> {
    const METHODS: [&[u8]; 6] = [b"GET ", b"POST ", b"PUT ", b"LOCK ", b"UNLOCK ", b"DELETE "];
    if !METHODS.iter().any(|method| piece.starts_with(method)) {
        return None;
    }
    let end = piece.iter().position(|byte| *byte == b'\r')?;
    Some(String::from_utf8_lossy(&piece[..end]).into_owned())
}

/// A reset instead of an orderly end.
fn reset(stream: &TcpStream) {
    let _ = stream.set_zero_linger();
}
