//! A cgroup (v2) for each attempt: however often its processes fork, they can be killed as one.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

/// Where the attempts of this machine have their groups.
const PARENT: &str = "groundcrew";

/// The group of one attempt.
#[derive(Clone, Debug)]
pub struct Cgroup {
    path: PathBuf,
}

impl Cgroup {
    /// Makes it. Nothing when the machine has none, or not for us.
    pub fn make(attempt: Uuid, processes: u32, memory: Option<u64>) -> Option<Self> {
        let parent = parent()?;
        let path = parent.join(attempt.to_string());
        if let Err(error) = fs::create_dir(&path)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return None;
        }
        // Only where the controllers are delegated to us; the probe says so.
        let _ = fs::write(path.join("pids.max"), processes.to_string());
        if let Some(memory) = memory {
            let _ = fs::write(path.join("memory.max"), memory.to_string());
        }
        Some(Self { path })
    }

    /// One made before, by another process.
    pub fn find(attempt: Uuid) -> Option<Self> {
        let path = parent()?.join(attempt.to_string());
        path.is_dir().then_some(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What lives in it.
    pub fn members(&self) -> Vec<i32> {
        fs::read_to_string(self.path.join("cgroup.procs"))
            .map(|text| text.lines().filter_map(|pid| pid.parse().ok()).collect())
            .unwrap_or_default()
    }

    /// Kills all in it at once (kernel 5.14 and later).
    pub fn kill(&self) {
        let _ = fs::write(self.path.join("cgroup.kill"), "1");
    }

    /// Removes it, when it is empty.
    pub fn remove(&self) {
        let _ = fs::remove_dir(&self.path);
    }
}

/// The launch stage goes into it; what it becomes stays there.
pub(super) fn enter(path: &Path) -> io::Result<()> {
    fs::write(path.join("cgroup.procs"), "0")
}

/// A folder of cgroup v2 we may make groups in: below our own group, where an operator delegated it
/// or a container has one of its own.
pub(super) fn parent() -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    let mount = mounts.lines().find_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let kind = right.split(' ').next()?;
        (kind == "cgroup2").then(|| left.split(' ').nth(4))?
    })?;
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mut own = Path::new(own.trim_start_matches('/'));
    // A shim asks from inside an attempt's group never, a worker's child may from inside the parent.
    if let Some(above) = own.parent()
        && own.ends_with(PARENT)
    {
        own = above;
    }
    let parent = Path::new(mount).join(own).join(PARENT);
    if !parent.is_dir() {
        fs::create_dir(&parent).ok()?;
        // Fails where the group above holds processes, or the controllers are of version 1.
        let _ = fs::write(
            parent.with_file_name("cgroup.subtree_control"),
            "+pids +memory",
        );
        let _ = fs::write(parent.join("cgroup.subtree_control"), "+pids +memory");
    }
    parent.join("cgroup.kill").exists().then_some(parent)
}
