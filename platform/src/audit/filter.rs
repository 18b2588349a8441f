//! A filter's fields, parsed into types before they reach SQL.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil, tz::TimeZone};

use super::{kind::Outcome, view::Filter};
use crate::error::{Error, Result};

/// A filter with every field understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Actor's id.
    pub actor: Option<String>,
    /// Action.
    pub action: Option<String>,
    /// Outcome.
    pub outcome: Option<String>,
    /// Target's id.
    pub target: Option<String>,
    /// Recorded at or after.
    pub from: Option<Timestamp>,
    /// Recorded before.
    pub to: Option<Timestamp>,
    /// Text, as it stands in the canonical form.
    pub text: Option<String>,
    /// The text read as the beginning of a hash.
    pub hash: Option<Vec<u8>>,
}

impl Checked {
    /// Times a little around the range: the clock may have been set back while events were recorded.
    pub fn around(&self) -> (Option<Timestamp>, Option<Timestamp>) {
        const SLACK: SignedDuration = SignedDuration::from_hours(1);
        (
            self.from.and_then(|at| at.checked_sub(SLACK).ok()),
            self.to.and_then(|at| at.checked_add(SLACK).ok()),
        )
    }
}

impl TryFrom<&Filter> for Checked {
    type Error = Error;

    fn try_from(filter: &Filter) -> Result<Self> {
        let mut checked = Self::default();
        for (name, value) in filter.fields() {
            if value.is_empty() {
                continue;
            }
            if value.len() > 200 {
                return Err(Error::invalid(name, "at most 200 characters"));
            }
            if value.contains('\0') {
                return Err(Error::invalid(name, "holds a NUL, which no text has"));
            }
            let text = || Some(value.to_owned());
            match name {
                "actor" => checked.actor = text(),
                "action" => checked.action = text(),
                "target" => checked.target = text(),
                "outcome" if Outcome::ALL.iter().any(|known| known.name() == value) => {
                    checked.outcome = text();
                }
                "outcome" => {
                    return Err(Error::invalid(name, "must be success, denied or failure"));
                }
                "from" => checked.from = Some(time(name, value, false)?),
                "to" => checked.to = Some(time(name, value, true)?),
                _ => {
                    checked.text = text();
                    checked.hash = (value.len() >= 6)
                        .then(|| hex::decode(value).ok())
                        .flatten();
                }
            }
        }
        if let (Some(from), Some(to)) = (checked.from, checked.to)
            && from >= to
        {
            return Err(Error::invalid("to", "must be after the beginning"));
        }
        Ok(checked)
    }
}

/// A date, a date with time, or a full timestamp; without a zone it is UTC. As the end of a range a
/// date means the end of that day, a minute the end of that minute.
fn time(field: &str, text: &str, end: bool) -> Result<Timestamp> {
    let wrong = || {
        Error::invalid(
            field,
            "must look like 2026-11-18 or 2026-11-18T14:30, in UTC",
        )
    };
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let at = if text.contains(['T', ' ']) {
        text.parse::<civil::DateTime>().map_err(|_| wrong())?
    } else {
        let day: civil::Date = text.parse().map_err(|_| wrong())?;
        let day = if end {
            day.checked_add(1.day()).map_err(|_| wrong())?
        } else {
            day
        };
        day.at(0, 0, 0, 0)
    };
    Ok(at.to_zoned(TimeZone::UTC).map_err(|_| wrong())?.timestamp())
}
