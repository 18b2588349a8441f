//! The log of an attempt: raw in spool files, masked in a book, cut into chunks, uploaded.
//!
//! The child writes into files, never into a pipe, so nothing that happens to us stops it. What may
//! be shown of them is written into `masked.log`; [`Pump`] notes how far it has read before a chunk
//! is cut, so that whoever takes over after a crash cuts the same bytes the same way.

mod book;
mod mark;
mod pump;
mod source;

pub use book::{Book, Chunk, Quota};
pub use mark::{Mark, Place};
pub use pump::{Hear, Pump, Reading, spool};
pub use source::Source;
