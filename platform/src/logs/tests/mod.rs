//! What a log promises: no gap, no duplicate, every range found, every byte kept.

pub(crate) mod fixture;
mod intake;
mod reading;
