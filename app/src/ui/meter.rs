//! How much of something is used, with what a change would add and where a
//! forecast ends.

use crate::prelude::*;

use super::{Tone, classes};

/// A bar of 100 percent.
#[component]
pub fn Meter(
    /// The sentence it stands for: "72 percent of budget used".
    #[prop(into)]
    label: String,
    /// Percent used.
    percent: f64,
    /// Percent a change would add.
    #[prop(optional)]
    add: f64,
    /// Where the forecast ends, in percent.
    #[prop(optional, into)]
    mark: Option<f64>,
    /// How it is meant; without one it is plain.
    #[prop(optional, into)]
    tone: Option<Tone>,
) -> AnyView {
    let used = percent.clamp(0.0, 100.0);
    let added = add.clamp(0.0, 100.0 - used);
    let (top, height) = if mark.is_some() {
        ("3", "10")
    } else {
        ("0", "100%")
    };
    let added = (added > 0.0).then(|| {
        view! { <rect class="meter__add" x=part(used) y=top width=part(added) height=height></rect> }
    });
    let class = classes(["meter", if mark.is_some() { "meter--mark" } else { "" }]);
    let mark = mark.map(|mark| {
        let at = part(mark.clamp(0.0, 99.0));
        view! { <rect class="meter__mark" x=at width="2" height="100%"></rect> }
    });
    view! {
        <svg class=class data-tone=tone.map(Tone::as_str) role="img" aria-label=label>
            <rect y=top width=part(used) height=height></rect>
            {added}
            {mark}
        </svg>
    }
    .into_any()
}

/// A percentage to one digit, by whole numbers: writing an `f64` is eleven kilobytes of program.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a saturating cast; no percentage is near the limit"
)]
pub(super) fn part(percent: f64) -> String {
    let tenths = (percent * 10.0).round() as i64;
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}%", tenths.abs() / 10, tenths.abs() % 10)
}
