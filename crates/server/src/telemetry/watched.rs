//! What calls wait for, with spans around it: the store, and modules that hold keys. Both are wrapped where there is a
//! collector, and only there.

use std::sync::Arc;

use placet_base::Timestamp;
use placet_base::registry::{JweAlg, JwsAlg};
use placet_hsm::{Destroyed, Hsm, HsmError, KeyId, NewKey};
use placet_jose::{Asked, Jwk};
use placet_store::{
    BoxFuture, Change, CommitError, Id, IndexKey, Key, Layout, Meter, Page, Row, Rows, Scanned, Store, Swept,
    Unavailable,
};

use super::spans::{Child, Recording, current};

/// A future in a span, where a call is recorded; `failure` names what has failed.
pub(crate) fn watched<'a, T: Send + 'a, E: Send + 'a>(
    child: impl FnOnce(&Arc<Recording>) -> Child,
    begin: impl FnOnce() -> BoxFuture<'a, Result<T, E>>,
    failure: fn(&E) -> &'static str,
) -> BoxFuture<'a, Result<T, E>> {
    let Some(recording) = current() else { return begin() };
    let mut child = child(&recording);
    let future = begin();
    Box::pin(async move {
        let outcome = future.await;
        if let Err(error) = &outcome {
            child.fail(failure(error));
        }
        outcome
    })
}

/// A store, and the name that the semantic conventions have for its kind of database.
pub(crate) struct Watched {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) system: &'static str,
}

impl Watched {
    /// The span of an operation; what it is about is a kind of rows, never their names.
    fn child(&self, operation: &'static str, kind: &'static str) -> impl FnOnce(&Arc<Recording>) -> Child {
        let system = self.system;
        move |recording| {
            let child = recording.child(format!("{operation} {kind}"));
            child
                .text("db.system.name", system)
                .text("db.operation.name", operation)
                .text("placet.kind", kind)
        }
    }
}

fn unavailable(error: &Unavailable) -> &'static str {
    match error {
        Unavailable::Away(_) => "away",
        Unavailable::Busy(_) => "busy",
        Unavailable::Defect(_) => "defect",
    }
}

fn not_committed(error: &CommitError) -> &'static str {
    match error {
        CommitError::Conflict => {
            if let Some(recording) = current() {
                recording.conflicted();
            }
            "conflict"
        }
        CommitError::Unavailable(why) => unavailable(why),
    }
}

impl Store for Watched {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Row>, Unavailable>> {
        watched(self.child("get", key.kind.name), || self.store.get(key), unavailable)
    }

    fn find<'a>(&'a self, index: &'a IndexKey, page: Page) -> BoxFuture<'a, Result<Rows, Unavailable>> {
        watched(self.child("find", index.kind.name), || self.store.find(index, page), unavailable)
    }

    fn find_one<'a>(&'a self, index: &'a IndexKey) -> BoxFuture<'a, Result<Option<(Id, Row)>, Unavailable>> {
        watched(self.child("find_one", index.kind.name), || self.store.find_one(index), unavailable)
    }

    fn commit(&self, batch: Vec<Change>) -> BoxFuture<'_, Result<(), CommitError>> {
        let (changes, system) = (batch.len(), self.system);
        let child = move |recording: &Arc<Recording>| {
            let child = recording.child("commit").text("db.system.name", system);
            child.text("db.operation.name", "commit").number("placet.changes", changes)
        };
        watched(child, || self.store.commit(batch), not_committed)
    }

    fn scan<'a>(
        &'a self,
        layout: Layout,
        after: Option<&'a Key>,
        max: usize,
    ) -> BoxFuture<'a, Result<Vec<Scanned>, Unavailable>> {
        self.store.scan(layout, after, max)
    }

    fn sweep(&self, before: Timestamp, max: usize) -> BoxFuture<'_, Result<Swept, Unavailable>> {
        self.store.sweep(before, max)
    }

    fn health(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.store.health()
    }

    fn writable(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.store.writable()
    }

    fn meter(&self) -> Option<Arc<Meter>> {
        self.store.meter()
    }

    fn measure(&self) -> BoxFuture<'_, Result<(), Unavailable>> {
        self.store.measure()
    }
}

/// Modules that hold keys, with spans around what they are asked for.
pub(crate) fn hsms(named: Vec<(String, Arc<dyn Hsm>)>) -> Vec<(String, Arc<dyn Hsm>)> {
    let around = |(name, hsm): (String, Arc<dyn Hsm>)| {
        let watched: Arc<dyn Hsm> = Arc::new(WatchedHsm { name: name.clone(), hsm });
        (name, watched)
    };
    named.into_iter().map(around).collect()
}

struct WatchedHsm {
    name: String,
    hsm: Arc<dyn Hsm>,
}

impl WatchedHsm {
    fn child(&self, what: &'static str, alg: &'static str) -> impl FnOnce(&Arc<Recording>) -> Child {
        move |recording| {
            recording.child(format!("hsm {what}")).text("placet.hsm", &self.name).text("placet.alg", alg)
        }
    }
}

fn not_done(error: &HsmError) -> &'static str {
    match error {
        HsmError::Unknown => "unknown",
        HsmError::Away(_) => "away",
        HsmError::Late => "late",
        HsmError::Busy => "busy",
        HsmError::Full => "full",
        HsmError::NoKey => "no_key",
        HsmError::Unsupported(_) => "unsupported",
        HsmError::Refused(_) => "refused",
    }
}

impl Hsm for WatchedHsm {
    fn generate(&self, key: NewKey) -> BoxFuture<'_, Result<Jwk, HsmError>> {
        watched(self.child("generate", key.alg.name()), || self.hsm.generate(key), not_done)
    }

    fn sign(&self, id: KeyId, alg: JwsAlg, message: Vec<u8>) -> BoxFuture<'_, Result<Vec<u8>, HsmError>> {
        watched(self.child("sign", alg.protocol_name()), || self.hsm.sign(id, alg, message), not_done)
    }

    fn answer(
        &self,
        id: KeyId,
        alg: JweAlg,
        asked: Asked,
    ) -> BoxFuture<'_, Result<Option<Vec<u8>>, HsmError>> {
        watched(self.child("decrypt", alg.protocol_name()), || self.hsm.answer(id, alg, asked), not_done)
    }

    fn destroy(&self, id: KeyId) -> BoxFuture<'_, Result<Destroyed, HsmError>> {
        watched(self.child("destroy", "none"), || self.hsm.destroy(id), not_done)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::trace::v1::Span;
    use placet_ambient::Ambient;
    use placet_hsm::{Double, KeyAlg};
    use placet_store::{Kind, Memory};

    use super::*;
    use crate::telemetry::context::{SpanId, TraceId};
    use crate::telemetry::spans::{CURRENT, failed, number, text};

    /// The spans that `work` leaves; the last is the call's.
    async fn spans_of(work: impl Future<Output = ()>) -> Vec<Span> {
        let recording = Arc::new(Recording::new(TraceId([1; 16]), SpanId([2; 8]), &Ambient::default()));
        CURRENT.scope(Some(recording.clone()), work).await;
        recording.end(Span::default())
    }

    fn named(spans: &[Span]) -> Vec<&str> {
        spans.iter().map(|span| span.name.as_str()).collect()
    }

    #[tokio::test]
    async fn an_operation_that_runs_again_shows_what_it_met() {
        let store = Watched { store: Arc::new(Memory::default()), system: "sqlite" };
        let key = Key { kind: Kind::catalogue("client"), service: 7, id: Id::Name("somebody".to_owned()) };
        let insert = || {
            let (body, indexes, expires_at) = (Vec::new(), Vec::new(), None);
            vec![Change::Insert { key: key.clone(), body, indexes, expires_at }]
        };
        store.commit(insert()).await.unwrap();
        let spans = spans_of(async {
            assert!(store.get(&key).await.unwrap().is_some());
            assert_eq!(store.commit(insert()).await, Err(CommitError::Conflict));
        });
        let spans = spans.await;
        assert_eq!(named(&spans), ["get client", "commit", ""]);
        assert_eq!(spans[0].status, None);
        assert_eq!(spans[1].status, Some(failed()));
        assert!(spans[1].attributes.contains(&text("error.type", "conflict")));
        assert!(spans[1].attributes.contains(&number("placet.changes", 1)));
        assert_eq!(spans[2].attributes, [number("placet.conflicts", 1)]);
        assert!(!format!("{spans:?}").contains("somebody"));
    }

    #[tokio::test]
    async fn what_a_module_does_has_a_span() {
        let double = Arc::new(Double::default());
        let [(_, hsm)] = hsms(vec![("safe".to_owned(), double.clone())]).try_into().ok().unwrap();
        let id = KeyId([3; 32]);
        let alg = KeyAlg::Signs(JwsAlg::Es256);
        let spans = spans_of(async {
            hsm.generate(NewKey { id, alg, label: String::new() }).await.unwrap();
            hsm.sign(id, JwsAlg::Es256, b"message".to_vec()).await.unwrap();
            double.fail(Some(HsmError::Late));
            assert!(hsm.sign(id, JwsAlg::Es256, b"message".to_vec()).await.is_err());
        });
        let spans = spans.await;
        assert_eq!(named(&spans), ["hsm generate", "hsm sign", "hsm sign", ""]);
        assert_eq!(spans[1].attributes, [text("placet.hsm", "safe"), text("placet.alg", "ES256")]);
        assert_eq!(spans[2].attributes[2], text("error.type", "late"));
    }
}
