//! Dates and times of claims, as functions compare them (OpenID Connect Advanced Syntax for Claims)

use std::cmp::Ordering;

use placet_base::Timestamp;
use serde_json::Value;
use time::format_description::well_known::Iso8601;
use time::{Date, Month, OffsetDateTime};

/// A date, or a date with the time of day and its zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Moment {
    Date(Date),
    Time(OffsetDateTime),
}

impl Moment {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.contains('T') {
            true => OffsetDateTime::parse(text, &Iso8601::PARSING).ok().map(Self::Time),
            false => date(text).map(Self::Date),
        }
    }

    /// The time of day counts where both have one.
    pub(super) fn compared(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Time(one), Self::Time(other)) => one.cmp(&other),
            (one, other) => one.date().cmp(&other.date()),
        }
    }

    fn date(self) -> Date {
        match self {
            Self::Date(date) => date,
            Self::Time(time) => time.date(),
        }
    }
}

/// Whole years from a date (ISO 8601, `YYYY-MM-DD`) until today (in UTC), or until the date of the argument. Who does not tell the
/// year of birth says that it is 0000 (OpenID Connect Core §5.1), and has no age.
pub(super) fn years_ago(from: &str, until: Option<&str>, now: Timestamp) -> Option<Value> {
    let from = Moment::parse(from)?.date();
    let until = match until {
        Some(text) => Moment::parse(text)?.date(),
        None => OffsetDateTime::from_unix_timestamp(now.as_secs()).ok()?.date(),
    };
    let in_year = |date: Date| (u8::from(date.month()), date.day());
    let before_birthday = in_year(until) < in_year(from);
    (from.year() != 0).then(|| (until.year() - from.year() - i32::from(before_birthday)).into())
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?.parse().ok()?);
    let month: u8 = month.parse().ok().filter(|_| parts.next().is_none())?;
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_time_of_day_counts_where_both_have_one() {
        let compared = |one, other| Moment::parse(one).unwrap().compared(Moment::parse(other).unwrap());
        assert_eq!(compared("2026-01-01", "2026-01-02"), Ordering::Less);
        assert_eq!(compared("2026-01-01T23:00Z", "2026-01-01"), Ordering::Equal);
        assert_eq!(compared("2026-01-01T23:00Z", "2026-01-01T22:00Z"), Ordering::Greater);
        assert_eq!(compared("2026-01-01T23:00+01:00", "2026-01-01T22:00Z"), Ordering::Equal);
        for none in ["", "soon", "2026", "2026-02-30", "2026-01-01T25:00Z", "2026-01-01T10:00"] {
            assert_eq!(Moment::parse(none), None, "{none}");
        }
    }

    #[test]
    fn a_year_of_birth_may_be_untold() {
        assert_eq!(years_ago("0000-01-01", None, Timestamp(0)), None);
        // A leap day, on the day before its birthday and on it.
        let leap = |until: &str| years_ago("2004-02-29", Some(until), Timestamp(0));
        assert_eq!((leap("2024-02-28"), leap("2024-02-29")), (Some(json!(19)), Some(json!(20))));
        assert_eq!(years_ago("2004-02-29T10:00Z", Some("2024-03-01"), Timestamp(0)), Some(json!(20)));
    }
}
