//! The two files, and what goes on the record about them.

mod files;
mod record;
