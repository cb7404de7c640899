//! Days as pages show them.

use time::OffsetDateTime;

/// The day of a moment, in UTC: `2026-11-29`. The moment in seconds since the epoch; one before it, and one that no calendar
/// has, is shown as its first day.
pub(crate) fn day(seconds: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds.max(0)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01"),
            (-1, "1970-01-01"),
            (i64::MAX, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_709_251_199, "2024-02-29"),
            (1_767_225_599, "2025-12-31"),
            (1_767_225_600, "2026-01-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(seconds), expected, "{seconds}");
        }
    }
}
