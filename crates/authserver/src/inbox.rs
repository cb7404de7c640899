//! Requests of clients that a user is asked about on a device of their own (CIBA Core §2), until the user answers.

use std::sync::Arc;

use placet_ambient::Entropy;
use placet_sdk::types::AuthorizationResponse;
use serde::{Deserialize, Serialize};

use crate::of_users::OfUsers;
use crate::settings::Settings;
use crate::state::{Next, Place, Shelf, State, StateUnavailable};

/// How long a place is kept for a request that is on its way, in seconds: longer than the API is waited for.
const ON_ITS_WAY: i64 = 60;

/// One that waits.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Waiting {
    /// What pages call it; it leads nowhere without the user's session.
    pub(crate) id: String,
    pub(crate) subject: String,
    /// What answers it at the API; never for browsers.
    pub(crate) ticket: String,
    /// What is asked for, as an authorization request would say it.
    pub(crate) asked: Arc<AuthorizationResponse>,
    /// What both devices show (§7.1).
    pub(crate) binding_message: Option<String>,
    /// Seconds since the epoch.
    pub(crate) expires_at: i64,
}

pub(crate) struct Inbox {
    state: State,
    of_users: OfUsers,
    /// Of one user.
    most: usize,
    entropy: Entropy,
}

/// A place that is kept for one more, and what it is called.
pub(crate) struct Room {
    pub(crate) id: String,
    subject: String,
}

fn place(id: &str) -> Place {
    Place::new(Shelf::Inbox, id)
}

fn by_name(auth_req_id: &str) -> Place {
    Place::new(Shelf::Keys, format!("auth_req_id {auth_req_id}"))
}

impl Inbox {
    pub(crate) fn new(settings: &Settings, state: &State) -> Self {
        let most = settings.budgets.inbox_of_one;
        // One more than there may be, so that none goes to make room.
        let of_users = OfUsers::new(state.clone(), Shelf::OfInboxes, most.saturating_add(1));
        Self { state: state.clone(), of_users, most, entropy: settings.ambient.entropy.clone() }
    }

    /// A place for another request to the user; `None` where too many wait.
    pub(crate) async fn room(&self, subject: &str, now: i64) -> Result<Option<Room>, StateUnavailable> {
        let room = Room { id: self.entropy.identifier(), subject: subject.to_owned() };
        let until = now.saturating_add(ON_ITS_WAY);
        if self.state.insert(&place(&room.id), &None::<Waiting>, until).await?.is_none() {
            return Ok(None);
        }
        self.of_users.note(subject, (&room.id, until), None, now).await?;
        if self.of_users.of(subject, now).await?.len() > self.most {
            self.leave(room, now).await?;
            return Ok(None);
        }
        Ok(Some(room))
    }

    /// Nothing comes into the place.
    pub(crate) async fn leave(&self, room: Room, now: i64) -> Result<(), StateUnavailable> {
        self.remove(&room.id, &room.subject, now).await
    }

    /// The request that the place was kept for.
    pub(crate) async fn add(&self, one: Waiting, room: Room, now: i64) -> Result<(), StateUnavailable> {
        let until = one.expires_at;
        let added = |_: Option<Option<Waiting>>| (Next::Is(Some(one.clone()), until), ());
        self.state.update(&place(&room.id), now, added).await?;
        self.of_users.note(&room.subject, (&room.id, until), None, now).await.map(drop)
    }

    /// Those that wait for a user, the oldest first.
    pub(crate) async fn of(&self, subject: &str, now: i64) -> Result<Vec<Waiting>, StateUnavailable> {
        let mut waiting = Vec::new();
        for id in self.of_users.of(subject, now).await? {
            waiting.extend(self.find(&id, now).await?);
        }
        Ok(waiting)
    }

    pub(crate) async fn find(&self, id: &str, now: i64) -> Result<Option<Waiting>, StateUnavailable> {
        Ok(self.state.get::<Option<Waiting>>(&place(id), now).await?.flatten())
    }

    /// Has it found by what its client calls it, too: for a suite that answers for users.
    pub(crate) async fn name(
        &self,
        auth_req_id: &str,
        one: &Waiting,
        now: i64,
    ) -> Result<(), StateUnavailable> {
        let named = |_: Option<String>| (Next::Is(one.id.clone(), one.expires_at), ());
        self.state.update(&by_name(auth_req_id), now, named).await
    }

    pub(crate) async fn named(
        &self,
        auth_req_id: &str,
        now: i64,
    ) -> Result<Option<Waiting>, StateUnavailable> {
        match self.state.get::<String>(&by_name(auth_req_id), now).await? {
            Some(id) => self.find(&id, now).await,
            None => Ok(None),
        }
    }

    /// It is answered.
    pub(crate) async fn remove(&self, id: &str, subject: &str, now: i64) -> Result<(), StateUnavailable> {
        self.state.take::<Option<Waiting>>(&place(id), now).await?;
        self.of_users.forget(subject, id, now).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budgets::Budgets;
    use crate::settings::Issuer;
    use crate::state::InMemory;

    #[tokio::test]
    async fn a_user_is_asked_about_so_many_at_a_time() {
        let clock = placet_ambient::Clock::stopped();
        let start = clock.seconds();
        let budgets = Budgets { inbox: 3, inbox_of_one: 2, ..Budgets::default() };
        let state = State::new(Arc::new(InMemory::new(&budgets, clock.clone())));
        let settings = Settings::new(Issuer::parse("https://as.example").unwrap());
        let inbox = Inbox::new(&Settings { budgets, ..settings }, &state);
        let room = async |subject: &str| inbox.room(subject, start).await.unwrap();
        let add = async |subject: &str| {
            let room = room(subject).await.unwrap();
            let (id, subject) = (room.id.clone(), subject.to_owned());
            let one = Waiting { id: id.clone(), subject, expires_at: start + 10, ..Waiting::default() };
            inbox.add(one, room, start).await.unwrap();
            id
        };
        let (first, second, _) = (add("john").await, add("john").await, add("jane").await);
        assert!(room("john").await.is_none() && room("jane").await.is_none());
        let of = async |subject: &str, later| inbox.of(subject, start + later).await.unwrap();
        assert_eq!(of("john", 0).await.len(), 2);
        inbox.remove(&first, "john", start).await.unwrap();
        assert_eq!(of("john", 0).await[0].id, second);
        // What is on its way counts, until it is known not to come, and is not shown.
        let coming = room("john").await.unwrap();
        assert!(room("john").await.is_none() && of("john", 0).await.len() == 1);
        inbox.leave(coming, start).await.unwrap();
        assert!(room("john").await.is_some());
        // What nobody answers goes by itself.
        assert!(of("jane", 9).await.len() == 1 && of("jane", 10).await.is_empty());
        assert!(inbox.find(&second, start + 10).await.unwrap().is_none());
    }
}
