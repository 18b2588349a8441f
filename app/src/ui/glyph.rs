//! The names of the pictures in `style/static/icons.svg`.
//!
//! A glyph that does not exist is a compile error; a glyph missing from the
//! sprite, or a picture nobody can name, fails the test below.

macro_rules! glyphs {
    ($($glyph:ident => $name:literal,)*) => {
        /// One picture of the sprite, named as its symbol is (`i-` plus [`Glyph::name`]).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the picture's name is all there is to say")]
        pub enum Glyph {
            $($glyph,)*
        }

        impl Glyph {
            /// Every glyph, in the order of the sprite.
            pub const ALL: &[Self] = &[$(Self::$glyph,)*];

            /// The name of the symbol, without its `i-`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$glyph => $name,)*
                }
            }
        }
    };
}

glyphs! {
    Home => "home",
    Catalog => "catalog",
    Environment => "environment",
    Request => "request",
    Runbook => "runbook",
    Incident => "incident",
    Job => "job",
    Insights => "insights",
    Audit => "audit",
    Admin => "admin",
    Search => "search",
    Bell => "bell",
    Sun => "sun",
    Moon => "moon",
    Monitor => "monitor",
    Menu => "menu",
    X => "x",
    Check => "check",
    Plus => "plus",
    Minus => "minus",
    Tilde => "tilde",
    More => "more",
    ChevronDown => "chevron-down",
    ChevronRight => "chevron-right",
    ChevronLeft => "chevron-left",
    ArrowRight => "arrow-right",
    ArrowLeft => "arrow-left",
    ArrowUp => "arrow-up",
    ArrowDown => "arrow-down",
    Enter => "enter",
    External => "external",
    Copy => "copy",
    Eye => "eye",
    Download => "download",
    Refresh => "refresh",
    Play => "play",
    Stop => "stop",
    Lock => "lock",
    Key => "key",
    Clock => "clock",
    Calendar => "calendar",
    Hourglass => "hourglass",
    Cost => "cost",
    Tag => "tag",
    User => "user",
    Team => "team",
    Comment => "comment",
    History => "history",
    Filter => "filter",
    Sort => "sort",
    Info => "info",
    Warning => "warning",
    Shield => "shield",
    ShieldCheck => "shield-check",
    File => "file",
    Terminal => "terminal",
    Database => "database",
    Server => "server",
    Globe => "globe",
    Bucket => "bucket",
    Queue => "queue",
    Box => "box",
    Cache => "cache",
    Drift => "drift",
    WifiOff => "wifi-off",
    Logout => "logout",
    Bolt => "bolt",
    Phone => "phone",
    List => "list",
    Print => "print",
    Edit => "edit",
    Trash => "trash",
    Rollback => "rollback",
    Fold => "fold",
    Follow => "follow",
    Link => "link",
    Pause => "pause",
    Keyboard => "keyboard",
    Star => "star",
    Pin => "pin",
    Flag => "flag",
    Checkbox => "checkbox",
    Alert => "alert",
    Wrench => "wrench",
    Ticket => "ticket",
    StateDraft => "s-draft",
    StateQueued => "s-queued",
    StatePlanning => "s-planning",
    StateRunning => "s-running",
    StateCheck => "s-check",
    StateDone => "s-done",
    StateFailed => "s-failed",
    StateX => "s-x",
    StateBan => "s-ban",
    StateMinus => "s-minus",
    StatePaused => "s-paused",
    StateClock => "s-clock",
    StateSuperseded => "s-superseded",
    StateSkipped => "s-skipped",
    StateEmpty => "s-empty",
    RiskLow => "risk-low",
    RiskMedium => "risk-medium",
    RiskHigh => "risk-high",
}

#[cfg(test)]
mod tests {
    use super::Glyph;

    const SPRITE: &str = include_str!("../../../style/static/icons.svg");

    #[test]
    fn every_glyph_is_in_the_sprite_and_every_picture_has_a_glyph() {
        let drawn: Vec<_> = SPRITE
            .split("id=\"i-")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        let named: Vec<_> = Glyph::ALL.iter().map(|glyph| glyph.name()).collect();
        assert_eq!(named, drawn);
    }
}
