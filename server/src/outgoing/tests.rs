//! The factory against hostile addresses and answers.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use super::*;

fn settings() -> WebSettings {
    // As `main` does first thing; the second test to come here finds it done.
    let _ = rustls::crypto::ring::default_provider().install_default();
    WebSettings {
        outgoing_ports: vec![443],
        ..WebSettings::default()
    }
}

/// Every name leads to these in turn, the last one for ever.
struct Turns(Vec<&'static str>, AtomicUsize);

impl Lookup for Turns {
    fn lookup(&self, _: String) -> Looking {
        let turn = self.1.fetch_add(1, Ordering::Relaxed).min(self.0.len() - 1);
        let address = SocketAddr::new(self.0[turn].parse().expect("an address"), 0);
        Box::pin(async move { io::Result::Ok(vec![address]) })
    }
}

fn production(turns: &[&'static str]) -> Outgoing {
    let lookup = Arc::new(Turns(turns.to_vec(), AtomicUsize::new(0)));
    Outgoing::with_lookup(&settings(), false, lookup).expect("the settings are fine")
}

async fn refusal(outgoing: &Outgoing, url: &str) -> Refused {
    let url = Url::parse(url).expect("a URL");
    outgoing.get(&url).await.expect_err(url.as_str())
}

#[tokio::test]
async fn security_39_internal_addresses_in_any_spelling() {
    let outgoing = production(&["127.0.0.1"]);
    for url in [
        "https://169.254.169.254/latest/meta-data",
        "https://169.254.169.254./",
        "https://2852039166/",
        "https://0251.0376.0251.0376/",
        "https://0xa9fea9fe/",
        "https://①⑥⑨.②⑤④.①⑥⑨.②⑤④/",
        "https://127.1/",
        "https://0/",
        "https://[::]/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:0:10.0.0.1]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://[2002:a9fe:a9fe::]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://10.1.2.3/",
        "https://100.64.0.1/",
        "https://192.0.2.1/",
        "https://255.255.255.255/",
        // Names: everything resolves to this machine here.
        "https://metadata.google.internal/",
        "https://localhost/",
        "https://localhost./",
        "https://xn--e1afmkfd.example/",
    ] {
        let refused = refusal(&outgoing, url).await;
        assert!(matches!(refused, Refused::Address(_)), "{url}: {refused}");
    }
}

#[tokio::test]
async fn security_39_other_schemes_ports_and_user_names() {
    let outgoing = production(&["127.0.0.1"]);
    for url in [
        "http://example.com/",
        "ftp://example.com/",
        "ws://example.com/",
    ] {
        assert!(
            matches!(refusal(&outgoing, url).await, Refused::Scheme(_)),
            "{url}"
        );
    }
    let file = Url::parse("file:///etc/passwd").expect("a URL");
    assert!(outgoing.rules.check(&file).is_err());
    for url in ["https://example.com:22/", "https://example.com:5432/"] {
        assert!(
            matches!(refusal(&outgoing, url).await, Refused::Port(_)),
            "{url}"
        );
    }
    let user = refusal(&outgoing, "https://example.com@169.254.169.254/").await;
    assert!(
        matches!(user, Refused::UserInfo | Refused::Failed(_)),
        "{user}"
    );
    let user = Url::parse("https://me:pw@example.com/").expect("a URL");
    assert!(matches!(
        outgoing.rules.check(&user),
        Err(Refused::UserInfo)
    ));
}

#[tokio::test]
async fn security_39_a_name_that_turns_inside_is_refused_where_it_is_dialled() {
    // Nothing listens at the first address: whoever resolved twice would take the second.
    let outgoing = production(&["127.0.0.1", "93.184.216.34"]);
    let first = refusal(&outgoing, "https://rebind.example/").await;
    assert!(matches!(first, Refused::Address(_)), "{first}");
    let guard = Guarded {
        rules: Arc::clone(&outgoing.rules),
        lookup: Arc::new(Turns(
            vec!["93.184.216.34", "10.0.0.1"],
            AtomicUsize::new(0),
        )),
        exempt: None,
    };
    let resolve = async || {
        let name = "rebind.example".parse().expect("a name");
        let addresses = reqwest::dns::Resolve::resolve(&guard, name).await;
        addresses.map(|found| found.map(|a| a.ip()).collect::<Vec<IpAddr>>())
    };
    assert_eq!(
        resolve().await.expect("outside"),
        [IpAddr::from([93, 184, 216, 34])]
    );
    assert!(
        resolve().await.is_err(),
        "each dial asks anew and is checked anew"
    );
}

#[test]
fn security_39_what_may_be_called() {
    let rules = Rules {
        internal: vec!["10.20.0.0/16".parse().expect("a network")],
        ports: vec![443, 8443],
        development: false,
    };
    let ok = |url: &str| rules.check(&Url::parse(url).expect("a URL")).is_ok();
    assert!(ok("https://example.com/") && ok("https://example.com:8443/"));
    assert!(ok("https://93.184.216.34/") && ok("https://[2606:4700::1111]/"));
    assert!(ok("https://10.20.3.4/") && !ok("https://10.21.3.4/"));
    assert!(!ok("http://10.20.3.4/"), "inside is no reason for http");
    assert!(!ok("http://localhost:9/") && !ok("https://127.0.0.1/"));
    let development = Rules {
        development: true,
        ..rules
    };
    let ok = |url: &str| development.check(&Url::parse(url).expect("a URL")).is_ok();
    assert!(ok("http://localhost:9/") && ok("http://127.0.0.1:9/") && ok("http://[::1]:9/"));
    assert!(!ok("http://example.com/") && !ok("http://169.254.169.254/"));
}

/// A server that answers every connection with these bytes, one piece at a time.
async fn hostile(pieces: Vec<Vec<u8>>, pause: Duration) -> Url {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            for piece in &pieces {
                if stream.write_all(piece).await.is_err() {
                    break;
                }
                tokio::time::sleep(pause).await;
            }
        }
    });
    Url::parse(&format!("http://127.0.0.1:{port}/")).expect("a URL")
}

fn development() -> Outgoing {
    Outgoing::new(&settings(), true).expect("the settings are fine")
}

#[tokio::test]
async fn security_39_redirects_are_not_followed() {
    let inside =
        b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
    let url = hostile(vec![inside.to_vec()], Duration::ZERO).await;
    let refused = development().get(&url).await.expect_err("a redirect");
    assert!(matches!(refused, Refused::Redirect(302)), "{refused}");
}

#[tokio::test]
async fn security_39_big_answers_are_cut() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let url = hostile(vec![head, vec![b'x'; ANSWER_LIMIT + 1]], Duration::ZERO).await;
    let refused = development().get(&url).await.expect_err("too big");
    assert!(matches!(refused, Refused::TooBig), "{refused}");
}

#[tokio::test]
async fn security_39_slow_answers_are_given_up() {
    let mut pieces = vec![b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".to_vec()];
    pieces.extend(std::iter::repeat_n(b"x".to_vec(), 100));
    let url = hostile(pieces, Duration::from_millis(500)).await;
    let start = Instant::now();
    let refused = development().get(&url).await.expect_err("slow");
    assert!(matches!(refused, Refused::Slow), "{refused}");
    assert!(start.elapsed() < TOTAL + Duration::from_secs(3));
}

/// Set in the child of the test below, to where it shall call.
const CHILD: &str = "GROUNDCREW_TEST_CALL";

#[tokio::test]
async fn security_39_a_proxy_comes_from_the_settings_only() {
    let answer = |body: &str| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        vec![(head + body).into_bytes()]
    };
    if let Ok(url) = std::env::var(CHILD) {
        let url = Url::parse(&url).expect("a URL");
        let answer = development().get(&url).await.expect("an answer");
        assert_eq!(answer.body(), b"direct");
        return;
    }
    let direct = hostile(answer("direct"), Duration::ZERO).await;
    let proxy = hostile(answer("proxied"), Duration::ZERO).await;
    let mut child = tokio::process::Command::new(std::env::current_exe().expect("this test"));
    child
        .args([
            "--exact",
            "outgoing::tests::security_39_a_proxy_comes_from_the_settings_only",
        ])
        .env(CHILD, direct.as_str());
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "all_proxy",
        "ALL_PROXY",
    ] {
        child.env(name, proxy.as_str());
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    let done = child.output().await.expect("the child runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}
