//! What this machine lacks, in words for the worker's status.

use std::{fs, path::Path};

use landlock::{
    AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _, Scope,
};

use super::{SandboxSettings, cgroup};
use crate::processes;

/// One sentence for each missing feature.
pub fn warnings(settings: &SandboxSettings, vault: &Path) -> Vec<String> {
    let mut missing = Vec::new();
    let mut say = |text: &str| missing.push(text.to_owned());
    if settings.landlock {
        if !has(|rules| rules.handle_access(AccessFs::ReadFile)) {
            say(
                "no landlock: a child can read every file of this worker's user, its memory and its token",
            );
        } else if !has(|rules| rules.handle_access(AccessNet::ConnectTcp)) {
            say(
                "landlock without network rules (before ABI 4): a child can call any address, metadata and databases too",
            );
        } else if !has(|rules| rules.scope(Scope::Signal)) {
            say(
                "landlock without scopes (before ABI 6): a child can signal processes of this worker's user",
            );
        }
        if !has(|rules| rules.handle_access(AccessFs::ResolveUnix)) {
            say(
                "landlock without rules for Unix sockets (before ABI 9): a child can reach sockets whose files this worker's user may open",
            );
        }
    } else {
        say(
            "landlock is switched off: a child can read every file of this worker's user, its memory and its token",
        );
    }
    if nix::unistd::geteuid().is_root() {
        say(
            "the worker runs as root: inside their sandbox its children are root too, with few of its powers",
        );
    }
    if settings.ports.is_none() {
        say("any port may be called: a child can reach metadata addresses and databases");
    }
    match cgroup::parent() {
        None => {
            say("no cgroup v2: a child that forks twice is found through the process table only");
        }
        Some(parent) => {
            let controllers = fs::read_to_string(parent.join("cgroup.subtree_control"));
            if !controllers.is_ok_and(|names| names.contains("pids")) {
                say("cgroup v2 without the pids and memory controllers: neither is limited");
            }
        }
    }
    if !processes::is_memory(vault) {
        say("no memory filesystem for secret files: they are on disk until their attempt ends");
    }
    missing
}

fn has<E>(feature: impl FnOnce(Ruleset) -> Result<Ruleset, E>) -> bool {
    let rules = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    feature(rules).is_ok_and(|rules| rules.create().is_ok())
}
