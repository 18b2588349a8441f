//! The browser's moment beside jiff's.

use proptest::prelude::*;

use super::{Timestamp, browser, utc};

proptest! {
    #[test]
    fn both_sides_read_and_write_the_same(
        second in -62_000_000_000_i64..250_000_000_000,
        nanosecond in prop_oneof![Just(0), (0..1_000_000_i32).prop_map(|micros| micros * 1000)],
    ) {
        let at = Timestamp::new(second, nanosecond).expect("in range");
        let here = serde_json::to_string(&at).expect("written");
        let there: browser::Timestamp = serde_json::from_str(&here).expect("read");
        prop_assert_eq!(there.as_second(), at.as_second());
        prop_assert_eq!(there.as_millisecond(), at.as_millisecond());
        prop_assert_eq!(serde_json::to_string(&there).expect("written"), here);
    }

    #[test]
    fn a_calendar_shows_what_jiff_shows(second in -62_000_000_000_i64..250_000_000_000) {
        let at = Timestamp::from_second(second).expect("in range");
        let known = jiff::tz::Offset::UTC.to_datetime(at);
        let shown = utc(at);
        prop_assert_eq!(shown.year, i64::from(known.year()));
        prop_assert_eq!(
            [shown.month, shown.day, shown.hour, shown.minute, shown.second].map(i64::from),
            [known.month(), known.day(), known.hour(), known.minute(), known.second()].map(i64::from)
        );
    }
}

#[test]
fn what_is_no_moment_is_refused() {
    for text in [
        "",
        "2026-11-18",
        "2026-11-18T14:32:07",
        "2026-11-18T14:32:07.1234567890Z",
        "xTyZ",
    ] {
        assert!(text.parse::<browser::Timestamp>().is_err(), "{text}");
    }
}
