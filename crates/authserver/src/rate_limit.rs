//! So much in an hour for each address.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;

/// The length of a window, in seconds.
const HOUR: i64 = 3600;

#[derive(Default)]
struct Used {
    count: u32,
    /// When the window began, in seconds since the epoch.
    since: i64,
}

/// Counts by address, in windows of an hour.
pub(crate) struct Allowance {
    used: Cache<IpAddr, Arc<Mutex<Used>>>,
    most: u32,
}

/// Something that the address was allowed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Allowed(());

impl Allowance {
    pub(crate) fn new(most: u32, addresses: usize) -> Self {
        Self { used: Cache::new(addresses), most }
    }

    /// Uses one. Who calls from nowhere has come without a connection, and is not counted.
    ///
    /// # Errors
    /// The seconds to wait.
    pub(crate) fn take(&self, address: Option<IpAddr>, now: i64) -> Result<Allowed, i64> {
        let Some(address) = address.map(one_client) else { return Ok(Allowed(())) };
        let Ok(used) =
            self.used.get_or_insert_with(&address, || Ok::<_, std::convert::Infallible>(Arc::default()));
        let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
        if now - used.since >= HOUR {
            *used = Used { count: 0, since: now };
        }
        if used.count >= self.most {
            return Err((used.since + HOUR - now).max(1));
        }
        used.count += 1;
        Ok(Allowed(()))
    }
}

/// An IPv6 client is given a whole /64 (RFC 6177), and is one for all that.
pub(crate) fn one_client(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_much_in_an_hour() {
        let allowance = Allowance::new(2, 10);
        let take = |address: &str, now| allowance.take(Some(address.parse().unwrap()), now);
        assert!(take("2001:db8::1", 0).is_ok() && take("2001:db8::2", 10).is_ok());
        assert_eq!(take("2001:db8::3", 20), Err(HOUR - 20));
        assert!(take("192.0.2.1", 20).is_ok());
        assert!(take("2001:db8::3", HOUR).is_ok());
        assert!((0..9).all(|_| allowance.take(None, 0).is_ok()));
    }

    #[test]
    fn there_is_an_end_to_the_addresses_that_are_remembered() {
        let allowance = Allowance::new(1, 10);
        for last in 0..200 {
            let _ = allowance.take(Some(IpAddr::from([192, 0, 2, last])), 0);
        }
        assert!(allowance.used.len() <= 10, "{}", allowance.used.len());
    }
}
