//! What each user has open, the oldest first: so that there is an end to it, and that it is found when it has to end.

use crate::state::{Next, Place, Shelf, State, StateUnavailable};

/// What is open: its name, and until when at the longest.
type Open = Vec<(String, i64)>;

pub(crate) struct OfUsers {
    state: State,
    shelf: Shelf,
    /// Of one user.
    most: usize,
}

impl OfUsers {
    pub(crate) fn new(state: State, shelf: Shelf, most: usize) -> Self {
        Self { state, shelf, most }
    }

    fn place(&self, subject: &str) -> Place {
        Place::new(self.shelf, subject)
    }

    /// One more, until then, in place of a former one if there is one; those that are too many are given back.
    pub(crate) async fn note(
        &self,
        subject: &str,
        (id, until): (&str, i64),
        former: Option<&str>,
        now: i64,
    ) -> Result<Vec<String>, StateUnavailable> {
        let noted = |known: Option<Open>| {
            let mut open = known.unwrap_or_default();
            open.retain(|(known, until)| known != id && former != Some(known) && *until > now);
            open.push((id.to_owned(), until));
            let too_many = open.len().saturating_sub(self.most);
            let ended = open.drain(..too_many).map(|(id, _)| id).collect();
            let last = open.iter().map(|(_, until)| *until).max().unwrap_or(until);
            (Next::Is(open, last), ended)
        };
        self.state.update(&self.place(subject), now, noted).await
    }

    /// It has ended, so that its place is free.
    pub(crate) async fn forget(&self, subject: &str, id: &str, now: i64) -> Result<(), StateUnavailable> {
        let forgotten = |known: Option<Open>| {
            let mut open = known.unwrap_or_default();
            open.retain(|(known, until)| known != id && *until > now);
            let last = open.iter().map(|(_, until)| *until).max();
            (last.map_or(Next::Gone, |last| Next::Is(open, last)), ())
        };
        self.state.update(&self.place(subject), now, forgotten).await
    }

    /// What a user may have open, the oldest first; some of it may have ended.
    pub(crate) async fn of(&self, subject: &str, now: i64) -> Result<Vec<String>, StateUnavailable> {
        let open = self.state.get::<Open>(&self.place(subject), now).await?.unwrap_or_default();
        Ok(open.into_iter().filter(|(_, until)| *until > now).map(|(id, _)| id).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use placet_ambient::Clock;

    use super::*;
    use crate::budgets::Budgets;
    use crate::state::InMemory;

    fn open() -> OfUsers {
        let memory = Arc::new(InMemory::new(&Budgets::default(), Clock::stopped()));
        OfUsers::new(State::new(memory), Shelf::OfUsers, 2)
    }

    fn owned(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[tokio::test]
    async fn the_oldest_of_one_user_is_given_back() {
        let open = open();
        let note = async |subject, id, former| open.note(subject, (id, 10), former, 0).await.unwrap();
        assert!(note("john", "a", None).await.is_empty() && note("john", "b", None).await.is_empty());
        // The same again is the newest, and not one more; so is one that takes the place of another.
        assert!(note("john", "a", None).await.is_empty() && note("jane", "c", None).await.is_empty());
        assert_eq!(open.of("john", 0).await.unwrap(), owned(&["b", "a"]));
        assert!(note("john", "d", Some("b")).await.is_empty());
        assert_eq!(note("john", "e", None).await, owned(&["a"]));
        assert_eq!(open.of("john", 0).await.unwrap(), owned(&["d", "e"]));
        assert!(open.of("nobody", 0).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_has_ended_takes_no_place() {
        let open = open();
        let note = async |id, until, now| open.note("john", (id, until), None, now).await.unwrap();
        assert!(note("a", 10, 0).await.is_empty() && note("b", 20, 0).await.is_empty());
        // One by its time, one by what somebody did.
        assert!(note("c", 20, 10).await.is_empty());
        open.forget("john", "b", 10).await.unwrap();
        assert!(note("d", 20, 10).await.is_empty());
        assert_eq!(open.of("john", 10).await.unwrap(), owned(&["c", "d"]));
        assert!(open.of("john", 20).await.unwrap().is_empty());
    }
}
