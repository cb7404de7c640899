//! Credentials that come later (OpenID for Verifiable Credential Issuance 1.0 §9): when each is ready.

use quick_cache::sync::Cache;

/// It lives in the memory of the process: what a restart forgets waits anew.
pub(crate) struct Later {
    /// Seconds since the epoch, by what the API calls the request.
    ready: Cache<String, i64>,
}

impl Later {
    pub(crate) fn new(most: usize) -> Self {
        Self { ready: Cache::new(most) }
    }

    /// The seconds until a request is answered that waits for so many in all; `None` when it is time.
    pub(crate) fn wait(&self, request: &str, seconds: i64, now: i64) -> Option<i64> {
        let ready = self
            .ready
            .get_or_insert_with(request, || Ok::<_, std::convert::Infallible>(now.saturating_add(seconds)));
        let Ok(ready) = ready;
        (ready > now).then_some(ready - now)
    }

    pub(crate) fn forget(&self, request: &str) {
        self.ready.remove(request);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_waits_from_its_first_time_on() {
        let later = Later::new(10);
        assert_eq!((later.wait("a", 30, 100), later.wait("a", 30, 110)), (Some(30), Some(20)));
        assert_eq!((later.wait("a", 30, 130), later.wait("b", 0, 130)), (None, None));
        later.forget("a");
        assert_eq!(later.wait("a", 30, 130), Some(30));
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let later = Later::new(10);
        for n in 0..200 {
            let _ = later.wait(&n.to_string(), 30, 0);
        }
        assert!(later.ready.len() <= 10);
    }
}
