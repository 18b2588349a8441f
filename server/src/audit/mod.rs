//! The audit chain from outside its database: the commands, the signer, and what the server does
//! for it while it runs.

mod alarms;
pub mod cli;
mod folder;
pub mod keeper;
mod sign;
pub mod signer;
mod verifier;
mod verify;

pub use keeper::AuditSettings;
