//! What touches the outside world: worker, shim, drivers, sandbox. It arrives with the runner.
