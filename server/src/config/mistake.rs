//! What is wrong with the settings, said so that it can be put right.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Flag and environment variable: `--listen (GROUNDCREW_LISTEN)`.
    pub field: String,
    /// What is wrong.
    pub why: String,
    /// What to do about it.
    pub remedy: String,
}

impl Mistake {
    /// A mistake of one setting.
    pub fn new(
        field: impl Into<String>,
        why: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            why: why.into(),
            remedy: remedy.into(),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    {}", self.field, self.why)?;
        if self.remedy.is_empty() {
            Ok(())
        } else {
            write!(f, "\n    {}", self.remedy.replace('\n', "\n    "))
        }
    }
}

/// Everything that is wrong, at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.len();
        let noun = if count == 1 { "mistake" } else { "mistakes" };
        write!(f, "{count} {noun} in the settings; nothing was started")?;
        for mistake in &self.0 {
            write!(f, "\n\n  {mistake}")?;
        }
        Ok(())
    }
}
