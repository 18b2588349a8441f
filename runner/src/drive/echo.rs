//! The tool that does nothing, for a while.

use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    os::fd::AsFd as _,
    process::ExitCode,
    time::{Duration, Instant},
};

use nix::{
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        signal::{SigSet, Signal},
        signalfd::{SfdFlags, SignalFd},
    },
};
use platform::jobs::{spec::Echo, wire::JournalEntry};
use serde::{Deserialize, Serialize};

use super::hostile;

/// What the driver tells it.
#[derive(Serialize, Deserialize)]
pub struct Orders {
    /// The step's words.
    pub echo: Echo,
    /// Which try this is.
    pub number: u32,
    /// What it changes: words of the journal; none: it only looks.
    pub action: Option<String>,
    /// For misbehaving.
    pub secrets: BTreeMap<String, String>,
}

/// Before an entry of the journal in its output.
pub const JOURNAL: &[u8] = b"\x1egroundcrew:journal ";
/// Exit code after an interrupt.
const INTERRUPTED: u8 = 130;

/// Whether this try fails.
pub fn fails(echo: &Echo, number: u32) -> bool {
    echo.exit != 0 && (echo.fail_first == 0 || number <= echo.fail_first)
}

/// A line, filled up, with its break.
pub fn line(echo: &Echo, number: u64) -> Vec<u8> {
    let text = echo.line.as_deref().unwrap_or("line {n}");
    let mut line = text.replace("{n}", &number.to_string()).into_bytes();
    let size = usize::try_from(echo.line_bytes).unwrap_or_default();
    if line.len() < size {
        line.resize(size, b'.');
    }
    line.push(b'\n');
    line
}

/// Runs it.
pub(super) fn run() -> io::Result<ExitCode> {
    let orders: Orders = serde_json::from_reader(io::stdin().lock())?;
    let mut interrupts = Interrupts::new(orders.echo.stubborn)?;
    let began = Instant::now();
    let mut out = io::BufWriter::new(io::stdout().lock());
    for one in &orders.echo.hostile {
        hostile::act(*one, &orders.secrets, &mut out)?;
        out.flush()?;
    }
    let echo = &orders.echo;
    let steps = echo.lines.max(echo.resources.len() as u64).max(1);
    let duration = Duration::from_millis(echo.duration_ms);
    for number in 1..=steps {
        let resource = usize::try_from(number - 1)
            .ok()
            .and_then(|at| echo.resources.get(at));
        let resource = resource.filter(|_| orders.action.is_some());
        if let Some(address) = resource {
            journal(&mut out, &orders, address, "start")?;
        }
        if number <= echo.lines {
            out.write_all(&line(echo, number))?;
        }
        let due = duration.mul_f64(bounded(number) / bounded(steps));
        if due > began.elapsed() {
            out.flush()?;
            if interrupts.come_before(began + due)? {
                out.write_all(b"interrupted\n")?;
                out.flush()?;
                return Ok(ExitCode::from(INTERRUPTED));
            }
        }
        if let Some(address) = resource {
            journal(&mut out, &orders, address, "complete")?;
        }
    }
    out.flush()?;
    if fails(echo, orders.number) {
        return Ok(ExitCode::from(u8::try_from(echo.exit & 0xff).unwrap_or(1)));
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "numbers of lines, for a share of a duration"
)]
fn bounded(number: u64) -> f64 {
    number as f64
}

fn journal(
    out: &mut impl io::Write,
    orders: &Orders,
    address: &str,
    phase: &str,
) -> io::Result<()> {
    let entry = JournalEntry {
        address: address.to_owned(),
        action: orders.action.clone().unwrap_or_default(),
        phase: phase.to_owned(),
        id_value: (phase == "complete").then(|| format!("echo-{address}")),
    };
    out.write_all(JOURNAL)?;
    out.write_all(&serde_json::to_vec(&entry)?)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Interrupts are waited for, not suffered.
struct Interrupts {
    come: SignalFd,
    stubborn: bool,
}

impl Interrupts {
    fn new(stubborn: bool) -> io::Result<Self> {
        let mut set = SigSet::empty();
        set.add(Signal::SIGINT);
        set.thread_block()?;
        let come = SignalFd::with_flags(&set, SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC)?;
        Ok(Self { come, stubborn })
    }

    /// Waits until then; answers whether to stop.
    fn come_before(&mut self, until: Instant) -> io::Result<bool> {
        loop {
            if self.come.read_signal()?.is_some() {
                if !self.stubborn {
                    return Ok(true);
                }
                println!("not stopping");
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            let left =
                PollTimeout::try_from(left + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
            let mut fds = [PollFd::new(self.come.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, left) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
