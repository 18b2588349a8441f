//! Whether a text holds a secret we know.

use crate::mask::Patterns;

/// Secrets looked for.
pub(super) struct Known(Patterns);

impl Known {
    /// Of these values, in every form a log would be searched for.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a String>) -> Self {
        Self(Patterns::new(secrets.into_iter().cloned()))
    }

    /// Whether the text holds one of them.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.0.holds(text)
    }
}
