//! What a child may do: decided by the shim, carried out by the launch stage on itself before it
//! becomes the tool. A feature the machine lacks is left out and named in the worker's status.

mod cgroup;
mod files;
mod network;
mod powers;
mod probe;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use cgroup::Cgroup;
pub use probe::warnings;

/// What an operator says about the children of a worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxSettings {
    /// Off only for machines where a tool cannot live with it.
    pub landlock: bool,
    /// Paths children may read and run programs from beside the system's: where tools are installed.
    pub read: Vec<PathBuf>,
    /// Ports children may open TCP connections to beside 443 and the server's own; none: any. Port
    /// 80, where clouds have their metadata, and 5432 are so refused unless named.
    pub ports: Option<Vec<u16>>,
    /// Internal networks steps of the driver `http` may call, such as `10.1.0.0/16`.
    pub internal: Vec<ipnet::IpNet>,
    /// Variables handed on from the worker's environment, such as `HTTPS_PROXY`.
    pub environment: Vec<String>,
    /// Most processes of an attempt, where cgroup v2 has the controller.
    pub processes: u32,
    /// Most bytes of memory of an attempt, where cgroup v2 has the controller.
    pub memory: Option<u64>,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            landlock: true,
            read: Vec::new(),
            ports: Some(Vec::new()),
            internal: Vec::new(),
            environment: Vec::new(),
            processes: 4096,
            memory: None,
        }
    }
}

/// What one process may do.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sandbox {
    /// Whether landlock is used.
    pub landlock: bool,
    /// What it may read and run.
    pub read: Vec<PathBuf>,
    /// What it may also write.
    pub write: Vec<PathBuf>,
    /// Ports it may connect to; none: any.
    pub ports: Option<Vec<u16>>,
    /// Whether it may connect at all.
    pub network: bool,
    /// Its cgroup, made before.
    pub cgroup: Option<PathBuf>,
}

impl Sandbox {
    /// Carries it out on the process itself. There is no way back. What the kernel lacks is left
    /// out; what it refuses is an error, since the machine has promised it.
    pub fn enter(&self) -> anyhow::Result<()> {
        use nix::sys::{prctl, resource};

        if let Some(cgroup) = &self.cgroup {
            cgroup::enter(cgroup)?;
        }
        resource::setrlimit(resource::Resource::RLIMIT_CORE, 0, 0)?;
        let (soft, hard) = resource::getrlimit(resource::Resource::RLIMIT_NOFILE)?;
        let files = hard.min(65_536);
        resource::setrlimit(
            resource::Resource::RLIMIT_NOFILE,
            soft.min(files).max(1024.min(files)),
            files,
        )?;
        if !self.network {
            network::leave();
        }
        powers::drop_all()?;
        prctl::set_no_new_privs()?;
        if self.landlock {
            files::restrict(self)?;
        }
        Ok(())
    }
}
