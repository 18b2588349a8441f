//! What touches the outside world: worker, shim, drivers, sandbox.

pub mod drivers;
