//! Why a child is stopped, and how far the stopping has come.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use platform::jobs::{Cancel, ErrorClass};
use tokio::sync::watch;

use crate::{processes, sandbox::Cgroup};

/// Why a child is stopped. Later ones in this list outweigh earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The machine goes down.
    Shutdown,
    /// No output for too long.
    Silent,
    /// The wall clock limit.
    TimedOut,
    /// A person.
    Cancelled,
    /// The lease could not be renewed.
    Fenced,
    /// The server says that somebody else is responsible now.
    Gone,
    /// A person, who does not want to wait.
    Forced,
}

impl Cause {
    /// How it counts.
    pub fn class(self) -> ErrorClass {
        match self {
            Self::Shutdown => ErrorClass::Machine,
            Self::Silent => ErrorClass::Silent,
            Self::TimedOut => ErrorClass::TimedOut,
            Self::Cancelled | Self::Forced => ErrorClass::Cancelled,
            Self::Fenced | Self::Gone => ErrorClass::Fenced,
        }
    }

    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Shutdown => "the worker's machine goes down",
            Self::Silent => "no output for longer than the step allows",
            Self::TimedOut => "the step's time is over",
            Self::Cancelled => "a person cancelled the job",
            Self::Fenced => "the lease could not be renewed: the server was away for too long",
            Self::Gone => "the server has given this step up: this attempt is no longer the holder",
            Self::Forced => "a person cancelled the job and did not want to wait",
        }
    }
}

impl From<Cancel> for Cause {
    fn from(cancel: Cancel) -> Self {
        match cancel {
            Cancel::Interrupt => Self::Cancelled,
            Cancel::Force => Self::Forced,
        }
    }
}

/// Tells the one who runs the child to stop it. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Stop(watch::Sender<Option<Cause>>);

impl Stop {
    /// Nobody wants to stop anything.
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    /// Somebody does. A lesser cause than one given before changes nothing.
    pub(super) fn because(&self, cause: Cause) {
        self.0.send_if_modified(|now| {
            let more = *now < Some(cause);
            if more {
                *now = Some(cause);
            }
            more
        });
    }

    /// Why, where somebody does.
    pub(super) fn cause(&self) -> Option<Cause> {
        *self.0.borrow()
    }

    /// To wait for it.
    pub(super) fn listen(&self) -> watch::Receiver<Option<Cause>> {
        self.0.subscribe()
    }
}

/// Interrupt, grace, kill.
#[derive(Debug)]
pub(super) struct Stopping {
    pid: i32,
    cgroup: Option<Cgroup>,
    grace: Duration,
    kill_at: Option<Instant>,
    killed: bool,
}

impl Stopping {
    /// Of a child that leads its own process group.
    pub(super) fn new(pid: i32, cgroup: Option<Cgroup>, grace: Duration) -> Self {
        Self {
            pid,
            cgroup,
            grace,
            kill_at: None,
            killed: false,
        }
    }

    /// Whether it was killed: what it was doing is cut off.
    pub(super) fn killed(&self) -> bool {
        self.killed
    }

    /// Begins, or goes over to killing.
    pub(super) fn begin(&mut self, cause: Cause) {
        if cause == Cause::Forced {
            self.kill();
        } else if self.kill_at.is_none() {
            processes::signal_group(self.pid, Signal::SIGINT);
            self.kill_at = Some(Instant::now() + self.grace);
        }
    }

    /// When the grace ends.
    pub(super) fn kill_at(&self) -> Option<Instant> {
        self.kill_at.filter(|_| !self.killed)
    }

    /// The grace is over.
    pub(super) fn kill(&mut self) {
        if self.killed {
            return;
        }
        self.killed = true;
        processes::signal_group(self.pid, Signal::SIGKILL);
        self.sweep();
    }

    /// Ends whatever is left of the family; answers how many there were.
    pub(super) fn sweep(&self) -> usize {
        let shim = i32::try_from(std::process::id()).unwrap_or_default();
        let left = processes::descendants(shim).len();
        if let Some(cgroup) = &self.cgroup {
            cgroup.kill();
        }
        processes::kill_all(|| processes::descendants(shim));
        left
    }
}
