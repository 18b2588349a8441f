//! The one error of server functions: a code a person can act on, and a trace id.
//!
//! Causes never travel. `host::functions` maps the code to a status, or to a redirect for forms
//! sent without script.

use platform::Error;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// What a server function answers when it does not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{error} (trace {trace})")]
pub struct AppError {
    /// What a caller can act on.
    #[serde(flatten)]
    pub error: Error,
    /// Trace id to tell support.
    pub trace: String,
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        Self {
            error,
            trace: crate::context::trace(),
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = crate::wire::Text;

    fn from_server_fn_error(failure: ServerFnErrorErr) -> Self {
        Self::from(match failure {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Error::invalid("input", "is not what this form sends")
            }
            // In the browser: no answer, or not one of ours (a proxy's page).
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) => {
                Error::Unavailable
            }
            _ => Error::Internal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_a_code_and_a_trace_and_survives_the_wire() {
        let error = AppError {
            error: Error::forbidden("needs the role admin"),
            trace: "7c3e".into(),
        };
        let bytes = error.ser();
        assert_eq!(
            bytes,
            r#"{"code":"forbidden","missing":"needs the role admin","trace":"7c3e"}"#.as_bytes()
        );
        assert_eq!(AppError::de(bytes), error);
    }

    #[test]
    fn what_a_library_says_of_a_failure_stays_here() {
        let error = AppError::from_server_fn_error(ServerFnErrorErr::ServerError("secret".into()));
        assert_eq!(error.error, Error::Internal);
        assert!(!format!("{error:?}{error}").contains("secret"));
    }
}
