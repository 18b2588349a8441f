//! Limits on sign-in, counted in PostgreSQL so that all nodes count together.

#[cfg(not(target_arch = "wasm32"))]
pub mod ops;

/// What is counted, by the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Flows started from one address (offices share one).
    Start,
    /// Callbacks that failed, from one address.
    FailedCallback,
    /// Back-channel logouts of one issuer.
    BackChannel,
}

impl Counted {
    /// The word in the table and in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::FailedCallback => "failed_callback",
            Self::BackChannel => "back_channel",
        }
    }

    /// How many a minute may pass.
    pub const fn a_minute(self) -> i32 {
        match self {
            Self::Start => 600,
            Self::FailedCallback => 20,
            Self::BackChannel => 60,
        }
    }
}
