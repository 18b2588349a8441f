//! Sealing what is sealed under a newer key-encryption key, while everything runs.
//!
//! Each value's data key is wrapped anew; the value itself stays as it is. What another process
//! changes meanwhile is left alone and found by the next round, so it may be interrupted and run
//! again at any time.

pub mod ops;
#[cfg(test)]
mod tests;

/// Everything that is sealed: table and column, as its [`super::Place`] names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// ID tokens of sessions.
    Session,
    /// Nonces of sign-ins that are under way.
    FlowNonce,
    /// Verifiers of sign-ins that are under way.
    FlowVerifier,
    /// Keys for codes of secret values in plans.
    Stack,
    /// Secret inputs of steps.
    Step,
    /// Secret outputs of steps.
    StepOutput,
    /// Plans.
    Plan,
    /// Plan files.
    PlanFile,
    /// Versions of states.
    State,
    /// What attempts left behind.
    Evidence,
    /// Notes of audit events; under a log-in that may erase them.
    Note,
}

impl Sealed {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Session,
        Self::FlowNonce,
        Self::FlowVerifier,
        Self::Stack,
        Self::Step,
        Self::StepOutput,
        Self::Plan,
        Self::PlanFile,
        Self::State,
        Self::Evidence,
        Self::Note,
    ];

    /// Table and column.
    pub const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Session => ("session", "id_token_sealed"),
            Self::FlowNonce => ("login_flow", "nonce_sealed"),
            Self::FlowVerifier => ("login_flow", "pkce_verifier_sealed"),
            Self::Stack => ("stack", "plan_key_sealed"),
            Self::Step => ("step", "secrets_sealed"),
            Self::StepOutput => ("step", "secret_outputs_sealed"),
            Self::Plan => ("plan", "model_sealed"),
            Self::PlanFile => ("plan_file", "sealed"),
            Self::State => ("state_version", "sealed"),
            Self::Evidence => ("evidence", "sealed"),
            Self::Note => ("audit.note", "body"),
        }
    }
}
