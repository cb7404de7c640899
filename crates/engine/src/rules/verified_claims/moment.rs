//! Dates and times of verified claims (OpenID Identity Assurance Schema Definition 1.0 §5)

use time::format_description::well_known::Iso8601;
use time::{Date, OffsetDateTime, Time};

/// The last second that a date or time stands for, since the epoch: ages are counted from there (OpenID Connect for
/// Identity Assurance 1.0 §5.5.2). A time may go without seconds, and is one of a time zone.
pub fn end(text: &str) -> Option<i64> {
    match text.contains('T') {
        true => Some(OffsetDateTime::parse(text, &Iso8601::PARSING).ok()?.unix_timestamp()),
        false => {
            let date = Date::parse(text, &Iso8601::PARSING).ok()?;
            let last = Time::from_hms(23, 59, 59).ok()?;
            Some(date.with_time(last).assume_utc().unix_timestamp())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::end;

    #[test]
    fn a_day_ends_with_its_last_second() {
        assert_eq!(end("1970-01-01"), Some(86_399));
        assert_eq!(end("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(end("1970-01-01T01:00Z"), Some(3_600));
        assert_eq!(end("1970-01-01T01:00+01:00"), Some(0));
        for none in ["", "yesterday", "1970-02-30", "1970-01-01T00:00:00", "1970-01-01T25:00Z", "1970", "é"]
        {
            assert_eq!(end(none), None, "{none}");
        }
    }
}
