//! Signals to processes we started, by their number.

use std::{fs, path::Path};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// `kill -9`.
pub(crate) fn kill_hard(pid: i32) {
    send(pid, Signal::SIGKILL);
}

/// Stops it in its tracks.
pub(crate) fn freeze(pid: i32) {
    send(pid, Signal::SIGSTOP);
}

/// Lets it go on.
pub(crate) fn thaw(pid: i32) {
    send(pid, Signal::SIGCONT);
}

/// PostgreSQL's immediate shutdown.
pub(crate) fn quit(pid: Option<u32>) {
    if let Some(pid) = pid.and_then(|pid| i32::try_from(pid).ok()) {
        send(pid, Signal::SIGQUIT);
    }
}

/// Asks it to end.
pub(crate) fn ask(pid: i32) {
    send(pid, Signal::SIGTERM);
}

/// Whether it still runs; a zombie does not.
pub(crate) fn lives(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .starts_with(" Z")
    })
}

/// Processes whose working folder or command line lies in `folder`.
pub(crate) fn inside(folder: &Path) -> Vec<i32> {
    let name = folder.display().to_string();
    all()
        .filter(|pid| {
            let proc = Path::new("/proc").join(pid.to_string());
            fs::read_link(proc.join("cwd")).is_ok_and(|cwd| cwd.starts_with(folder))
                || fs::read(proc.join("cmdline"))
                    .is_ok_and(|line| String::from_utf8_lossy(&line).contains(&name))
        })
        .collect()
}

/// All descendants of a process, the nearest first.
pub(crate) fn descendants(of: i32) -> Vec<i32> {
    let parents: Vec<(i32, i32)> = all().filter_map(|pid| Some((pid, parent(pid)?))).collect();
    let mut found = vec![of];
    let mut at = 0;
    while at < found.len() {
        let children = parents.iter().filter(|(_, parent)| *parent == found[at]);
        found.extend(children.map(|(pid, _)| *pid).collect::<Vec<_>>());
        at += 1;
    }
    found.split_off(1)
}

fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn all() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn send(pid: i32, signal: Signal) {
    // Never a group, never everybody; gone already is what was wanted.
    if pid > 1 {
        let _ = kill(Pid::from_raw(pid), signal);
    }
}

/// Stops it, so that it does nothing more while others die, then kills it.
pub(crate) fn freeze_and_kill(pid: i32) {
    freeze(pid);
    kill_hard(pid);
}
