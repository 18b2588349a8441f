//! The runner against the real tools, and with real processes against a server that is a fake.

mod runs;
mod tools;
