//! Durations, sizes and numbers in words.

use platform::time::Timestamp;

/// `JOB-42`
pub(crate) fn job(number: i64) -> String {
    format!("JOB-{number}")
}

/// `240 ms`, `4 s`, `2 min 41 s`, `3 h 5 min`, `2 d 4 h`.
pub(crate) fn duration_ms(ms: i64) -> String {
    let s = ms.max(0) / 1000;
    match s {
        0 if ms > 0 => format!("{ms} ms"),
        0..60 => format!("{s} s"),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        3600..86_400 => format!("{} h {} min", s / 3600, s % 3600 / 60),
        _ => format!("{} d {} h", s / 86_400, s % 86_400 / 3600),
    }
}

/// From one moment to another, or until now.
pub(crate) fn between(from: Option<Timestamp>, to: Option<Timestamp>, now: Timestamp) -> String {
    from.map_or_else(String::new, |from| {
        duration_ms(
            to.unwrap_or(now)
                .duration_since(from)
                .as_millis()
                .try_into()
                .unwrap_or(0),
        )
    })
}

/// `12 B`, `4.2 KB`, `96.0 MB`
pub(crate) fn bytes(size: i64) -> String {
    let tenths = |unit: i64| format!("{}.{}", size / unit, size % unit * 10 / unit);
    match size {
        ..1_024 => format!("{size} B"),
        1_024..1_048_576 => format!("{} KB", tenths(1_024)),
        _ => format!("{} MB", tenths(1_048_576)),
    }
}

/// `1 line`, `1,204 lines`
pub(crate) fn count(n: i64, one: &str) -> String {
    let number = crate::ui::number(n);
    if n == 1 {
        format!("{number} {one}")
    } else {
        format!("{number} {one}s")
    }
}

/// The first digits of a digest.
pub(crate) fn short(digest: &str) -> String {
    digest.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_read_well() {
        let words: Vec<_> = [0, 240, 4_999, 161_000, 11_100_000, 187_200_000]
            .map(duration_ms)
            .into();
        assert_eq!(
            words,
            ["0 s", "240 ms", "4 s", "2 min 41 s", "3 h 5 min", "2 d 4 h"]
        );
        assert_eq!(bytes(100 << 20), "100.0 MB");
        assert_eq!(bytes(1_536), "1.5 KB");
        assert_eq!(count(1, "line"), "1 line");
        assert_eq!(count(1_204, "line"), "1,204 lines");
    }
}
