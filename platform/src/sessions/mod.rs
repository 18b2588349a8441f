//! Sessions: who is signed in where.
//!
//! A session is opened by a sign-in at an identity provider and by nothing else. It lives 30 minutes
//! without use and 12 hours at most, by the database's clock. Its id is in one cookie and nowhere
//! else; pages, logs and events use its label.

#[cfg(not(target_arch = "wasm32"))]
pub mod ops;
mod problem;
#[cfg(not(target_arch = "wasm32"))]
mod sign_in;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::time::Timestamp;

pub use problem::SignInProblem;
#[cfg(not(target_arch = "wasm32"))]
pub use sign_in::{Loaded, SignIn};

/// Longest pause between two requests, in minutes.
pub const IDLE_MINUTES: u32 = 30;
/// Longest life of a session, in hours.
pub const ABSOLUTE_HOURS: u32 = 12;
/// Sessions a person may have; opening another ends the oldest.
pub const PER_PERSON: u32 = 10;
/// How long a fresh sign-in counts for its purpose, in minutes.
pub const STEP_UP_MINUTES: u32 = 5;

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Public name.
    pub label: Uuid,
    /// This is the one the request came with.
    pub current: bool,
    /// Name of the identity provider in the settings.
    pub issuer: String,
    /// Address the sign-in came from.
    pub ip: Option<String>,
    /// Browser the sign-in came from.
    pub agent: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub absolute_until: Timestamp,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person signed out.
    SignOut,
    /// The person or an admin ended it from the list.
    Ended,
    /// A new sign-in in the same browser took its place.
    Replaced,
    /// A fresh sign-in gave it a new id.
    StepUp,
    /// The person opened more sessions than allowed.
    Limit,
    /// The person was disabled.
    Disabled,
    /// The identity provider is no longer in the settings.
    IssuerGone,
    /// The identity provider ended it (back-channel logout).
    Provider,
}

impl EndReason {
    /// The word in the table and in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignOut => "sign_out",
            Self::Ended => "ended",
            Self::Replaced => "replaced",
            Self::StepUp => "step_up",
            Self::Limit => "limit",
            Self::Disabled => "disabled",
            Self::IssuerGone => "issuer_gone",
            Self::Provider => "provider",
        }
    }
}
