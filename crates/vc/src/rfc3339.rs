//! RFC 3339 – points in time as texts, in UTC and whole seconds.

use placet_base::Timestamp;

const DAY: i64 = 24 * 60 * 60;

/// `None` before the year 0 and after 9999, which have no such form.
pub(crate) fn written(at: Timestamp) -> Option<String> {
    let (day, second) = (at.as_secs().div_euclid(DAY), at.as_secs().rem_euclid(DAY));
    let (year, month, day) = date_of(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    (0..=9999).contains(&year).then_some(text)
}

/// Reads what [`written`] writes, and nothing else.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let at = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok().map(i64::from);
    let (year, month, day) = (at(0, 4)?, at(5, 7)?, at(8, 10)?);
    let (hour, minute, second) = (at(11, 13)?, at(14, 16)?, at(17, 19)?);
    let secs = days_until(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    let found = Timestamp::from_secs(secs);
    // What is no date is written otherwise than it was read: the 31st of April is the first of May.
    Some(found).filter(|found| written(*found).as_deref() == Some(text))
}

/// The date of a day, counted from 1970-01-01. A year is taken to begin in March, so that the day that comes every four
/// years is its last; 400 years have the same number of days always.
fn date_of(day: i64) -> (i64, i64, i64) {
    const AGE: i64 = 146_097;
    let since_march = day + days_of_ages();
    let (age, day) = (since_march.div_euclid(AGE), since_march.rem_euclid(AGE));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    (400 * age + year + i64::from(month <= 2), month, day)
}

/// The day of a date: what [`date_of`] takes.
fn days_until(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (age, year) = (year.div_euclid(400), year.rem_euclid(400));
    let day = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    age * 146_097 + 365 * year + year / 4 - year / 100 + day - days_of_ages()
}

/// The days from 0000-03-01 until 1970-01-01.
const fn days_of_ages() -> i64 {
    719_468
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
    fn every_day_of_400_years_comes_once() {
        let mut former = date_of(-1);
        for day in 0..146_097 {
            let date = date_of(day);
            assert!(date > former && days_until(date.0, date.1, date.2) == day);
            former = date;
        }
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
