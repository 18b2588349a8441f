//! Processes as `/proc` shows them: who descends from whom, who lives, who belongs to an attempt.

use std::{collections::BTreeSet, fs, path::Path};

use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use uuid::Uuid;

/// Variable by which the processes of an attempt are known, however often they forked.
pub const MARK: &str = "GROUNDCREW_ATTEMPT";

/// One line of the process table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub pid: i32,
    /// Its parent.
    pub parent: i32,
    /// Its session.
    pub session: i32,
    /// Dead and not yet waited for.
    pub zombie: bool,
    /// When it started, in clock ticks since boot.
    pub started: u64,
}

/// One process.
pub fn entry(pid: i32) -> Option<Entry> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in parentheses and may hold anything.
    let mut fields = stat[stat.rfind(')')? + 1..].split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let session = fields.nth(1)?.parse().ok()?;
    let started = fields.nth(15)?.parse().ok()?;
    Some(Entry {
        pid,
        parent,
        session,
        zombie: matches!(state, "Z" | "X"),
        started,
    })
}

/// All of them.
pub fn all() -> Vec<Entry> {
    let Ok(folder) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    folder
        .flatten()
        .filter_map(|one| one.file_name().to_str()?.parse().ok())
        .filter_map(entry)
        .collect()
}

/// Everything below a process, at whatever depth, that lives.
pub fn descendants(of: i32) -> Vec<i32> {
    let table = all();
    let mut family = BTreeSet::from([of]);
    loop {
        let before = family.len();
        for one in &table {
            if family.contains(&one.parent) {
                family.insert(one.pid);
            }
        }
        if family.len() == before {
            break;
        }
    }
    family.remove(&of);
    table
        .iter()
        .filter(|one| family.contains(&one.pid) && !one.zombie)
        .map(|one| one.pid)
        .collect()
}

/// Everything that lives in a session or carries an attempt's mark in its environment. For what a
/// shim left that is no more: nobody is its ancestor now.
pub fn of_attempt(attempt: Uuid, session: Option<i32>) -> Vec<i32> {
    let mark = format!("{MARK}={attempt}");
    let me = i32::try_from(std::process::id()).unwrap_or_default();
    all()
        .into_iter()
        .filter(|one| !one.zombie && one.pid != me)
        .filter(|one| session == Some(one.session) || marked(one.pid, mark.as_bytes()))
        .map(|one| one.pid)
        .collect()
}

fn marked(pid: i32, mark: &[u8]) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|one| one == mark))
}

/// Signals a process; that it is gone is no failure.
pub fn signal(pid: i32, signal: Signal) {
    if pid > 1 {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// Signals a process group; that it is gone is no failure.
pub fn signal_group(pgid: i32, signal: Signal) {
    if pgid > 1 {
        let _ = killpg(Pid::from_raw(pgid), signal);
    }
}

/// Kills everything `list` names until it names nothing more, a hundred times at most: a process
/// may fork while the table is read.
pub fn kill_all(list: impl Fn() -> Vec<i32>) -> usize {
    let mut killed = BTreeSet::new();
    for _ in 0..100 {
        let living = list();
        if living.is_empty() {
            break;
        }
        for pid in living {
            signal(pid, Signal::SIGKILL);
            killed.insert(pid);
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    killed.len()
}

/// Whether a path's filesystem is memory.
pub fn is_memory(path: &Path) -> bool {
    nix::sys::statfs::statfs(path)
        .is_ok_and(|found| found.filesystem_type() == nix::sys::statfs::TMPFS_MAGIC)
}
