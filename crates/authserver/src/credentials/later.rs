//! Credentials that come later (OpenID for Verifiable Credential Issuance 1.0 §9): when each is ready.

use crate::state::{Next, Place, Shelf, State, StateUnavailable};

/// How long it is remembered when one was ready, in seconds. What is forgotten waits anew.
const REMEMBERED: i64 = 30 * 24 * 3600;

pub(crate) struct Later(State);

/// By what the API calls the request.
fn place(request: &str) -> Place {
    Place::new(Shelf::Later, request)
}

impl Later {
    pub(crate) fn new(state: &State) -> Self {
        Self(state.clone())
    }

    /// The seconds until a request is answered that waits for so many in all; `None` when it is time.
    pub(crate) async fn wait(
        &self,
        request: &str,
        seconds: i64,
        now: i64,
    ) -> Result<Option<i64>, StateUnavailable> {
        let noted = |known: Option<i64>| match known {
            Some(ready) => (Next::Same, ready),
            None => {
                let ready = now.saturating_add(seconds);
                (Next::Is(ready, ready.saturating_add(REMEMBERED)), ready)
            }
        };
        let ready = self.0.update(&place(request), now, noted).await?;
        Ok((ready > now).then_some(ready - now))
    }

    pub(crate) async fn forget(&self, request: &str, now: i64) -> Result<(), StateUnavailable> {
        self.0.take::<i64>(&place(request), now).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::budgets::Budgets;
    use crate::state::InMemory;

    #[tokio::test]
    async fn a_request_waits_from_its_first_time_on() {
        let memory = InMemory::new(&Budgets::default(), placet_ambient::Clock::stopped());
        let later = Later::new(&State::new(Arc::new(memory)));
        let wait = async |request, seconds, now| later.wait(request, seconds, now).await.unwrap();
        assert_eq!((wait("a", 30, 100).await, wait("a", 30, 110).await), (Some(30), Some(20)));
        assert_eq!((wait("a", 30, 130).await, wait("b", 0, 130).await), (None, None));
        later.forget("a", 130).await.unwrap();
        assert_eq!(wait("a", 30, 130).await, Some(30));
    }
}
