//! Worker, shim and child as processes; the server is a fake that speaks the protocol.

mod cut;
mod ends;
mod fake;
mod logs;
mod sandbox;
mod scripts;
mod site;

use std::time::Duration;

/// Time for what should take a moment, on a machine that has much else to do.
const SOON: Duration = Duration::from_secs(60);
