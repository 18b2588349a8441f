//! A child of root is less than root: it keeps what a package manager needs, nothing that reaches
//! other processes, the kernel or the network's set-up. Landlock alone does not see to that: with
//! `CAP_PERFMON` or `CAP_SYS_ADMIN` the kernel shows the environment of every process.

use caps::{CapSet, Capability, CapsHashSet, errors::CapsError};

const KEPT: [Capability; 9] = [
    Capability::CAP_CHOWN,
    Capability::CAP_DAC_OVERRIDE,
    Capability::CAP_FOWNER,
    Capability::CAP_FSETID,
    Capability::CAP_KILL,
    Capability::CAP_NET_BIND_SERVICE,
    Capability::CAP_SETFCAP,
    Capability::CAP_SETGID,
    Capability::CAP_SETUID,
];

/// On the process itself; what it becomes cannot get them back.
pub(super) fn drop_all() -> Result<(), CapsError> {
    let has = caps::read(None, CapSet::Permitted)?;
    if has.is_empty() {
        return Ok(());
    }
    let kept: CapsHashSet = has
        .iter()
        .copied()
        .filter(|one| KEPT.contains(one))
        .collect();
    if has.contains(&Capability::CAP_SETPCAP) {
        for one in caps::read(None, CapSet::Bounding)?.difference(&kept) {
            caps::drop(None, CapSet::Bounding, *one)?;
        }
    }
    caps::clear(None, CapSet::Ambient)?;
    caps::set(None, CapSet::Effective, &kept)?;
    caps::set(None, CapSet::Permitted, &kept)?;
    caps::clear(None, CapSet::Inheritable)
}
