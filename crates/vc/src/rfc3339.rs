//! RFC 3339 – points in time as texts, in UTC and whole seconds.

use placet_base::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// `None` before the year 0 and after 9999, which have no such form.
pub(crate) fn written(at: Timestamp) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(at.as_secs()).ok()?.format(&Rfc3339).ok()
}

/// Reads what [`written`] writes, and nothing else: the format has other ways to say the same.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let found = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let found = Timestamp::from_secs(found.unix_timestamp());
    Some(found).filter(|found| written(*found).as_deref() == Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_they_are_read() {
        for (secs, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (1_601_559_002, "2020-10-01T13:30:02Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-62_167_219_200, "0000-01-01T00:00:00Z"),
        ] {
            let at = Timestamp::from_secs(secs);
            assert_eq!(written(at).as_deref(), Some(text));
            assert_eq!(read(text), Some(at));
        }
        assert_eq!(written(Timestamp(1_601_559_002_999)).as_deref(), Some("2020-10-01T13:30:02Z"));
        assert_eq!(written(Timestamp::from_secs(253_402_300_800)), None);
        assert_eq!(written(Timestamp(i64::MIN)), None);
    }

    #[test]
    fn what_is_no_such_time_is_refused() {
        for text in [
            "",
            "2021-04-31T00:00:00Z",
            "2021-02-29T00:00:00Z",
            "2021-13-01T00:00:00Z",
            "2021-00-01T00:00:00Z",
            "2021-01-01T24:00:00Z",
            "2021-01-01T00:00:60Z",
            "2021-01-01T00:00:00.5Z",
            "2021-01-01T00:00:00+01:00",
            "2021-01-01",
            "+021-01-01T00:00:00Z",
            "2021-01-01t00:00:00z",
            "éééééééééééé",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
