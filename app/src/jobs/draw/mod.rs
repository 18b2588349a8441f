//! What the pages of jobs say, drawn on the server.

pub(crate) mod ask;
#[expect(dead_code, reason = "the pages of jobs follow with their operations")]
pub(crate) mod look;
#[expect(dead_code, reason = "the pages of jobs follow with their operations")]
pub(crate) mod words;
