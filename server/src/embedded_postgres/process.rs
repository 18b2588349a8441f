//! The server's process: started, watched, started again when it dies, stopped.

use std::{
    fs,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use nix::{
    errno::Errno,
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use platform::database::Login;
use tokio::sync::oneshot;

use super::{
    Refusal,
    cluster::{Cluster, PORT},
};

/// How long crash recovery may take before the start counts as failed.
const START: Duration = Duration::from_mins(5);
/// How long open connections may take to end.
const STOP: Duration = Duration::from_secs(20);

/// Keeps one server running, from a thread of its own: on Linux the kernel stops the server when
/// that thread dies with the portal.
#[derive(Debug)]
pub(super) struct Keeper {
    shared: Arc<Shared>,
    ended: oneshot::Receiver<()>,
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    ready: AtomicBool,
    pid: AtomicI32,
}

impl Keeper {
    /// Starts the server and waits until it lets the superuser in.
    pub(super) async fn start(cluster: &Cluster, probe: &Login) -> Result<Self, Refusal> {
        stop_leftover(cluster).await?;
        let shared = Arc::new(Shared::default());
        let (said_ended, ended) = oneshot::channel();
        let plan = Plan::of(cluster)?;
        let watched = Arc::clone(&shared);
        let clean = cluster.socket_cleaner();
        thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || {
                keep(&plan, &watched);
                clean();
                // Nobody waits any more when the portal is already gone.
                let _ = said_ended.send(());
            })
            .map_err(|why| Refusal::folder(&cluster.folder(), why))?;
        let keeper = Self { shared, ended };
        keeper.wait_until_ready(cluster, probe).await
    }

    async fn wait_until_ready(mut self, cluster: &Cluster, probe: &Login) -> Result<Self, Refusal> {
        let begun = Instant::now();
        loop {
            if let Ok(()) = self.ended.try_recv() {
                return Err(Refusal::Program {
                    program: "postgres",
                    status: "it ended while starting".to_owned(),
                    output: tail(&cluster.log()),
                });
            }
            match probe.connect().await {
                Ok(_) => break,
                Err(problem) if problem.is_passing() && begun.elapsed() < START => {}
                Err(problem) => {
                    self.stop().await;
                    return Err(problem.into());
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.shared.ready.store(true, Ordering::SeqCst);
        Ok(self)
    }

    /// Fast shutdown; immediate when connections do not end in time.
    pub(super) async fn stop(self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        let pid = Pid::from_raw(self.shared.pid.load(Ordering::SeqCst));
        if pid.as_raw() == 0 {
            return;
        }
        // ESRCH: it is gone already, and the thread is about to say so.
        let _ = kill(pid, Signal::SIGINT);
        let mut ended = self.ended;
        if tokio::time::timeout(STOP, &mut ended).await.is_err() {
            tracing::warn!("PostgreSQL does not stop; recovery will do the rest at the next start");
            let _ = kill(pid, Signal::SIGQUIT);
            let _ = tokio::time::timeout(STOP, ended).await;
        }
    }
}

/// Everything the thread needs.
struct Plan {
    command: Box<dyn Fn() -> std::io::Result<Child> + Send>,
}

impl Plan {
    fn of(cluster: &Cluster) -> Result<Self, Refusal> {
        let log = cluster.log();
        // One run's words are enough: what matters is also in the portal's log.
        fs::File::create(&log).map_err(|why| Refusal::folder(&log, why))?;
        let postgres = cluster.installation.program("postgres");
        let owner = cluster.owner.clone();
        let folder = cluster.folder();
        let socket = cluster.socket_folder().to_owned();
        let dies_with_parent = dies_with_parent();
        let command = move || {
            let mut command = match &dies_with_parent {
                Some(setpriv) => {
                    let mut command = owner.command(setpriv, &folder);
                    command.args(["--pdeathsig", "INT"]).arg(&postgres);
                    command
                }
                None => owner.command(&postgres, &folder),
            };
            let out = fs::OpenOptions::new().append(true).open(&log)?;
            command.arg("-D").arg(&folder);
            for setting in settings(&socket) {
                command.arg("-c").arg(setting);
            }
            // A group of its own: Ctrl-C in a terminal is for the portal, which then stops it.
            command
                .process_group(0)
                .stdin(Stdio::null())
                .stdout(out.try_clone()?)
                .stderr(out)
                .spawn()
        };
        Ok(Self {
            command: Box::new(command),
        })
    }
}

fn settings(socket: &Path) -> [String; 8] {
    [
        "listen_addresses=".to_owned(),
        format!("port={PORT}"),
        format!("unix_socket_directories={}", socket.display()),
        "unix_socket_permissions=0700".to_owned(),
        "max_connections=60".to_owned(),
        "logging_collector=off".to_owned(),
        "log_line_prefix=%m [%p] ".to_owned(),
        "timezone=UTC".to_owned(),
    ]
}

/// The thread: starts the server as often as it dies, until told to stop.
fn keep(plan: &Plan, shared: &Shared) {
    loop {
        let mut child = match (plan.command)() {
            Ok(child) => child,
            Err(error) => {
                tracing::error!(%error, "PostgreSQL cannot be started");
                return;
            }
        };
        let pid = i32::try_from(child.id()).unwrap_or_default();
        shared.pid.store(pid, Ordering::SeqCst);
        let status = child.wait();
        if shared.stopping.load(Ordering::SeqCst) || !shared.ready.load(Ordering::SeqCst) {
            return;
        }
        tracing::error!(?status, "PostgreSQL ended by itself; it is started again");
        thread::sleep(Duration::from_secs(1));
    }
}

/// util-linux's setpriv, which asks the kernel to stop the server when its parent dies. Elsewhere a
/// server that outlives the portal is stopped at the next start.
fn dies_with_parent() -> Option<std::path::PathBuf> {
    let setpriv = ["/usr/bin/setpriv", "/bin/setpriv"]
        .map(std::path::PathBuf::from)
        .into_iter()
        .find(|path| path.exists())?;
    let works = Command::new(&setpriv)
        .args(["--pdeathsig", "INT", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    works
        .is_ok_and(|status| status.success())
        .then_some(setpriv)
}

/// Stops a server of this cluster that outlived its portal. Its number may meanwhile belong to
/// another program: that one is left alone, and the stale file goes.
async fn stop_leftover(cluster: &Cluster) -> Result<(), Refusal> {
    let file = cluster.folder().join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&file) else {
        return Ok(());
    };
    let Some(pid) = text
        .lines()
        .next()
        .and_then(|line| line.trim().parse().ok())
    else {
        return fs::remove_file(&file).map_err(|why| Refusal::folder(&file, why));
    };
    let pid = Pid::from_raw(pid);
    let alive = || kill(pid, None) != Err(Errno::ESRCH);
    if !alive() {
        return Ok(()); // PostgreSQL sees that itself, and whether anything of it is left.
    }
    if !is_server_of(pid, &cluster.folder()) {
        return fs::remove_file(&file).map_err(|why| Refusal::folder(&file, why));
    }
    tracing::warn!(%pid, "PostgreSQL of an earlier run is still there; stopping it");
    for (signal, patience) in [(Signal::SIGINT, STOP), (Signal::SIGQUIT, STOP)] {
        let _ = kill(pid, signal);
        let begun = Instant::now();
        while begun.elapsed() < patience {
            if !alive() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Err(Refusal::folder(
        &cluster.folder(),
        format!("process {pid} still uses it and does not stop. End it by hand"),
    ))
}

/// Whether a process is the PostgreSQL server of this folder.
fn is_server_of(pid: Pid, folder: &Path) -> bool {
    let proc = Path::new("/proc").join(pid.to_string());
    if proc.exists() {
        return fs::read_link(proc.join("cwd")).is_ok_and(|cwd| cwd == folder);
    }
    Command::new("ps")
        .args(["-o", "command=", "-p", &pid.to_string()])
        .output()
        .is_ok_and(|out| {
            let said = String::from_utf8_lossy(&out.stdout).into_owned();
            said.contains("postgres") && said.contains(&*folder.to_string_lossy())
        })
}

/// The end of the log.
fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
