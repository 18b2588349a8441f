//! The one error a caller can act on.
//!
//! Causes that a person cannot act on are [`Error::Internal`]: logged once at the boundary with a
//! trace id, never shown.

use serde::{Deserialize, Serialize};

/// Result of every operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in terms a caller can act on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Error {
    /// Nobody is signed in, or the session ended.
    #[error("sign in first")]
    Unauthenticated,
    /// The actor may see the object but not do this; `missing` says which condition is not met.
    #[error("not allowed: {missing}")]
    Forbidden {
        /// The condition that is not met, in words for the person.
        missing: String,
    },
    /// No such object, or one the actor may not know of.
    #[error("not found")]
    NotFound,
    /// A field of the input is not acceptable.
    #[error("{field}: {why}")]
    Invalid {
        /// Name of the input field.
        field: String,
        /// What is wrong and what would be right.
        why: String,
    },
    /// The object changed, or its state does not allow this.
    #[error("conflict: {why}")]
    Conflict {
        /// What is in the way.
        why: String,
    },
    /// A fresh sign-in at the identity provider is needed for this act.
    #[error("a fresh sign-in is needed")]
    StepUpRequired,
    /// Too many requests of this kind.
    #[error("too many requests, try again in {retry_after_s} s")]
    TooMany {
        /// Seconds until another try can succeed.
        retry_after_s: u32,
    },
    /// A part that is needed does not answer (database, identity provider).
    #[error("temporarily unavailable")]
    Unavailable,
    /// An attempt no longer holds its step, or its stack's epoch moved: its shim stops.
    #[error("over: the attempt no longer holds its step")]
    Gone,
    /// The worker speaks a protocol this server no longer takes.
    #[error("the worker is too old for this server: update it")]
    Outdated,
    /// The cause is in the server's log under the request's trace id.
    #[error("internal error")]
    Internal,
}

impl Error {
    /// A refused field.
    pub fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            why: why.into(),
        }
    }

    /// A refused act with the condition that is missing.
    pub fn forbidden(missing: impl Into<String>) -> Self {
        Self::Forbidden {
            missing: missing.into(),
        }
    }

    /// Something is in the way.
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::Conflict { why: why.into() }
    }

    /// HTTP status that says the same.
    pub const fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::Forbidden { .. } | Self::StepUpRequired => 403,
            Self::NotFound => 404,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::Gone => 410,
            Self::Outdated => 426,
            Self::TooMany { .. } => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// Stable machine-readable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound => "not_found",
            Self::Invalid { .. } => "invalid",
            Self::Conflict { .. } => "conflict",
            Self::StepUpRequired => "step_up_required",
            Self::TooMany { .. } => "too_many",
            Self::Gone => "gone",
            Self::Outdated => "outdated",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl From<sqlx::Error> for Error {
    /// A database that cannot be reached, is going down or has no room (SQLSTATE classes 08, 57P and
    /// 53) is `Unavailable`; anything else is logged here, once, inside the request's span, and
    /// becomes `Internal`.
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => {
                tracing::error!(%error, "database does not answer");
                Self::Unavailable
            }
            sqlx::Error::Database(ref cause)
                if cause.code().is_some_and(|code| {
                    ["08", "53", "57P"]
                        .iter()
                        .any(|class| code.starts_with(class))
                }) =>
            {
                tracing::error!(%error, "database is going down, starting or full");
                Self::Unavailable
            }
            error => {
                tracing::error!(%error, "database refused a statement");
                Self::Internal
            }
        }
    }
}
