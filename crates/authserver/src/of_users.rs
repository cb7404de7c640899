//! What each user has open, the oldest first: so that there is an end to it, and that it is found when it has to end.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::budgets::Budgets;

pub(crate) struct OfUsers {
    /// Names of what is open, by subject.
    open: Mutex<HashMap<String, Vec<String>>>,
    /// Of one user.
    most: usize,
    /// Of all users. Whoever keeps what is open forgets by itself beyond that.
    in_all: usize,
}

impl OfUsers {
    pub(crate) fn new(budgets: &Budgets) -> Self {
        Self { open: Mutex::default(), most: budgets.logins_of_one, in_all: budgets.logins }
    }

    /// One more, which is kept already; those that are too many are given back. `lives`: whether one is kept still.
    pub(crate) fn note(&self, subject: &str, id: &str, lives: impl Fn(&str) -> bool) -> Vec<String> {
        let mut open = self.lock();
        // Some of twice as many are of users who have nothing open any more.
        if open.len() >= self.in_all.saturating_mul(2) {
            open.retain(|_, ids| ids.iter().any(|id| lives(id)));
        }
        let ids = open.entry(subject.to_owned()).or_default();
        ids.retain(|known| known != id && lives(known));
        ids.push(id.to_owned());
        let too_many = ids.len().saturating_sub(self.most);
        ids.drain(..too_many).collect()
    }

    /// What a user may have open; some of it may have ended.
    pub(crate) fn of(&self, subject: &str) -> Vec<String> {
        self.lock().get(subject).cloned().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<String>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_one_user_is_given_back() {
        let open = OfUsers::new(&Budgets { logins_of_one: 2, ..Budgets::default() });
        let all = |_: &str| true;
        assert!(open.note("john", "a", all).is_empty() && open.note("john", "b", all).is_empty());
        // The same again is the newest, and not one more.
        assert!(open.note("john", "a", all).is_empty() && open.note("jane", "c", all).is_empty());
        assert_eq!(
            (open.note("john", "d", all), open.of("john")),
            (vec!["b".to_owned()], owned(&["a", "d"]))
        );
        // What has ended takes no place.
        assert!(open.note("john", "e", |id| id != "a").is_empty());
        assert_eq!((open.of("john"), open.of("nobody")), (owned(&["d", "e"]), Vec::new()));
    }

    #[test]
    fn users_who_have_nothing_open_are_forgotten() {
        let open = OfUsers::new(&Budgets { logins: 3, ..Budgets::default() });
        for n in 0..100 {
            open.note(&n.to_string(), &n.to_string(), |id| id == "0");
        }
        assert!(open.lock().len() <= 6);
        assert_eq!(open.of("0"), owned(&["0"]));
    }

    fn owned(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }
}
