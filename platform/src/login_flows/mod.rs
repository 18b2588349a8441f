//! Login flows: one row for each sign-in that began and did not end yet.
//!
//! A flow belongs to one browser, one tab, one issuer; it is taken once, within ten minutes.

#[cfg(not(target_arch = "wasm32"))]
pub mod ops;

use uuid::Uuid;

/// Flows one browser can have open; an eleventh drops the oldest.
pub const PER_BROWSER: i64 = 10;

/// Why a flow runs: a sign-in, or a fresh one for an act of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowKind {
    /// Opens a session.
    SignIn,
    /// Confirms the person of this session for one purpose.
    StepUp {
        /// Label of the session.
        session: Uuid,
        /// The act, as [`crate::step_up::Purpose`] writes it.
        purpose: String,
    },
}

/// What the start of a flow keeps and its callback needs.
#[derive(Clone, PartialEq, Eq)]
pub struct Flow {
    /// Name of the issuer in the settings.
    pub issuer: String,
    /// Sent to the provider, expected in the ID token.
    pub nonce: String,
    /// Expected by the token endpoint (PKCE).
    pub pkce_verifier: String,
    /// Local path to go to afterwards.
    pub return_to: String,
    /// What it is for.
    pub kind: FlowKind,
    /// Seconds since 1970 when it began; `None` before it is kept. Set by the database.
    pub began_at: Option<i64>,
}
