//! What touches the outside world: worker, shim, drivers, sandbox.

pub mod client;
pub mod drive;
pub mod drivers;
pub mod folder;
pub mod launch;
pub mod log;
pub mod mask;
pub mod processes;
pub mod sandbox;
pub mod shim;
pub mod worker;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a mutex guards; a thread that broke off while it held one has left nothing half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
