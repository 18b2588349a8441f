//! Starting a child, and hearing of its end.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{ChildStdin, Command, Stdio},
};

use nix::{
    errno::Errno,
    sys::{
        signal::Signal,
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
};
use platform::jobs::ErrorClass;
use tokio::signal::unix::{SignalKind, signal};

use crate::launch::Orders;

/// A process that waits for its orders.
pub(super) struct Waiting {
    pid: i32,
    orders: ChildStdin,
}

impl Waiting {
    /// Starts the launch stage, from the very binary that runs: it may have been replaced since. It
    /// has nothing of ours in its environment, and goes when we do.
    pub(super) fn start() -> io::Result<Self> {
        let mut child = Command::new("/proc/self/exe")
            .arg0("groundcrew")
            .arg("launch")
            .env_clear()
            .env("LANG", "C.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let orders = child.stdin.take().expect("asked for");
        let pid = i32::try_from(child.id()).map_err(io::Error::other)?;
        Ok(Self { pid, orders })
    }

    /// Its id; the tool's too, once it has become it.
    pub(super) fn pid(&self) -> i32 {
        self.pid
    }

    /// Go.
    pub(super) fn go(mut self, orders: &Orders) -> io::Result<()> {
        self.orders.write_all(&serde_json::to_vec(orders)?)
    }
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with a code.
    Exit(i32),
    /// By a signal.
    Signal(Signal),
}

impl Ended {
    /// Its exit code.
    pub(super) fn code(self) -> Option<i32> {
        match self {
            Self::Exit(code) => Some(code),
            Self::Signal(_) => None,
        }
    }
}

/// Buries the dead: the child, and what it left to us when it forked and died.
pub(super) struct Undertaker {
    signals: tokio::signal::unix::Signal,
}

impl Undertaker {
    /// From now on.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            signals: signal(SignalKind::child())?,
        })
    }

    /// Waits until somebody may have died.
    pub(super) async fn wait(&mut self) {
        self.signals.recv().await;
    }

    /// Buries all there are; answers the end of `pid`, and whether children are left.
    pub(super) fn bury(pid: i32) -> (Option<Ended>, bool) {
        let mut ended = None;
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(dead, code)) if dead.as_raw() == pid => {
                    ended = Some(Ended::Exit(code));
                }
                Ok(WaitStatus::Signaled(dead, signal, _)) if dead.as_raw() == pid => {
                    ended = Some(Ended::Signal(signal));
                }
                Ok(WaitStatus::StillAlive) => return (ended, true),
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return (ended, false),
            }
        }
    }
}

/// What the launch stage could not do, where it said so.
pub(super) fn not_started(report: &Path) -> Option<(ErrorClass, String)> {
    let text = fs::read_to_string(report).ok()?;
    let (class, why) = text.split_once(' ')?;
    Some((ErrorClass::parse(class)?, why.to_owned()))
}
