//! Whether a text holds a secret we know.

/// Secrets looked for.
pub(super) struct Known(Vec<String>);

impl Known {
    /// Of these values; shorter ones than 8 characters are not looked for.
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = &'a String>) -> Self {
        let long = |secret: &&String| secret.chars().count() >= 8;
        Self(secrets.into_iter().filter(long).cloned().collect())
    }

    /// Whether the text holds one of them.
    pub(super) fn holds(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret))
    }
}
