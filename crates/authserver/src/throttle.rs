//! Guessing passwords and codes is made slow (RFC 6749 §2.3.1), for whoever guesses: a stranger's wrong answers do not
//! keep the owner out. Wrong answers are counted by the browser that gives them, if the account's owner has signed in with
//! it before; else by the address that they come from and the account. Many addresses on one account are slowed
//! down together, and so are many accounts from one address; neither touches a browser that the owner has used.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;

use crate::rate_limit::one_client;

/// Wrong answers that cost nothing yet, from one place for one account.
const FREE: u32 = 5;
/// The same for one account from all browsers that are not known to be its owner's.
const FREE_FOR_ACCOUNT: u32 = 50;
/// The same from one address for all accounts: a company may share one.
const FREE_FROM_ADDRESS: u32 = 200;
/// The longest wait, in seconds.
const LONGEST: i64 = 15 * 60;
/// What is so long ago is forgotten, in seconds.
const FORGOTTEN: i64 = 24 * 3600;

#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    /// Seconds since the epoch.
    last: i64,
}

/// What is being proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Proving {
    Password,
    Code,
    /// The password of a developer, whose name may be a user's as well.
    Developer,
}

/// An answer that is about to be looked at.
pub(crate) struct Guess<'a> {
    pub(crate) proving: Proving,
    /// The account: a login name, or a subject.
    pub(crate) account: &'a str,
    pub(crate) address: Option<IpAddr>,
    /// The browser, if the account's owner has signed in with it before.
    pub(crate) device: Option<&'a str>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Counted {
    Device(Proving, String, String),
    Place(Proving, Option<IpAddr>, String),
    Account(Proving, String),
    Address(Proving, IpAddr),
}

impl Counted {
    fn free(&self) -> u32 {
        match self {
            Self::Device(..) | Self::Place(..) => FREE,
            Self::Account(..) => FREE_FOR_ACCOUNT,
            Self::Address(..) => FREE_FROM_ADDRESS,
        }
    }
}

impl Guess<'_> {
    fn counted(&self) -> Vec<Counted> {
        let account = self.account.to_owned();
        if let Some(device) = self.device {
            return vec![Counted::Device(self.proving, device.to_owned(), account)];
        }
        let address = self.address.map(one_client);
        let from = address.map(|address| Counted::Address(self.proving, address));
        let place = Counted::Place(self.proving, address, account.clone());
        [place, Counted::Account(self.proving, account)].into_iter().chain(from).collect()
    }
}

/// An answer that may be looked at. It counts as wrong until it is given back, so that attempts in parallel do not
/// pass.
pub(crate) struct Attempt(Vec<Counted>);

/// Counts wrong answers.
pub(crate) struct Throttle(Cache<Counted, Arc<Mutex<Failures>>>);

impl Throttle {
    pub(crate) fn new(names: usize) -> Self {
        Self(Cache::new(names))
    }

    /// # Errors
    /// The seconds to wait, when there have been too many.
    pub(crate) fn attempt(&self, guess: &Guess<'_>, now: i64) -> Result<Attempt, i64> {
        let counted = guess.counted();
        let wait = counted.iter().map(|one| self.wait(one, now)).max().unwrap_or_default();
        if wait > 0 {
            return Err(wait);
        }
        // Between the two somebody else may have failed; then one more gets through, and waits longer next time.
        for one in &counted {
            self.with(one, |failures| {
                *failures = Failures { count: failures.count.saturating_add(1), last: now };
            });
        }
        Ok(Attempt(counted))
    }

    /// The answer was right: its place has nothing to answer for any more, the others not for this one.
    pub(crate) fn right(&self, attempt: Attempt) {
        for one in &attempt.0 {
            match one {
                Counted::Device(..) | Counted::Place(..) => {
                    self.0.remove(one);
                }
                Counted::Account(..) | Counted::Address(..) => self.less(one),
            }
        }
    }

    /// Nobody has looked at the answer.
    pub(crate) fn give_back(&self, attempt: Attempt) {
        attempt.0.iter().for_each(|one| self.less(one));
    }

    fn less(&self, one: &Counted) {
        self.with(one, |failures| failures.count = failures.count.saturating_sub(1));
    }

    fn wait(&self, one: &Counted, now: i64) -> i64 {
        self.with(one, |failures| {
            if now - failures.last > FORGOTTEN {
                *failures = Failures::default();
            }
            failures.last + pause(failures.count, one.free()) - now
        })
    }

    fn with<R>(&self, one: &Counted, work: impl FnOnce(&mut Failures) -> R) -> R {
        let Ok(known) = self.0.get_or_insert_with(one, || Ok::<_, std::convert::Infallible>(Arc::default()));
        work(&mut known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// After the free ones 2 s, 4 s, 8 s, and so on.
fn pause(count: u32, free: u32) -> i64 {
    match count.checked_sub(free) {
        None => 0,
        Some(beyond) => (1_i64 << (beyond + 1).min(20)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess<'a>(account: &'a str, last: u8) -> Guess<'a> {
        let address = Some(IpAddr::from([192, 0, 2, last]));
        Guess { proving: Proving::Password, account, address, device: None }
    }

    fn wait(throttle: &Throttle, guess: &Guess<'_>, now: i64) -> i64 {
        throttle.attempt(guess, now).map_or_else(|wait| wait, |_| 0)
    }

    #[test]
    fn wrong_answers_cost_more_and_more_time() {
        let throttle = Throttle::new(100);
        for _ in 0..FREE {
            assert_eq!(wait(&throttle, &guess("john", 1), 100), 0);
        }
        assert_eq!(wait(&throttle, &guess("john", 1), 100), 2);
        assert_eq!(wait(&throttle, &guess("jane", 1), 100), 0);
        let attempt = throttle.attempt(&guess("john", 1), 102).ok().unwrap();
        assert_eq!(wait(&throttle, &guess("john", 1), 102), 4);
        throttle.right(attempt);
        assert_eq!(wait(&throttle, &guess("john", 1), 102), 0);
    }

    #[test]
    fn a_stranger_does_not_keep_the_owner_out() {
        let throttle = Throttle::new(10_000);
        let own = Guess { device: Some("d"), ..guess("john", 9) };
        for last in 0..100 {
            for _ in 0..10 {
                let _ = throttle.attempt(&guess("john", last), 100);
            }
        }
        // Many addresses together are slowed down, also where the owner comes from a browser for the first time …
        assert!(wait(&throttle, &guess("john", 200), 100) > 0);
        // … and whoever has signed in with this browser before is not.
        for _ in 0..FREE {
            assert_eq!(wait(&throttle, &own, 100), 0);
        }
        assert_eq!(wait(&throttle, &own, 100), 2);
    }

    #[test]
    fn an_address_that_tries_everybody_waits_too() {
        let throttle = Throttle::new(10_000);
        let tried: Vec<_> = (0..FREE_FROM_ADDRESS).map(|n| format!("user{n}")).collect();
        assert!(tried.iter().all(|account| wait(&throttle, &guess(account, 1), 100) == 0));
        assert_eq!(wait(&throttle, &guess("another", 1), 100), 2);
        assert_eq!(wait(&throttle, &guess("another", 2), 100), 0);
        // What was not looked at does not count, and a day forgets the rest.
        assert_eq!(wait(&throttle, &guess("another", 1), 100 + FORGOTTEN + 1), 0);
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered_and_to_waiting() {
        let throttle = Throttle::new(30);
        for n in 0..1000 {
            let _ = throttle.attempt(&guess(&format!("user{n}"), 1), 100);
        }
        assert!(throttle.0.len() <= 30, "{}", throttle.0.len());
        assert_eq!(pause(u32::MAX, FREE), LONGEST);
    }

    #[test]
    fn what_was_not_looked_at_is_no_wrong_answer() {
        let throttle = Throttle::new(100);
        for _ in 0..50 {
            let attempt = throttle.attempt(&guess("john", 1), 100).ok().unwrap();
            throttle.give_back(attempt);
        }
        assert_eq!(wait(&throttle, &guess("john", 1), 100), 0);
    }
}
