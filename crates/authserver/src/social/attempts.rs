//! Sign-ins by way of a network that a browser has begun: each is good once, in that browser, and for a while.

use placet_sdk::registry::Sns;
use serde::{Deserialize, Serialize};

use crate::budgets::{SNS_ATTEMPTS, SNS_SECONDS};

/// Where somebody wants to come in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Door {
    /// The pages of a request, by their name.
    Interaction(String),
    /// The pages for developers.
    Developers,
}

/// What an answer of the network is held against.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Attempt {
    pub(crate) door: Door,
    pub(crate) sns: Sns,
    pub(crate) verifier: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Begun {
    state: String,
    /// Seconds since the epoch.
    at: i64,
    attempt: Attempt,
    used: bool,
}

/// What a state stands for.
pub(crate) enum Taken {
    Fresh(Attempt),
    /// It was good once, or is too old.
    Over(Attempt),
}

/// Those of one browser.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Attempts {
    begun: Vec<Begun>,
    /// What the page of a door says when it is shown next.
    told: Option<(Door, String)>,
}

impl Attempts {
    /// Keeps one; the oldest goes when there are too many.
    pub(crate) fn begin(&mut self, state: String, attempt: Attempt, now: i64) {
        if self.begun.len() >= SNS_ATTEMPTS {
            self.begun.remove(0);
        }
        self.begun.push(Begun { state, at: now, attempt, used: false });
    }

    /// The attempt of a state, if it fits what has come back; nothing for a state that this browser was not given. Whatever comes
    /// of it, it is used from then on.
    pub(crate) fn take(&mut self, state: &str, fits: impl Fn(&Attempt) -> bool, now: i64) -> Option<Taken> {
        let begun = self.begun.iter_mut().find(|begun| begun.state == state && fits(&begun.attempt))?;
        let good = !std::mem::replace(&mut begun.used, true) && now - begun.at <= SNS_SECONDS;
        let attempt = begun.attempt.clone();
        Some(if good { Taken::Fresh(attempt) } else { Taken::Over(attempt) })
    }

    pub(crate) fn tell(&mut self, door: Door, what: &str) {
        self.told = Some((door, what.to_owned()));
    }

    pub(crate) fn told(&mut self, door: &Door) -> Option<String> {
        self.told.take_if(|(known, _)| known == door).map(|(_, what)| what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt() -> Attempt {
        let door = Door::Interaction("i".to_owned());
        Attempt { door, sns: Sns::Facebook, verifier: "v".to_owned() }
    }

    #[test]
    fn a_state_is_good_once_and_for_a_while() {
        let mut attempts = Attempts::default();
        for state in ["a", "b"] {
            attempts.begin(state.to_owned(), attempt(), 100);
        }
        let mut take = |state: &str, now| attempts.take(state, |_| true, now);
        assert!(matches!(take("a", 100 + SNS_SECONDS), Some(Taken::Fresh(_))));
        assert!(matches!(take("a", 100), Some(Taken::Over(_))));
        assert!(matches!(take("b", 101 + SNS_SECONDS), Some(Taken::Over(_))));
        assert!(matches!(take("b", 100), Some(Taken::Over(_))));
        assert!(take("c", 100).is_none() && take("", 100).is_none());
    }

    #[test]
    fn there_is_an_end_to_the_attempts_of_a_browser() {
        let mut attempts = Attempts::default();
        (0..=SNS_ATTEMPTS).for_each(|n| attempts.begin(n.to_string(), attempt(), 0));
        assert_eq!(attempts.begun.len(), SNS_ATTEMPTS);
        assert!(attempts.take("0", |_| true, 0).is_none());
        assert!(attempts.take("1", |_| false, 0).is_none());
        assert!(attempts.take("1", |one| one.sns == Sns::Facebook, 0).is_some());
    }

    #[test]
    fn what_is_told_is_told_once_and_at_its_door() {
        let mut attempts = Attempts::default();
        attempts.tell(attempt().door, "x");
        assert!(attempts.told(&Door::Interaction("j".to_owned())).is_none());
        assert_eq!(
            (attempts.told(&attempt().door), attempts.told(&attempt().door)),
            (Some("x".to_owned()), None)
        );
    }
}
