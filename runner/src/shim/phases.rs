//! Running the commands of a driver, one after the other.

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    os::unix::fs::OpenOptionsExt as _,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use platform::jobs::{ErrorClass, wire::PhaseRun};
use tokio::{
    signal::unix::{SignalKind, signal},
    time::MissedTickBehavior,
};

use super::{
    ShimSettings,
    child::{Ended, Undertaker, Waiting, not_started},
    ending::End,
    lease::Lease,
    place,
    stop::{Cause, Stop, Stopping},
    upload::Uploads,
};
use crate::{
    client::Server,
    drivers::{After, At, Driver, Heard, Phase, Planned, Refusal, Stdout},
    folder::Folder,
    launch::Orders,
    log::{Mark, Pump, Reading, spool},
    sandbox::Cgroup,
};

/// How often the spool is looked at.
const LOOK: Duration = Duration::from_millis(40);
/// How often it is made durable.
const DURABLE: Duration = Duration::from_millis(900);
/// Most bytes of the log's end shown to a driver that has to say why.
const TAIL: u64 = 16 * 1024;

/// What the phases left.
#[derive(Default)]
pub(super) struct Harvest {
    pub(super) phases: Vec<PhaseRun>,
    pub(super) exit: Option<i32>,
    pub(super) plan: Option<Planned>,
    pub(super) outputs: BTreeMap<String, serde_json::Value>,
    pub(super) secret_outputs: BTreeMap<String, String>,
    pub(super) changes: Option<bool>,
    pub(super) report: Option<serde_json::Value>,
}

/// Everything a phase needs.
pub(super) struct Runner {
    pub(super) folder: Folder,
    pub(super) settings: ShimSettings,
    pub(super) at: Arc<At>,
    pub(super) driver: Arc<dyn Driver>,
    pub(super) server: Server,
    pub(super) lease: Lease,
    pub(super) stop: Stop,
    pub(super) uploads: Uploads,
    pub(super) pump: Pump,
    pub(super) undertaker: Undertaker,
    pub(super) cgroup: Option<Cgroup>,
    pub(super) harvest: Harvest,
}

impl Runner {
    /// All of them; the first has its process waiting already.
    pub(super) async fn run(&mut self, phases: Vec<Phase>, first: Waiting) -> anyhow::Result<End> {
        let wall = Duration::from_secs(self.at.assignment.limits.wall_s.into());
        let until = Instant::now() + wall;
        let class = self.at.assignment.step.class;
        let mut phases = VecDeque::from(phases);
        let mut waiting = Some(first);
        let mut number = 0;
        while let Some(phase) = phases.pop_front() {
            if self.lease.is_over() {
                self.stop.because(Cause::Fenced);
            }
            if let Some(cause) = self.stop.cause() {
                return Ok(End::stopped(cause, class, false));
            }
            let process = match waiting.take() {
                Some(process) => process,
                None => Waiting::start()?,
            };
            let (ended, cut_off) = self.one(&phase, number, process, until).await?;
            number += 1;
            if let Some((class, why)) = not_started(&self.report(number - 1)) {
                return Ok(End::failed(class, why));
            }
            let good = ended.code().filter(|code| phase.ok.contains(code));
            let Some(code) = good else {
                return Ok(match (self.stop.cause(), ended) {
                    (Some(cause), _) => {
                        End::stopped(cause, class, cut_off || ended.code().is_none())
                    }
                    (None, Ended::Signal(signal)) => End::killed(signal.as_str(), class),
                    (None, Ended::Exit(code)) => self.failed(&phase.name, code)?,
                });
            };
            match self.after(&phase.name, code).await? {
                Ok(more) => more
                    .into_iter()
                    .rev()
                    .for_each(|one| phases.push_front(one)),
                Err(refusal) => return Ok(End::failed(refusal.class, refusal.why)),
            }
        }
        Ok(End::succeeded())
    }

    fn report(&self, number: u32) -> std::path::PathBuf {
        self.folder.path(&format!("private/launch-{number}"))
    }

    async fn one(
        &mut self,
        phase: &Phase,
        number: u32,
        process: Waiting,
        until: Instant,
    ) -> anyhow::Result<(Ended, bool)> {
        let began = Instant::now();
        let first_line = self.pump.next_line()?;
        let reading = Reading {
            process: number,
            phase: phase.name.clone(),
            lines: phase.stdout == Stdout::Lines,
            logged: !matches!(phase.stdout, Stdout::File(_)),
        };
        self.pump.turn_to(&self.folder, &reading, &Mark::default());
        let orders = self.orders(phase, number)?;
        let pid = process.pid();
        let pid_text = pid.to_string();
        self.folder.put("child.pid", pid_text.as_bytes(), false)?;
        process.go(&orders).context("giving the orders")?;
        drop(orders);
        let (ended, cut_off) = self.watch(phase, pid, until).await?;
        self.harvest.exit = ended.code();
        self.harvest.phases.push(PhaseRun {
            name: phase.name.clone(),
            first_line,
            ran_ms: i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX),
            exit_code: ended.code(),
        });
        Ok((ended, cut_off))
    }

    fn orders(&self, phase: &Phase, number: u32) -> anyhow::Result<Orders> {
        let (out, err) = spool(number);
        let out = self.folder.path(&out);
        let stdout = match &phase.stdout {
            Stdout::File(name) => self.at.private.join(name),
            Stdout::Log | Stdout::Lines => out.clone(),
        };
        let stderr = match &phase.stdout {
            Stdout::Log => out,
            Stdout::File(_) | Stdout::Lines => self.folder.path(&err),
        };
        let stdin = match &phase.stdin {
            None => None,
            Some(bytes) => {
                let path = self.at.private.join(format!("stdin-{number}"));
                let mut file = std::fs::File::options()
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .mode(0o600)
                    .open(&path)?;
                io::Write::write_all(&mut file, bytes)?;
                Some(path)
            }
        };
        let argv = phase.argv.iter().map(|one| one.clone().into_string());
        let argv: Result<Vec<String>, _> = argv.collect();
        let cgroup = self.cgroup.as_ref().map(|one| one.path().to_owned());
        let server = self.server.address();
        Ok(Orders {
            shim: i32::try_from(std::process::id())?,
            argv: argv.map_err(|_| anyhow::anyhow!("an argument is not UTF-8"))?,
            env: place::environment(&self.at, &self.folder, &self.settings, phase),
            work: self.at.work.clone(),
            stdin,
            stdout,
            stderr,
            report: self.report(number),
            sandbox: place::sandbox(
                &self.at,
                &self.folder,
                &self.settings,
                phase,
                &server,
                cgroup,
            ),
        })
    }

    /// Until the process is gone, and its family with it.
    async fn watch(
        &mut self,
        phase: &Phase,
        pid: i32,
        until: Instant,
    ) -> anyhow::Result<(Ended, bool)> {
        let limits = self.at.assignment.limits;
        let silence = Duration::from_secs(limits.silence_s.into());
        let grace = Duration::from_secs(limits.grace_s.into());
        let mut stopping = Stopping::new(pid, self.cgroup.clone(), grace);
        let mut causes = self.stop.listen();
        let mut shutdown = signal(SignalKind::terminate())?;
        let mut look = tokio::time::interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut durable = Instant::now();
        let mut told = None;
        let ended = loop {
            tokio::select! {
                biased;
                () = self.undertaker.wait() => {}
                _ = causes.changed() => {}
                _ = shutdown.recv() => self.stop.because(Cause::Shutdown),
                _ = look.tick() => {}
            }
            if let (Some(ended), _) = Undertaker::bury(pid) {
                break ended;
            }
            self.hear(&phase.name, false)?;
            let silent = self.pump.last_output().elapsed();
            self.lease.say(Some(&phase.name), silent);
            if Instant::now() >= until {
                self.stop.because(Cause::TimedOut);
            } else if silent >= silence {
                self.stop.because(Cause::Silent);
            }
            let cause = self.stop.cause();
            if let Some(cause) = cause
                && told != Some(cause)
            {
                told = Some(cause);
                stopping.begin(cause);
                self.pump.say(&format!("interrupting: {}", cause.text()))?;
            }
            if stopping.kill_at().is_some_and(|at| Instant::now() >= at) {
                self.pump.say("killing: the grace is over")?;
                stopping.kill();
            }
            if durable.elapsed() >= DURABLE {
                durable = Instant::now();
                self.make_durable();
            }
        };
        // Whoever is left works for nobody any more.
        if Undertaker::bury(pid).1 {
            let left = stopping.sweep();
            if left > 0 && !stopping.killed() {
                self.pump
                    .say(&format!("ended {left} processes the tool left behind"))?;
            }
            Undertaker::bury(pid);
        }
        while self.hear(&phase.name, true)? {
            tokio::task::yield_now().await;
        }
        Ok((ended, stopping.killed()))
    }

    fn hear(&mut self, phase: &str, last: bool) -> anyhow::Result<bool> {
        let (at, driver) = (&self.at, &self.driver);
        let mut line = |line: &[u8]| -> Heard { driver.line(at, phase, line) };
        let more = self.pump.pump(&mut line, last)?;
        self.uploads.wake();
        Ok(more)
    }

    /// Elsewhere: a slow disk keeps nobody from renewing.
    fn make_durable(&self) {
        let files = self.pump.files();
        drop(tokio::task::spawn_blocking(move || {
            for file in files {
                let _ = file.sync_data();
            }
        }));
    }

    async fn after(
        &mut self,
        phase: &str,
        code: i32,
    ) -> anyhow::Result<Result<Vec<Phase>, Refusal>> {
        let (at, driver, name) = (
            Arc::clone(&self.at),
            Arc::clone(&self.driver),
            phase.to_owned(),
        );
        let after = tokio::task::spawn_blocking(move || driver.after(&at, &name, code)).await;
        let after = match after {
            Ok(Ok(after)) => after,
            Ok(Err(refusal)) => return Ok(Err(refusal)),
            Err(_) => {
                return Ok(Err(Refusal::permanent(
                    "what the tool wrote is not understood: the driver broke off",
                )));
            }
        };
        let After {
            plan,
            outputs,
            secret_outputs,
            secrets,
            changes,
            report,
            journal,
            text,
            more,
        } = after;
        self.pump.learn(
            secrets
                .into_iter()
                .chain(secret_outputs.values().cloned())
                .collect(),
        );
        self.pump.add(&text)?;
        self.pump.enter(&journal)?;
        let harvest = &mut self.harvest;
        harvest.plan = plan.or(harvest.plan.take());
        harvest.outputs.extend(outputs);
        harvest.secret_outputs.extend(secret_outputs);
        harvest.changes = changes.or(harvest.changes);
        harvest.report = report.or(harvest.report.take());
        Ok(Ok(more))
    }

    fn failed(&self, phase: &str, code: i32) -> io::Result<End> {
        let tail = self.tail()?;
        let (class, why) = self.driver.classify(&self.at, phase, Some(code), &tail);
        let class = if class == ErrorClass::Cancelled {
            ErrorClass::Permanent
        } else {
            class
        };
        Ok(End::failed(class, why))
    }

    /// The end of what the last process wrote, raw.
    fn tail(&self) -> io::Result<Vec<u8>> {
        use std::os::unix::fs::FileExt as _;
        let mut tail = Vec::new();
        for file in self.pump.files() {
            let length = file.metadata()?.len();
            let from = length.saturating_sub(TAIL);
            let mut piece = vec![0; usize::try_from(length - from).unwrap_or_default()];
            file.read_exact_at(&mut piece, from)?;
            tail.extend(piece);
        }
        Ok(tail)
    }
}
