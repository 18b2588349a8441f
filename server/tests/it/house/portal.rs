//! One portal under test: its folder, its process, what it says.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder with everything a portal needs, and no portal yet.
pub(crate) struct Home {
    folder: TempDir,
    pub(crate) port: u16,
    settings: Vec<(String, String)>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // The embedded database's user must be able to pass through.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("ours");
        let repository = folder.path().join("repository");
        fs::create_dir(&repository).expect("writable");
        let home = Self {
            folder,
            port: free_port(),
            settings: Vec::new(),
        };
        home.write(
            "repository/groundcrew.yaml",
            "apiVersion: groundcrew/v1\nname: Test\ncurrency: EUR\nzone: Europe/Berlin\n\
             default_owner: platform\n",
        );
        home.write(
            "repository/teams.yaml",
            "apiVersion: groundcrew/v1\nteams:\n  platform: {title: Platform, roles: {developer: \
             [a]}}\n",
        );
        home.write(
            "issuers.yaml",
            "- id: demo\n  issuer: http://localhost:9\n  client_id: x\n  client_secret_env: \
             TEST_CLIENT_SECRET\n",
        );
        home
    }

    /// Sets one more variable.
    pub(crate) fn set(&mut self, name: &str, value: impl ToString) -> &mut Self {
        self.settings.push((name.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("writable");
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// The command with all settings and nothing of the tester's own environment.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_groundcrew"));
        command
            .args(words)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("TEST_CLIENT_SECRET", "not-a-secret-of-anybody")
            .env(
                "GROUNDCREW_PUBLIC_URL",
                format!("http://localhost:{}", self.port),
            )
            .env("GROUNDCREW_LISTEN", format!("127.0.0.1:{}", self.port))
            .env("GROUNDCREW_DATA", self.data())
            .env("GROUNDCREW_REPOSITORY", self.path("repository"))
            .env("GROUNDCREW_ISSUERS", self.path("issuers.yaml"))
            .stdin(Stdio::null());
        for (name, value) in &self.settings {
            command.env(name, value);
        }
        command
    }

    /// Runs to the end; for starts that must fail and for short commands.
    pub(crate) fn run(&self, words: &[&str]) -> (i32, String) {
        let output: Output = self.command(words).output().expect("the binary runs");
        let said = [output.stdout, output.stderr].concat();
        let code = output.status.code().unwrap_or(-1);
        (code, String::from_utf8_lossy(&said).into_owned())
    }

    /// Starts the portal.
    pub(crate) fn start(&self) -> Portal {
        let mut child = self
            .command(&["serve"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let said = Arc::new(Mutex::new(String::new()));
        let streams: [Box<dyn std::io::Read + Send>; 2] = [
            Box::new(child.stdout.take().expect("piped")),
            Box::new(child.stderr.take().expect("piped")),
        ];
        for stream in streams {
            let said = Arc::clone(&said);
            thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let mut said = said.lock().expect("no writer panics");
                    said.push_str(&line);
                    said.push('\n');
                }
            });
        }
        Portal {
            child,
            said,
            port: self.port,
        }
    }
}

/// A running portal; killed when the test is over.
pub(crate) struct Portal {
    pub(crate) child: Child,
    said: Arc<Mutex<String>>,
    port: u16,
}

impl Portal {
    /// Everything it said so far.
    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("no writer panics").clone()
    }

    /// Waits until it says this.
    pub(crate) fn until_says(&mut self, words: &str) {
        self.until(words, |portal| portal.said().contains(words));
    }

    /// Waits until `/readyz` answers this.
    pub(crate) fn until_ready(&mut self, status: u16) {
        self.until(&format!("/readyz is {status}"), |portal| {
            get(portal.port, "/readyz").is_some_and(|(code, _)| code == status)
        });
    }

    /// Waits until Home answers this.
    pub(crate) fn until_page(&mut self, status: u16) {
        self.until(&format!("/ is {status}"), |portal| {
            portal.page().0 == status
        });
    }

    fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !holds(self) {
            let ended = self.child.try_wait().expect("ours");
            assert!(
                ended.is_none(),
                "it ended ({ended:?}) before {what}:\n{}",
                self.said()
            );
            assert!(begun.elapsed() < PATIENCE, "never: {what}\n{}", self.said());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// A page, as a browser asks for it.
    pub(crate) fn page(&self) -> (u16, String) {
        get(self.port, "/").expect("it listens")
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(i32::try_from(self.child.id()).expect("small"), name);
    }

    /// Waits for its end. Answers the exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("ours") {
                return status.code();
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "it does not end:\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // SIGTERM first, so that its database goes with it.
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            self.signal("TERM");
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(40) {
                if self.child.try_wait().is_ok_and(|ended| ended.is_some()) {
                    return;
                }
                thread::sleep(Duration::from_millis(50));
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

pub(crate) fn signal(pid: i32, name: &str) {
    let done = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status();
    assert!(
        done.is_ok_and(|status| status.success()),
        "kill -{name} {pid}"
    );
}

/// Whether a process is there and no zombie.
pub(crate) fn is_alive(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// Number of the embedded server's process.
pub(crate) fn postmaster(data: &Path) -> Option<i32> {
    let text = fs::read_to_string(data.join("postgres/cluster/postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("bound").port()
}

/// Status and body of a GET; none while nobody listens.
pub(crate) fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer))
}
