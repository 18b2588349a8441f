//! The verbs of the audit chain.

mod check;
mod deny;
mod read;
mod sign;
mod take;
mod verification;
mod write;

pub use check::{Progress, chain_id, size, verify_database};
pub use deny::settle_denials;
pub(crate) use deny::{refused, refused_beside};
pub use read::{get, health, list, standing};
pub use sign::{Refusal, see_checkpoint, stands};
pub use take::{Format, Pieces, export};
pub use verification::{
    Claimed, ask_verification, claim_verification, perform_verification, release_verification,
    verification, verification_due,
};
pub(crate) use write::Prepared;
#[cfg(test)]
pub(super) use write::prepare;
pub use write::{append, drain, enqueue, enqueue_all};
