//! Taking, reading and keeping logs.

mod append;
mod keep;
mod of;
mod read;
mod search;
mod whole;

pub use append::{append, evidence, journal};
pub use keep::keep_partitions;
pub use of::may_follow;
pub use read::{lines, tail};
pub use search::search;
pub use whole::{Piece, Whole, whole};
