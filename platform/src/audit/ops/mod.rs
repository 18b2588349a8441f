//! The verbs of the audit chain.

mod check;
mod deny;
mod read;
mod sign;
mod take;
mod write;

pub use check::{chain_id, size, verification_due, verify, verify_database};
pub use deny::settle_denials;
pub(crate) use deny::{refused, refused_beside};
pub use read::{get, list, standing};
pub use sign::{Refusal, see_checkpoint, stands};
pub use take::{Format, Pieces, export};
#[cfg(test)]
pub(super) use write::prepare;
pub use write::{append, drain, enqueue};
