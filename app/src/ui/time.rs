//! A moment. The server writes the exact time in UTC, which is the same on both
//! sides of hydration; `style/static/time.js` shows it relative to now and puts
//! the exact time into the tooltip.

use crate::prelude::*;
use platform::time::{self, Timestamp};

/// A moment in time.
#[component]
pub fn Time(
    /// When.
    at: Timestamp,
    /// Whether the exact time stays: on audit, incident and job pages.
    #[prop(optional)]
    exact: bool,
) -> AnyView {
    view! {
        <time datetime=machine(at) data-relative=(!exact).then_some("")>
            {utc(at)}
        </time>
    }
    .into_any()
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `18 Nov 2026, 14:32:07 UTC`
pub fn utc(at: Timestamp) -> String {
    let at = time::utc(at);
    let month = MONTHS.get(usize::from(at.month).saturating_sub(1));
    format!(
        "{} {} {}, {:02}:{:02}:{:02} UTC",
        at.day,
        month.copied().unwrap_or_default(),
        at.year,
        at.hour,
        at.minute,
        at.second
    )
}

/// `2026-11-18T14:32:07Z`
fn machine(at: Timestamp) -> String {
    let at = time::utc(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year, at.month, at.day, at.hour, at.minute, at.second
    )
}
