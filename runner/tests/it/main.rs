//! The runner against the real tools.

mod tools;
