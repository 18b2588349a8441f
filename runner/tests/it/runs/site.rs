//! A fake server and a worker beside it, as a process that can be killed.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use nix::sys::signal::Signal;
use platform::jobs::{
    Operation,
    wire::{Assignment, JobRef, Limits, StepRef, Timing},
};
use runner::processes;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use super::fake::{Fake, WORKER};

pub(super) struct Site {
    pub(super) fake: Fake,
    pub(super) data: TempDir,
    worker: Child,
}

impl Site {
    pub(super) fn start() -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"))
    }

    /// In a folder of its own kind.
    pub(super) fn start_in(data: TempDir) -> Self {
        let fake = Fake::start();
        let worker = worker(&fake, &data);
        Self { fake, data, worker }
    }

    /// As a power cut would end it.
    pub(super) fn kill_worker(&mut self) {
        self.worker.kill().expect("killed");
        self.worker.wait().expect("dead");
    }

    pub(super) fn restart_worker(&mut self) {
        self.worker = worker(&self.fake, &self.data);
    }

    pub(super) fn folder(&self, attempt: Uuid) -> PathBuf {
        self.data.path().join("attempts").join(attempt.to_string())
    }

    pub(super) fn pid(&self, attempt: Uuid, name: &str) -> Option<i32> {
        let text = fs::read_to_string(self.folder(attempt).join(name)).ok()?;
        text.parse().ok()
    }

    /// The shim, once there is one.
    pub(super) fn shim(&self, attempt: Uuid) -> i32 {
        wait_for("the shim", || self.pid(attempt, "shim.pid"))
    }

    /// The child, once it has its orders.
    pub(super) fn child(&self, attempt: Uuid) -> i32 {
        wait_for("the child", || self.pid(attempt, "child.pid"))
    }

    /// Waits until nothing is left of an attempt.
    pub(super) fn gone(&self, attempt: Uuid) {
        wait_for("the folder's end", || {
            (!self.folder(attempt).exists()).then_some(())
        });
        let left = processes::of_attempt(attempt, None);
        assert!(left.is_empty(), "processes are left: {left:?}");
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.worker.kill();
        let _ = self.worker.wait();
        for entry in fs::read_dir(self.data.path().join("attempts"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let attempt = entry
                .file_name()
                .to_str()
                .and_then(|id| Uuid::parse_str(id).ok());
            for name in ["shim.pid", "child.pid"] {
                if let Some(pid) = attempt.and_then(|attempt| self.pid(attempt, name)) {
                    processes::signal(pid, Signal::SIGKILL);
                }
            }
        }
    }
}

fn worker(fake: &Fake, data: &TempDir) -> Child {
    Command::new(env!("CARGO_BIN_EXE_runner-alone"))
        .args(["work", &format!("http://{}", fake.address), WORKER])
        .arg(data.path())
        .env("RUNNER_INTERNAL", "127.0.0.0/8")
        .stdin(Stdio::null())
        .spawn()
        .expect("a worker")
}

pub(super) fn wait_for<T>(what: &str, found: impl Fn() -> Option<T>) -> T {
    let until = Instant::now() + super::SOON;
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Leases that run out while one watches.
pub(super) const QUICK: Timing = Timing {
    renew_ms: 300,
    lease_ms: 4_000,
    fence_ms: 2_000,
    hello_ms: 300,
};

/// A step of a driver.
pub(super) fn step(driver: &str, operation: Operation, spec: Value) -> Assignment {
    Assignment {
        attempt: Uuid::new_v4(),
        number: 1,
        token: format!("gca_{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()),
        epoch: None,
        job: JobRef {
            id: Uuid::new_v4(),
            number: 42,
            title: "Try it".to_owned(),
            team: "payments".to_owned(),
            environment: None,
        },
        step: StepRef {
            id: Uuid::new_v4(),
            name: "one".to_owned(),
            driver: driver.to_owned(),
            operation,
            class: operation.class(),
        },
        spec,
        secrets: BTreeMap::new(),
        inputs: BTreeMap::new(),
        stack: None,
        plan: None,
        limits: Limits {
            wall_s: 120,
            silence_s: 60,
            grace_s: 2,
        },
        timing: Timing::default(),
    }
}

/// A script.
pub(super) fn script(operation: Operation, run: &str) -> Assignment {
    step("script", operation, json!({ "run": run }))
}
