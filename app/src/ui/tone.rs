//! The five tones a state can have. Pages never choose a colour: one function
//! per domain enum gives tone, glyph and word.

/// How a state is meant: good, to be watched, bad, in motion, or none of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Good and settled.
    Ok,
    /// Needs attention, nothing is broken yet.
    Warn,
    /// Broken, refused or dangerous.
    Danger,
    /// In motion, or plain information.
    Info,
    /// Says nothing by colour.
    #[default]
    Neutral,
}

impl Tone {
    /// The value of `data-tone` in the markup.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Danger => "danger",
            Self::Info => "info",
            Self::Neutral => "neutral",
        }
    }

    /// The text colour class, for an icon that stands alone.
    pub(super) fn text_class(self) -> &'static str {
        match self {
            Self::Ok => "t-ok",
            Self::Warn => "t-warn",
            Self::Danger => "t-danger",
            Self::Info => "t-info",
            Self::Neutral => "muted",
        }
    }
}
