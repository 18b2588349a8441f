//! The verbs of the audit chain.

mod check;
mod read;
mod take;
mod write;

pub use check::{chain_id, guard, verify, verify_database};
pub use read::{get, list, standing};
pub use take::{Format, Pieces, Refusal, export, see_checkpoint, stands};
#[cfg(test)]
pub(super) use write::prepare;
pub use write::{append, drain, enqueue};
