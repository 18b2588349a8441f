//! Moments.
//!
//! The host has jiff. The browser reads moments, compares them and writes them in UTC: it has a type
//! of the same name that does this and no more, because jiff is a tenth of all the browser would load.

pub mod browser;
mod utc;

#[cfg(target_arch = "wasm32")]
pub use browser::Timestamp;
#[cfg(not(target_arch = "wasm32"))]
pub use jiff::Timestamp;
pub use utc::{Utc, utc};

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
