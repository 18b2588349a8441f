//! A network namespace of its own for a child that needs no network: no address, no metadata.

use std::fs;

use nix::{
    sched::{CloneFlags, unshare},
    unistd::{getegid, geteuid},
};

/// Leaves the machine's network; where that takes a user namespace, our user stays who it is. Where
/// neither is allowed landlock still refuses TCP.
pub(super) fn leave() {
    if unshare(CloneFlags::CLONE_NEWNET).is_ok() {
        return;
    }
    let (user, group) = (geteuid(), getegid());
    if unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).is_ok() {
        let _ = fs::write("/proc/self/setgroups", "deny");
        let _ = fs::write("/proc/self/uid_map", format!("{user} {user} 1"));
        let _ = fs::write("/proc/self/gid_map", format!("{group} {group} 1"));
    }
}
