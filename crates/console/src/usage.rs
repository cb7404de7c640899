//! What the calls that are kept say of a service's use: how many, how many refused, and how long they took.

use std::collections::BTreeMap;

use placet_sdk::types::InspectedCall;

use crate::inspected::is_refused;

const MINUTE: i64 = 60_000;

/// Numbers of some calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Those that were made: kept, and left out.
    pub(crate) made: u64,
    pub(crate) refused: u64,
    /// How long those took that are kept, in microseconds, the shortest first.
    micros: Vec<u64>,
}

impl Numbers {
    fn add(&mut self, call: &InspectedCall) {
        let left_out = call.left_out.and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
        self.made = self.made.saturating_add(left_out).saturating_add(1);
        self.refused += u64::from(is_refused(call));
        let micros = call.micros.and_then(|micros| u64::try_from(micros).ok()).unwrap_or_default();
        let at = self.micros.partition_point(|known| *known <= micros);
        self.micros.insert(at, micros);
    }

    /// Calls that are kept.
    pub(crate) fn kept(&self) -> usize {
        self.micros.len()
    }

    /// How long it took at most for so many percent of the calls: the nearest rank.
    pub(crate) fn percentile(&self, percent: usize) -> u64 {
        let rank = (self.micros.len() * percent).div_ceil(100);
        self.micros.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }

    /// What part of the kept calls was refused, in percent.
    pub(crate) fn refused_percent(&self) -> u64 {
        let kept = u64::try_from(self.kept()).unwrap_or(u64::MAX);
        (self.refused * 100).checked_div(kept).unwrap_or_default()
    }
}

/// The use of a service, from the latest calls.
#[derive(Debug, Default)]
pub(crate) struct Usage {
    pub(crate) all: Numbers,
    /// By minute since the epoch; a minute without calls is there too.
    pub(crate) minutes: BTreeMap<i64, Numbers>,
    pub(crate) endpoints: BTreeMap<String, Numbers>,
}

impl Usage {
    /// Of the calls of the last `window` minutes up to `now`, in milliseconds.
    pub(crate) fn of(calls: &[InspectedCall], now: i64, window: i64) -> Self {
        let last = now.div_euclid(MINUTE);
        let first = last - window + 1;
        let mut usage = Self::default();
        for call in calls {
            let minute = call.at.unwrap_or_default().div_euclid(MINUTE);
            if (first..=last).contains(&minute) {
                usage.all.add(call);
                usage.minutes.entry(minute).or_default().add(call);
                let endpoint = call.endpoint.clone().unwrap_or_default();
                usage.endpoints.entry(endpoint).or_default().add(call);
            }
        }
        if let Some(begun) = usage.minutes.keys().next().copied() {
            (begun..=last).for_each(|minute| _ = usage.minutes.entry(minute).or_default());
        }
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(at: i64, micros: i64, code: &str, left_out: Option<i64>) -> InspectedCall {
        InspectedCall {
            at: Some(at),
            micros: Some(micros),
            endpoint: Some("token".to_owned()),
            status: Some(200),
            result_code: Some(code.to_owned()),
            left_out,
            ..InspectedCall::default()
        }
    }

    #[test]
    fn calls_are_counted_by_the_minute_with_those_left_out() {
        let calls = [
            call(4 * MINUTE + 1, 30, "A050001", None),
            call(4 * MINUTE, 10, "A050305", Some(7)),
            call(2 * MINUTE, 20, "A050001", None),
            call(0, 1000, "A050001", None),
        ];
        let usage = Usage::of(&calls, 5 * MINUTE, 4);
        assert_eq!((usage.all.made, usage.all.refused, usage.all.kept()), (10, 1, 3));
        assert_eq!(
            usage.minutes.iter().map(|(at, one)| (*at, one.made)).collect::<Vec<_>>(),
            [(2, 1), (3, 0), (4, 9), (5, 0)]
        );
        assert_eq!(usage.all.refused_percent(), 33);
        assert_eq!(usage.endpoints["token"].kept(), 3);
        assert!(Usage::of(&[], 0, 60).minutes.is_empty());
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut numbers = Numbers::default();
        for micros in (1..=100).rev() {
            numbers.add(&call(0, micros, "A050001", None));
        }
        assert_eq!([50, 95, 100].map(|percent| numbers.percentile(percent)), [50, 95, 100]);
        assert_eq!(Numbers::default().percentile(95), 0);
        assert_eq!(Numbers::default().refused_percent(), 0);
    }
}
