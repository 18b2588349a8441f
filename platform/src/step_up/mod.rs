//! Step-up: a fresh sign-in at the identity provider for one dangerous act.
//!
//! A grant is bound to the session, the action, its object and, where there is one, the plan digest.
//! It lasts five minutes and counts once.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod ops;

use std::fmt;

use crate::policy::Action;

/// The act a fresh sign-in is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    action: Action,
    object: String,
    digest: Option<String>,
}

/// Objects and digests are ids, words and hex digits of ours: nothing longer, nothing else.
fn plain(part: &str) -> bool {
    (1..=128).contains(&part.len())
        && part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

impl Purpose {
    /// This action on this object.
    pub fn new(action: Action, object: impl ToString) -> Self {
        Self {
            action,
            object: object.to_string(),
            digest: None,
        }
    }

    /// Bound to this plan digest as well.
    #[must_use]
    pub fn with_digest(mut self, digest: impl ToString) -> Self {
        self.digest = Some(digest.to_string());
        self
    }

    /// Reads `action:object` or `action:object:digest`, as a form brings it.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let name = parts.next()?;
        let action = Action::ALL.iter().find(|action| action.name() == name)?;
        let object = parts.next().filter(|part| plain(part))?.to_owned();
        let digest = match parts.next() {
            Some(part) if plain(part) => Some(part.to_owned()),
            Some(_) => return None,
            None => None,
        };
        Some(Self {
            action: *action,
            object,
            digest,
        })
    }

    /// The act.
    pub const fn action(&self) -> Action {
        self.action
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.action.name(), self.object)?;
        match &self.digest {
            Some(digest) => write!(f, ":{digest}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, Purpose};

    #[test]
    fn a_purpose_reads_back_as_written_and_nothing_else_reads() {
        let purpose = Purpose::new(Action::SessionEnd, "others").with_digest("ab12");
        assert_eq!(Purpose::parse(&purpose.to_string()), Some(purpose));
        for text in [
            "",
            "session.end",
            "session.end:",
            "session.fly:x",
            "session.end:a b",
            "session.end:a:b:c",
            "session.end:\u{e9}",
        ] {
            assert_eq!(Purpose::parse(text), None, "{text:?}");
        }
    }
}
