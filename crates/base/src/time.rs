//! Points in time and spans. Nothing here reads a clock.

use serde::{Deserialize, Serialize};

/// A point in time: milliseconds since the Unix epoch, as the API writes every `…At`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    /// Whole seconds since the epoch, as JWT claims write them.
    pub fn as_secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whether this point has been reached: an object that expires now is expired.
    pub fn is_past(self, now: Timestamp) -> bool {
        self <= now
    }

    /// The seconds from `now` until this point; 0 when it is past.
    pub fn secs_after(self, now: Timestamp) -> i64 {
        (self.0.saturating_sub(now.0).max(0)) / 1000
    }
}

impl std::ops::Add<Ttl> for Timestamp {
    type Output = Timestamp;
    fn add(self, ttl: Ttl) -> Timestamp {
        Timestamp(self.0.saturating_add(ttl.0.saturating_mul(1000)))
    }
}

impl std::ops::Sub<Ttl> for Timestamp {
    type Output = Timestamp;
    fn sub(self, ttl: Ttl) -> Timestamp {
        Timestamp(self.0.saturating_sub(ttl.0.saturating_mul(1000)))
    }
}

/// A span in whole seconds, as the API writes every `…Duration`; always positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ttl(i64);

impl Ttl {
    pub const fn secs(secs: i64) -> Self {
        assert!(secs > 0);
        Self(secs)
    }

    /// Reads a setting: absent, zero and negative all mean "not specified".
    pub fn specified(secs: Option<i64>) -> Option<Self> {
        secs.filter(|s| *s > 0).map(Self)
    }

    pub fn as_secs(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_not_specified() {
        assert_eq!(Ttl::specified(Some(0)), None);
        assert_eq!(Ttl::specified(Some(-5)), None);
        assert_eq!(Ttl::specified(None), None);
        assert_eq!(Ttl::specified(Some(5)), Some(Ttl::secs(5)));
    }

    #[test]
    fn expiry_is_inclusive_and_sums_do_not_overflow() {
        let now = Timestamp(1000);
        assert!(now.is_past(now));
        assert!(!(now + Ttl::secs(1)).is_past(now));
        assert_eq!(Timestamp(i64::MAX) + Ttl::secs(1), Timestamp(i64::MAX));
        assert_eq!(Timestamp(500).secs_after(now), 0);
    }
}
