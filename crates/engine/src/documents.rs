//! Documents that were fetched. Key sets are kept for a while. A key that is not in the kept set makes it be fetched
//! again, so that a client that has rotated its keys is not locked out; not more often than every few
//! seconds, so that a stranger's key id does not make requests without end.
//!
//! A failure is kept for a while too: nothing waits twice for a URL that does not answer.

use std::sync::Arc;

use placet_base::{ServiceId, Timestamp, TokenHash, Ttl};
use placet_jose::JwkSet;
use quick_cache::sync::Cache;
use serde_json::Value;

use crate::budgets::{KEPT_DOCUMENTS, KEPT_STATEMENTS};
use crate::outside::{Caller, FetchError, Outside};

/// How long a set is used without looking again.
const FRESH: Ttl = Ttl::secs(10 * 60);
/// How soon it may be fetched again because a key is missing.
const AGAIN: Ttl = Ttl::secs(10);
/// How long a set is used when it cannot be fetched.
const STALE: Ttl = Ttl::secs(60 * 60);
/// How long an answer is used without asking again.
const ANSWERED: Ttl = Ttl::secs(60);
/// How long a failure is remembered.
const FAILED: Ttl = Ttl::secs(30);

struct Kept<T> {
    at: Timestamp,
    what: T,
}

impl<T> Kept<T> {
    fn within(&self, span: Ttl, now: Timestamp) -> bool {
        !(self.at + span).is_past(now)
    }
}

struct Failed {
    at: Timestamp,
    error: FetchError,
}

/// The service is part of the key: what one has seen tells another nothing.
type DocumentKey = (ServiceId, String);

/// Sets and failures are kept apart, so that URLs that strangers invent do not push out what is in use.
pub(crate) struct Documents {
    sets: Cache<DocumentKey, Arc<Kept<Arc<JwkSet>>>>,
    /// Where issuers keep their sets.
    issuers: Cache<DocumentKey, Arc<Kept<String>>>,
    failures: Cache<DocumentKey, Arc<Failed>>,
    /// Entity statements and answers, each with the end of its use.
    statements: Cache<DocumentKey, Arc<(Timestamp, String)>>,
}

impl Documents {
    pub(crate) fn new() -> Self {
        Self {
            sets: Cache::new(KEPT_DOCUMENTS),
            issuers: Cache::new(KEPT_DOCUMENTS),
            failures: Cache::new(KEPT_DOCUMENTS),
            statements: Cache::new(KEPT_STATEMENTS),
        }
    }

    /// The set at `url`; one that holds the key that is looked for, if there is such a one now.
    pub(crate) async fn key_set(
        &self,
        outside: &dyn Outside,
        place: (ServiceId, &str),
        now: Timestamp,
        holds: impl Fn(&JwkSet) -> bool,
    ) -> Result<Arc<JwkSet>, FetchError> {
        let read =
            |text: String| JwkSet::parse(&text).map_err(|e| FetchError::Failed(format!("no key set: {e:?}")));
        self.key_set_read(outside, (place.0, place.1, "keys"), now, (read, holds)).await
    }

    /// The same of a set that is written in another way, which `read` knows. `reading` names that way, and whatever it depends
    /// on: what one way makes of a document is no set to another.
    pub(crate) async fn key_set_read(
        &self,
        outside: &dyn Outside,
        (service, url, reading): (ServiceId, &str, &str),
        now: Timestamp,
        (read, holds): (impl FnOnce(String) -> Result<JwkSet, FetchError>, impl Fn(&JwkSet) -> bool),
    ) -> Result<Arc<JwkSet>, FetchError> {
        let key = (service, format!("{reading} {url}"));
        let kept = self.sets.get(&key);
        if let Some(kept) = &kept {
            let fresh = kept.within(FRESH, now) && holds(&kept.what);
            if fresh || kept.within(AGAIN, now) {
                return Ok(kept.what.clone());
            }
        }
        match (self.fetched((outside, Caller::Known), (service, url, reading), now, read).await, kept) {
            (Ok(set), _) => {
                let set = Arc::new(set);
                self.sets.insert(key, Arc::new(Kept { at: now, what: set.clone() }));
                Ok(set)
            }
            (Err(_), Some(kept)) if kept.within(STALE, now) => Ok(kept.what.clone()),
            (Err(error), _) => Err(error),
        }
    }

    /// The set of an issuer, found by its discovery document.
    pub(crate) async fn issuer_keys(
        &self,
        outside: &dyn Outside,
        place: (ServiceId, &str),
        now: Timestamp,
        holds: impl Fn(&JwkSet) -> bool,
    ) -> Result<Arc<JwkSet>, FetchError> {
        let (service, issuer) = place;
        let key = (service, issuer.to_owned());
        let kept = self.issuers.get(&key).filter(|kept| kept.within(FRESH, now));
        let url = match kept {
            Some(kept) => kept.what.clone(),
            None => {
                let document = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
                let place = (service, document.as_str(), "discovery");
                let found = self
                    .fetched((outside, Caller::Known), place, now, |text| jwks_uri(issuer, &text))
                    .await?;
                self.issuers.insert(key, Arc::new(Kept { at: now, what: found.clone() }));
                found
            }
        };
        self.key_set(outside, (service, &url), now, holds).await
    }

    /// The text at `url`, which is not kept.
    pub(crate) async fn text(
        &self,
        outside: &dyn Outside,
        place: (ServiceId, &str),
        now: Timestamp,
    ) -> Result<String, FetchError> {
        self.fetched((outside, Caller::Known), (place.0, place.1, "text"), now, Ok).await
    }

    /// The entity statement at `url`, which [`Documents::keep_statement`] may have kept.
    pub(crate) async fn statement(
        &self,
        asking: (&dyn Outside, Caller),
        place: (ServiceId, &str),
        now: Timestamp,
    ) -> Result<String, FetchError> {
        let kept = self.statements.get(&(place.0, place.1.to_owned()));
        match kept.filter(|kept| !kept.0.is_past(now)) {
            Some(kept) => Ok(kept.1.clone()),
            None => self.fetched(asking, (place.0, place.1, "text"), now, Ok).await,
        }
    }

    /// Keeps a statement that could be read, for as long as it is good and a set would be fresh.
    pub(crate) fn keep_statement(
        &self,
        place: (ServiceId, &str),
        text: &str,
        exp: Timestamp,
        now: Timestamp,
    ) {
        let key = (place.0, place.1.to_owned());
        if self.statements.get(&key).is_none_or(|kept| kept.0.is_past(now)) {
            self.statements.insert(key, Arc::new((exp.min(now + FRESH), text.to_owned())));
        }
    }

    /// What is answered to the form at `url`, now or a moment ago.
    pub(crate) async fn answer(
        &self,
        (outside, caller): (&dyn Outside, Caller),
        (service, url, form): (ServiceId, &str, &str),
        now: Timestamp,
    ) -> Result<String, FetchError> {
        // No URL has a space in it.
        let key = (service, format!("{url} {}", TokenHash::of(form).encoded()));
        if let Some(kept) = self.statements.get(&key).filter(|kept| !kept.0.is_past(now)) {
            return Ok(kept.1.clone());
        }
        if let Some(failed) = self.failures.get(&key).filter(|failed| !(failed.at + FAILED).is_past(now)) {
            return Err(failed.error.clone());
        }
        let asked = outside.ask(url, form.to_owned(), caller).await;
        let text = self.noted(key.clone(), now, asked)?;
        self.statements.insert(key, Arc::new((now + ANSWERED, text.clone())));
        Ok(text)
    }

    /// What `read` makes of the document, unless it could not be had a moment ago, or could not be read so. That somebody has
    /// tried to read it otherwise means nothing.
    async fn fetched<T>(
        &self,
        (outside, caller): (&dyn Outside, Caller),
        (service, url, reading): (ServiceId, &str, &str),
        now: Timestamp,
        read: impl FnOnce(String) -> Result<T, FetchError>,
    ) -> Result<T, FetchError> {
        let (had, understood) = ((service, url.to_owned()), (service, format!("{reading} {url}")));
        for key in [&had, &understood] {
            if let Some(failed) = self.failures.get(key).filter(|failed| !(failed.at + FAILED).is_past(now)) {
                return Err(failed.error.clone());
            }
        }
        let fetched = self.noted(had, now, outside.fetch_for(url, caller).await)?;
        self.noted(understood, now, read(fetched.text))
    }

    /// Remembers a failure, or that it is over. That there was no place for a call says nothing of the URL.
    fn noted<T>(
        &self,
        key: DocumentKey,
        now: Timestamp,
        outcome: Result<T, FetchError>,
    ) -> Result<T, FetchError> {
        match &outcome {
            Ok(_) => drop(self.failures.remove(&key)),
            Err(FetchError::Busy(_)) => {}
            Err(error) => self.failures.insert(key, Arc::new(Failed { at: now, error: error.clone() })),
        }
        outcome
    }
}

/// OpenID Connect Discovery §4.3: the document must be the issuer's own.
fn jwks_uri(issuer: &str, text: &str) -> Result<String, FetchError> {
    let document: Value =
        serde_json::from_str(text).map_err(|e| FetchError::Failed(format!("no discovery document: {e}")))?;
    if document.get("issuer").and_then(Value::as_str) != Some(issuer) {
        return Err(FetchError::Failed("the discovery document is that of another issuer".to_owned()));
    }
    let uri = document.get("jwks_uri").and_then(Value::as_str).map(str::to_owned);
    uri.ok_or_else(|| FetchError::Failed("the discovery document names no key set".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll, Waker};

    use placet_hsm::Hsms;
    use placet_jose::SigningKey;
    use placet_store::BoxFuture;

    use super::*;
    use crate::fault::Fault;
    use crate::outside::Fetched;

    const SET: &str = "{\"keys\":[]}";

    /// Publishes one document, or nothing, and counts who asks.
    #[derive(Default)]
    struct Counting {
        asked: AtomicUsize,
        down: bool,
        busy: bool,
    }

    impl Outside for Counting {
        fn now(&self) -> Timestamp {
            Timestamp(0)
        }

        fn seed(&self) -> [u8; 32] {
            [0; 32]
        }

        fn hsms(&self) -> &Hsms {
            unreachable!("documents have no keys")
        }

        fn sign(&self, _: Arc<SigningKey>, _: Vec<u8>) -> BoxFuture<'_, Option<Vec<u8>>> {
            Box::pin(async { None })
        }

        fn fetch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Fetched, FetchError>> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let answer = if self.busy {
                Err(FetchError::Busy("busy".into()))
            } else if self.down {
                Err(FetchError::Failed("down".into()))
            } else {
                Ok(Fetched { text: SET.into(), fresh: None })
            };
            Box::pin(async move { answer })
        }

        fn ask<'a>(
            &'a self,
            url: &'a str,
            form: String,
            _: Caller,
        ) -> BoxFuture<'a, Result<String, FetchError>> {
            let answer = self.fetch(url);
            Box::pin(async move { answer.await.map(|_| form) })
        }

        fn post<'a>(&'a self, _: &'a str, _: String) -> BoxFuture<'a, bool> {
            Box::pin(async { false })
        }

        fn permits(&self, _: &str) -> bool {
            true
        }

        fn first_use(&self, _: [u8; 32], _: Timestamp, _: Timestamp) -> bool {
            true
        }

        fn report(&self, _: u64, _: &Fault) {}
    }

    fn ready<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("nothing to wait for"),
        }
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp(secs * 1000)
    }

    #[test]
    fn an_answer_is_used_for_a_minute_and_is_that_to_one_form() {
        let (documents, outside) = (Documents::new(), Counting::default());
        let ask = |form, secs| {
            let asking = documents.answer((&outside, Caller::Known), (ServiceId(1), "u", form), at(secs));
            (ready(asking).unwrap(), outside.asked.load(Ordering::Relaxed))
        };
        assert_eq!(ask("a", 0), ("a".to_owned(), 1));
        assert_eq!(ask("a", 59), ("a".to_owned(), 1));
        assert_eq!(ask("b", 59), ("b".to_owned(), 2));
        assert_eq!(ask("a", 61), ("a".to_owned(), 3));
    }

    #[test]
    fn an_answer_that_cannot_be_had_is_not_asked_for_again_at_once() {
        let (documents, outside) = (Documents::new(), Counting { down: true, ..Counting::default() });
        for (secs, asked) in [(0, 1), (29, 1), (31, 2)] {
            let place = (ServiceId(1), "u", "a");
            assert!(ready(documents.answer((&outside, Caller::Stranger), place, at(secs))).is_err());
            assert_eq!(outside.asked.load(Ordering::Relaxed), asked);
        }
    }

    #[test]
    fn what_fails_is_not_asked_for_again_at_once() {
        let (documents, outside) = (Documents::new(), Counting { down: true, ..Counting::default() });
        let place = (ServiceId(1), "https://client.example/jwks");
        for secs in [0, 1, 29] {
            let set = ready(documents.key_set(&outside, place, at(secs), |_| true));
            assert!(set.is_err());
            assert!(ready(documents.text(&outside, place, at(secs))).is_err());
        }
        assert_eq!(outside.asked.load(Ordering::Relaxed), 1);
        // Another service, and a while later.
        let elsewhere = (ServiceId(2), place.1);
        assert!(ready(documents.text(&outside, elsewhere, at(29))).is_err());
        assert!(ready(documents.text(&outside, place, at(30))).is_err());
        assert_eq!(outside.asked.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn that_there_was_no_place_is_not_remembered() {
        let (documents, outside) = (Documents::new(), Counting { busy: true, ..Counting::default() });
        let place = (ServiceId(1), "https://client.example/jwks");
        for _ in 0..3 {
            assert!(ready(documents.text(&outside, place, at(0))).is_err());
        }
        assert_eq!(outside.asked.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn a_set_outlives_a_failure_and_is_not_fetched_for_every_request() {
        let (documents, up) = (Documents::new(), Counting::default());
        let place = (ServiceId(1), "https://client.example/jwks");
        assert!(ready(documents.key_set(&up, place, at(0), |_| true)).is_ok());
        let down = Counting { down: true, ..Counting::default() };
        for secs in [700, 701, 720] {
            assert!(ready(documents.key_set(&down, place, at(secs), |_| false)).is_ok());
        }
        assert_eq!(down.asked.load(Ordering::Relaxed), 1);
        assert!(ready(documents.key_set(&up, place, at(731), |_| true)).is_ok());
        assert_eq!(up.asked.load(Ordering::Relaxed), 2);
        assert!(ready(documents.key_set(&down, place, at(8000), |_| true)).is_err());
    }
}
