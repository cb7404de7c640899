//! Requests of clients that a user is asked about on a device of their own (CIBA Core §2), until the user answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use placet_sdk::types::AuthorizationResponse;

/// One that waits.
#[derive(Clone)]
pub(crate) struct Waiting {
    /// What pages call it; it leads nowhere without the user's session.
    pub(crate) id: String,
    pub(crate) subject: String,
    /// What answers it at the API; never for browsers.
    pub(crate) ticket: String,
    pub(crate) auth_req_id: String,
    /// What is asked for, as an authorization request would say it.
    pub(crate) asked: Arc<AuthorizationResponse>,
    /// What both devices show (§7.1).
    pub(crate) binding_message: Option<String>,
    /// Seconds since the epoch.
    pub(crate) expires_at: i64,
}

#[derive(Default)]
struct Places {
    waiting: Vec<Waiting>,
    /// Whose requests are on their way into the inbox.
    coming: Vec<String>,
}

pub(crate) struct Inbox {
    places: Mutex<Places>,
    /// Of everybody together, and of one user.
    most: (usize, usize),
}

/// A place that is kept for one more.
pub(crate) struct Room<'a> {
    inbox: &'a Inbox,
    subject: String,
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        let mut places = self.inbox.lock();
        if let Some(at) = places.coming.iter().position(|subject| *subject == self.subject) {
            places.coming.swap_remove(at);
        }
    }
}

impl Inbox {
    pub(crate) fn new(all: usize, of_one: usize) -> Self {
        Self { places: Mutex::default(), most: (all, of_one) }
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<R>(&self, now: i64, work: impl FnOnce(&mut Vec<Waiting>) -> R) -> R {
        let mut places = self.lock();
        places.waiting.retain(|one| one.expires_at > now);
        work(&mut places.waiting)
    }

    /// A place for another request to the user; `None` where too many wait.
    pub(crate) fn room(&self, subject: &str, now: i64) -> Option<Room<'_>> {
        let (all, of_one) = self.most;
        let mut places = self.lock();
        places.waiting.retain(|one| one.expires_at > now);
        let subjects = places.waiting.iter().map(|one| &one.subject).chain(&places.coming);
        let own = subjects.filter(|one| *one == subject).count();
        if places.waiting.len() + places.coming.len() >= all || own >= of_one {
            return None;
        }
        places.coming.push(subject.to_owned());
        Some(Room { inbox: self, subject: subject.to_owned() })
    }

    pub(crate) fn add(&self, one: Waiting, room: Room<'_>, now: i64) {
        self.with(now, |waiting| waiting.push(one));
        drop(room);
    }

    /// Those that wait for a user, the oldest first.
    pub(crate) fn of(&self, subject: &str, now: i64) -> Vec<Waiting> {
        self.with(now, |waiting| waiting.iter().filter(|one| one.subject == subject).cloned().collect())
    }

    pub(crate) fn find(&self, now: i64, is_wanted: impl Fn(&Waiting) -> bool) -> Option<Waiting> {
        self.with(now, |waiting| waiting.iter().find(|one| is_wanted(one)).cloned())
    }

    /// It is answered.
    pub(crate) fn remove(&self, id: &str, now: i64) {
        self.with(now, |waiting| waiting.retain(|one| one.id != id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(id: &str, subject: &str, expires_at: i64) -> Waiting {
        Waiting {
            id: id.to_owned(),
            subject: subject.to_owned(),
            ticket: String::new(),
            auth_req_id: String::new(),
            asked: Arc::default(),
            binding_message: None,
            expires_at,
        }
    }

    #[test]
    fn a_user_is_asked_about_so_many_at_a_time() {
        let inbox = Inbox::new(3, 2);
        for (id, subject) in [("1", "john"), ("2", "john"), ("3", "jane")] {
            let room = inbox.room(subject, 0).unwrap();
            inbox.add(waiting(id, subject, 10), room, 0);
        }
        assert!(inbox.room("john", 0).is_none() && inbox.room("jane", 0).is_none());
        assert_eq!(inbox.of("john", 0).len(), 2);
        inbox.remove("1", 0);
        assert_eq!(inbox.of("john", 0)[0].id, "2");
        // What is on its way counts, until it is known not to come.
        let room = inbox.room("john", 0).unwrap();
        assert!(inbox.room("john", 0).is_none());
        drop(room);
        assert!(inbox.room("john", 0).is_some());
        // What nobody answers goes by itself.
        assert!(inbox.of("jane", 9).len() == 1 && inbox.of("jane", 10).is_empty());
        assert!(inbox.find(10, |_| true).is_none());
    }
}
