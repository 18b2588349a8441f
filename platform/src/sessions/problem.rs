//! Why a sign-in did not lead to a session, in words for the person.

use serde::{Deserialize, Serialize};

/// What the sign-in page says. Details are in the server's log under the reference shown with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInProblem {
    /// The browser did not bring the cookie this sign-in began with.
    CookieMissing,
    /// The sign-in was used already, took too long, or began elsewhere.
    FlowUnknown,
    /// The answer came from another provider than the one asked.
    MixedUp,
    /// The person, or the provider for them, said no.
    AccessDenied,
    /// The provider answered with an error.
    ProviderRefused,
    /// The provider does not answer, or not with what it promised.
    ProviderUnreachable,
    /// What the provider said of the person does not hold.
    TokenRefused,
    /// The provider asked for fewer factors than this portal needs.
    FactorsMissing,
    /// The provider is not set up for fresh sign-ins, so acts that need one stay closed.
    StepUpClosed,
    /// Another person came back from a fresh sign-in.
    OtherPerson,
    /// The person is disabled here.
    Disabled,
    /// The provider signed the person out while they signed in.
    SignedOutMeanwhile,
    /// No such provider is configured.
    UnknownIssuer,
    /// Too many attempts from this address.
    TooMany,
    /// The portal's database does not answer.
    Unavailable,
}

impl SignInProblem {
    /// All, for the page's tests.
    pub const ALL: &[Self] = &[
        Self::CookieMissing,
        Self::FlowUnknown,
        Self::MixedUp,
        Self::AccessDenied,
        Self::ProviderRefused,
        Self::ProviderUnreachable,
        Self::TokenRefused,
        Self::FactorsMissing,
        Self::StepUpClosed,
        Self::OtherPerson,
        Self::Disabled,
        Self::SignedOutMeanwhile,
        Self::UnknownIssuer,
        Self::TooMany,
        Self::Unavailable,
    ];

    /// The word in `/sign-in?error=…` and in events.
    pub const fn code(self) -> &'static str {
        match self {
            Self::CookieMissing => "cookie_missing",
            Self::FlowUnknown => "flow_unknown",
            Self::MixedUp => "mixed_up",
            Self::AccessDenied => "access_denied",
            Self::ProviderRefused => "provider_refused",
            Self::ProviderUnreachable => "provider_unreachable",
            Self::TokenRefused => "token_refused",
            Self::FactorsMissing => "factors_missing",
            Self::StepUpClosed => "step_up_closed",
            Self::OtherPerson => "other_person",
            Self::Disabled => "disabled",
            Self::SignedOutMeanwhile => "signed_out_meanwhile",
            Self::UnknownIssuer => "unknown_issuer",
            Self::TooMany => "too_many",
            Self::Unavailable => "unavailable",
        }
    }

    /// The problem of this word; anything else is none of ours and shows nothing.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|problem| problem.code() == code)
    }

    /// What happened, as a heading.
    pub const fn title(self) -> &'static str {
        match self {
            Self::CookieMissing => "Your browser did not keep our cookie",
            Self::FlowUnknown => "This sign-in is over",
            Self::MixedUp | Self::TokenRefused => "The answer could not be trusted",
            Self::AccessDenied => "Sign-in was declined",
            Self::ProviderRefused => "The identity provider refused",
            Self::ProviderUnreachable => "The identity provider does not answer",
            Self::FactorsMissing => "More proof is needed",
            Self::StepUpClosed => "This needs a fresh sign-in, and none is set up",
            Self::OtherPerson => "That was somebody else",
            Self::Disabled => "You are disabled here",
            Self::SignedOutMeanwhile => "You were signed out meanwhile",
            Self::UnknownIssuer => "Unknown identity provider",
            Self::TooMany => "Too many attempts",
            Self::Unavailable => "The portal cannot sign you in now",
        }
    }

    /// What to do about it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::CookieMissing => {
                "Sign-in needs one cookie for ten minutes. Allow cookies for this site, or finish in the browser you began in."
            }
            Self::FlowUnknown => {
                "A sign-in counts once, for ten minutes, in the browser it began in. Please begin again."
            }
            Self::MixedUp => {
                "The answer did not come from the identity provider you chose. Please begin again; if it happens twice, tell the platform team."
            }
            Self::AccessDenied => "Nothing was changed. You can begin again.",
            Self::ProviderRefused => {
                "It answered with an error. Please try again; if it happens twice, give the platform team the reference below."
            }
            Self::ProviderUnreachable => {
                "Please try again in a minute. If it lasts, give the platform team the reference below."
            }
            Self::TokenRefused => {
                "What the identity provider sent does not pass our checks. Please begin again; if it happens twice, give the platform team the reference below."
            }
            Self::FactorsMissing => {
                "This portal needs a stronger sign-in than the identity provider reported. Use a second factor there."
            }
            Self::StepUpClosed => {
                "Your identity provider is not set up to confirm you with a second factor, so this act stays closed. Ask the platform team to configure acr_values for it."
            }
            Self::OtherPerson => {
                "The fresh sign-in was by another person than the one signed in here. Nothing was done."
            }
            Self::Disabled => {
                "Your identity provider knows you, but an admin of this portal has stopped your access."
            }
            Self::SignedOutMeanwhile => {
                "Your identity provider ended this sign-in before it was finished. Please begin again."
            }
            Self::UnknownIssuer => "Please choose one of the identity providers below.",
            Self::TooMany => "Please wait a minute, then try again.",
            Self::Unavailable => "Its database does not answer. Please try again in a moment.",
        }
    }
}
