//! Guessing passwords and codes is made slow (RFC 6749 §2.3.1), for whoever guesses: a stranger's wrong answers do not
//! keep the owner out. Wrong answers are counted by the browser that gives them, if the account's owner has signed in with
//! it before; else by the address that they come from and the account. Many addresses on one account are slowed
//! down together, and so are many accounts from one address; neither touches a browser that the owner has used.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::rate_limit::one_client;
use crate::state::{Next, Place, Shelf, State, StateUnavailable};

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

#[derive(Clone, Copy, Default, Serialize, Deserialize)]
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

impl Proving {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Developer => "developer",
        }
    }
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
pub(crate) struct Throttle(State);

impl Throttle {
    pub(crate) fn new(state: &State) -> Self {
        Self(state.clone())
    }

    /// # Errors
    /// The seconds to wait, when there have been too many.
    pub(crate) async fn attempt(
        &self,
        guess: &Guess<'_>,
        now: i64,
    ) -> Result<Result<Attempt, i64>, StateUnavailable> {
        let mut attempt = Attempt(Vec::new());
        for one in guess.counted() {
            // It is looked at and counted at once, so that those who guess at the same time do not pass together.
            let wait = self.0.update(&one.place(), now, |known| one.count(known, now)).await?;
            if wait > 0 {
                self.give_back(attempt, now).await?;
                return Ok(Err(wait));
            }
            attempt.0.push(one);
        }
        Ok(Ok(attempt))
    }

    /// The answer was right: its place has nothing to answer for any more, the others not for this one.
    pub(crate) async fn right(&self, attempt: Attempt, now: i64) -> Result<(), StateUnavailable> {
        for one in &attempt.0 {
            match one {
                Counted::Device(..) | Counted::Place(..) => {
                    self.0.take::<Failures>(&one.place(), now).await?;
                }
                Counted::Account(..) | Counted::Address(..) => self.less(one, now).await?,
            }
        }
        Ok(())
    }

    /// Nobody has looked at the answer.
    pub(crate) async fn give_back(&self, attempt: Attempt, now: i64) -> Result<(), StateUnavailable> {
        for one in &attempt.0 {
            self.less(one, now).await?;
        }
        Ok(())
    }

    async fn less(&self, one: &Counted, now: i64) -> Result<(), StateUnavailable> {
        let less = |known: Option<Failures>| match known {
            Some(Failures { count, last }) if count > 1 => {
                (Next::Is(Failures { count: count - 1, last }, last.saturating_add(FORGOTTEN)), ())
            }
            Some(_) => (Next::Gone, ()),
            None => (Next::Same, ()),
        };
        self.0.update(&one.place(), now, less).await
    }
}

impl Counted {
    fn place(&self) -> Place {
        let name = match self {
            Self::Device(of, device, account) => format!("device {} {device} {account}", of.name()),
            Self::Place(of, None, account) => format!("place {} - {account}", of.name()),
            Self::Place(of, Some(address), account) => format!("place {} {address} {account}", of.name()),
            Self::Account(of, account) => format!("account {} {account}", of.name()),
            Self::Address(of, address) => format!("address {} {address}", of.name()),
        };
        Place::new(Shelf::Guesses, name)
    }

    /// One wrong answer more, and no wait; or the wait, where there have been too many.
    fn count(&self, known: Option<Failures>, now: i64) -> (Next<Failures>, i64) {
        let Failures { count, last } = known.unwrap_or_default();
        let wait = last.saturating_add(pause(count, self.free())).saturating_sub(now);
        if wait > 0 {
            return (Next::Same, wait);
        }
        let failures = Failures { count: count.saturating_add(1), last: now };
        (Next::Is(failures, now.saturating_add(FORGOTTEN)), 0)
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
    use std::sync::Arc;

    use super::*;
    use crate::budgets::Budgets;
    use crate::state::InMemory;

    fn throttle(guesses: usize) -> Throttle {
        let budgets = Budgets { guesses, ..Budgets::default() };
        let memory = Arc::new(InMemory::new(&budgets, placet_ambient::Clock::stopped()));
        Throttle::new(&State::new(memory))
    }

    fn guess<'a>(account: &'a str, last: u8) -> Guess<'a> {
        let address = Some(IpAddr::from([192, 0, 2, last]));
        Guess { proving: Proving::Password, account, address, device: None }
    }

    async fn wait(throttle: &Throttle, guess: &Guess<'_>, now: i64) -> i64 {
        throttle.attempt(guess, now).await.unwrap().map_or_else(|wait| wait, |_| 0)
    }

    #[tokio::test]
    async fn wrong_answers_cost_more_and_more_time() {
        let throttle = throttle(100);
        for _ in 0..FREE {
            assert_eq!(wait(&throttle, &guess("john", 1), 100).await, 0);
        }
        assert_eq!(wait(&throttle, &guess("john", 1), 100).await, 2);
        assert_eq!(wait(&throttle, &guess("jane", 1), 100).await, 0);
        let attempt = throttle.attempt(&guess("john", 1), 102).await.unwrap().ok().unwrap();
        assert_eq!(wait(&throttle, &guess("john", 1), 102).await, 4);
        throttle.right(attempt, 102).await.unwrap();
        assert_eq!(wait(&throttle, &guess("john", 1), 102).await, 0);
    }

    #[tokio::test]
    async fn a_stranger_does_not_keep_the_owner_out() {
        let throttle = throttle(10_000);
        let own = Guess { device: Some("d"), ..guess("john", 9) };
        for last in 0..100 {
            for _ in 0..10 {
                let _ = throttle.attempt(&guess("john", last), 100).await.unwrap();
            }
        }
        // Many addresses together are slowed down, also where the owner comes from a browser for the first time …
        assert!(wait(&throttle, &guess("john", 200), 100).await > 0);
        // … and whoever has signed in with this browser before is not.
        for _ in 0..FREE {
            assert_eq!(wait(&throttle, &own, 100).await, 0);
        }
        assert_eq!(wait(&throttle, &own, 100).await, 2);
    }

    #[tokio::test]
    async fn an_address_that_tries_everybody_waits_too() {
        let throttle = throttle(10_000);
        for n in 0..FREE_FROM_ADDRESS {
            assert_eq!(wait(&throttle, &guess(&format!("user{n}"), 1), 100).await, 0);
        }
        assert_eq!(wait(&throttle, &guess("another", 1), 100).await, 2);
        assert_eq!(wait(&throttle, &guess("another", 2), 100).await, 0);
        // What was not looked at does not count, and a day forgets the rest.
        assert_eq!(wait(&throttle, &guess("another", 1), 100 + FORGOTTEN + 1).await, 0);
    }

    #[test]
    fn there_is_an_end_to_waiting() {
        assert_eq!(pause(u32::MAX, FREE), LONGEST);
    }

    #[tokio::test]
    async fn those_who_guess_at_once_do_not_pass_together() {
        let throttle = throttle(100);
        let mut passed = 0;
        for _ in 0..100 {
            passed += u32::from(throttle.attempt(&guess("john", 1), 100).await.unwrap().is_ok());
        }
        assert_eq!(passed, FREE);
        // What was refused does not count against others.
        assert_eq!(wait(&throttle, &guess("john", 2), 100).await, 0);
    }

    #[tokio::test]
    async fn what_was_not_looked_at_is_no_wrong_answer() {
        let throttle = throttle(100);
        for _ in 0..50 {
            let attempt = throttle.attempt(&guess("john", 1), 100).await.unwrap().ok().unwrap();
            throttle.give_back(attempt, 100).await.unwrap();
        }
        assert_eq!(wait(&throttle, &guess("john", 1), 100).await, 0);
    }
}
