//! Health: which parts of the portal work.

#[cfg(not(target_arch = "wasm32"))]
pub mod ops;

/// Whether each part works; causes are in the log, not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// The database answers.
    pub database: bool,
    /// Its schema is the one this binary was built with.
    pub migrations: bool,
}
