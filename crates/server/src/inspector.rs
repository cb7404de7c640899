//! What the API was asked of late, kept for those who want to know why something was decided. A call in passing leaves what
//! it was; once a second that is made fit to be shown, without secrets, and given to the engine to be kept.

mod names;
mod shown;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use placet_ambient::Clock;
use placet_api::{EndpointId, Reply, TokenName};
use placet_base::{ServiceId, Timestamp, Ttl};
use placet_engine::ops::inspector::keep::Keep;
use placet_engine::records::inspected::Inspected;
use tokio::sync::watch;

use crate::api::{Api, Incoming};
use crate::decisions::Asked;

/// How calls are kept.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub on: bool,
    /// Whether texts are shown that may say something of people. Secrets never are.
    pub texts: bool,
    /// How long a call is shown.
    pub age: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { on: true, texts: false, age: Duration::from_secs(60 * 60) }
    }
}

/// Calls of one service that are kept of a second, of those that were refused as many again.
pub(crate) const OF_SERVICE: u32 = 64;
/// Calls of all services that wait to be kept.
pub(crate) const WAITING: usize = 1024;
/// What is kept of a request or an answer, in bytes; of a larger one nothing is.
pub(crate) const LARGEST: usize = 16 * 1024;
/// Between two rounds of keeping.
const ROUND: Duration = Duration::from_secs(1);
/// Services are counted in so many places: two that share one share what is kept of a second.
const PLACES: usize = 64;

pub(crate) struct Inspector {
    on: AtomicBool,
    texts: AtomicBool,
    /// In seconds.
    age: AtomicI64,
    clock: Clock,
    waiting: Mutex<Vec<Seen>>,
    counted: [Counted; PLACES],
}

/// Calls since the last round.
#[derive(Default)]
struct Counted {
    met: AtomicU32,
    refused: AtomicU32,
}

/// A call, as it passed.
struct Seen {
    request: u64,
    at: Timestamp,
    took: Duration,
    endpoint: EndpointId,
    service: ServiceId,
    token: Option<TokenName>,
    query: String,
    form: bool,
    body: Bytes,
    status: u16,
    answer: Vec<u8>,
    left_out: u64,
}

impl Inspector {
    pub(crate) fn new(settings: Settings, clock: Clock) -> Self {
        let inspector = Self {
            on: AtomicBool::new(false),
            texts: AtomicBool::new(false),
            age: AtomicI64::new(0),
            clock,
            waiting: Mutex::default(),
            counted: std::array::from_fn(|_| Counted::default()),
        };
        inspector.set(settings);
        inspector
    }

    pub(crate) fn set(&self, settings: Settings) {
        self.texts.store(settings.texts, Ordering::Relaxed);
        self.age.store(i64::try_from(settings.age.as_secs()).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.on.store(settings.on, Ordering::Relaxed);
    }

    /// Leaves a call to be kept, unless there are too many of the kind: then it is counted, and costs next to nothing.
    pub(crate) fn see(
        &self,
        (incoming, asked, request): (&Incoming<'_>, &Asked, u64),
        reply: &Reply,
        took: Duration,
    ) -> bool {
        if !self.on.load(Ordering::Relaxed) {
            return false;
        }
        let Some((endpoint, service)) = asked.endpoint.zip(asked.service).filter(|(id, _)| is_shown(*id))
        else {
            return false;
        };
        let counted = &self.counted[place(service)];
        let counter = if is_refused(reply) { &counted.refused } else { &counted.met };
        if counter.fetch_add(1, Ordering::Relaxed) >= OF_SERVICE {
            return false;
        }
        let form = incoming.content_type.is_some_and(|kind| kind.starts_with("application/x-www-form"));
        let seen = Seen {
            request,
            at: self.clock.now(),
            took,
            endpoint,
            service,
            token: asked.token,
            query: incoming.query.chars().take(LARGEST).collect(),
            form,
            body: if asked.body.len() > LARGEST { Bytes::new() } else { asked.body.clone() },
            status: reply.status,
            answer: if reply.body.len() > LARGEST { Vec::new() } else { reply.body.clone() },
            left_out: 0,
        };
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let room = waiting.len() < WAITING;
        if room {
            waiting.push(seen);
        }
        room
    }

    /// What has been left, fit to be shown, by service.
    fn taken(&self) -> BTreeMap<ServiceId, Vec<Inspected>> {
        let mut seen = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let left: Vec<u32> = self.counted.iter().map(Counted::begin_anew).collect();
        let mut told = [false; PLACES];
        for call in &mut seen {
            let place = place(call.service);
            if !std::mem::replace(&mut told[place], true) {
                call.left_out = u64::from(left[place]);
            }
        }
        let texts = self.texts.load(Ordering::Relaxed);
        let mut of: BTreeMap<ServiceId, Vec<Inspected>> = BTreeMap::new();
        for call in seen {
            of.entry(call.service).or_default().push(shown::shown(&call, texts));
        }
        of
    }
}

impl Counted {
    /// How many were not kept.
    fn begin_anew(&self) -> u32 {
        let over = |counter: &AtomicU32| counter.swap(0, Ordering::Relaxed).saturating_sub(OF_SERVICE);
        over(&self.met) + over(&self.refused)
    }
}

fn place(service: ServiceId) -> usize {
    usize::try_from(service.0.unsigned_abs() % PLACES as u64).unwrap_or(0)
}

/// Whoever looks on is not looked at.
fn is_shown(endpoint: EndpointId) -> bool {
    !matches!(endpoint, EndpointId::inspector_get | EndpointId::inspector_get_list)
}

/// Whether an answer is a refusal, as its first member says: the fourth digit of a result code is its class. Cheap, since
/// every call asks; an answer that begins otherwise is refused where its status says so.
fn is_refused(reply: &Reply) -> bool {
    let code = reply.body.strip_prefix(b"{\"resultCode\":\"");
    reply.status >= 400 || code.and_then(|code| code.get(4)).is_some_and(|class| *class != b'0')
}

/// Keeps what calls leave until told to stop.
pub(crate) async fn attend(api: &Api, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            _ = stop.changed() => return,
        }
        keep(api).await;
    }
}

/// Gives what calls have left to the engine. What cannot be kept is gone: nobody waits for it.
pub(crate) async fn keep(api: &Api) {
    let age = Ttl::secs(api.inspector.age.load(Ordering::Relaxed));
    for (service, calls) in api.inspector.taken() {
        if let Err(error) = api.engine().keep_inspected(service, &Keep { calls, age }).await {
            tracing::debug!(service = service.0, reason = error.reason.name(), "calls are not kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        let body = body.as_bytes().to_vec();
        Reply { status, content_type: "application/json", body, location: None, version: None }
    }

    fn see(inspector: &Inspector, endpoint: EndpointId, answer: &Reply) -> bool {
        let asked = Asked { endpoint: Some(endpoint), service: Some(ServiceId(5)), ..Asked::default() };
        let incoming = Incoming {
            method: "POST",
            path: "/",
            query: "",
            authorization: None,
            content_type: None,
            if_match: None,
            from: None,
            traceparent: None,
        };
        inspector.see((&incoming, &asked, 1), answer, Duration::ZERO)
    }

    #[test]
    fn refusals_have_places_of_their_own() {
        let inspector = Inspector::new(Settings::default(), Clock::default());
        let met = reply(200, r#"{"resultCode":"A056001","action":"OK"}"#);
        let refused = reply(200, r#"{"resultCode":"A050305","action":"BAD_REQUEST"}"#);
        let kept = |answer: &Reply| {
            (0..OF_SERVICE + 10).filter(|_| see(&inspector, EndpointId::introspection, answer)).count()
        };
        assert_eq!(kept(&met), OF_SERVICE as usize);
        assert_eq!(kept(&refused), OF_SERVICE as usize);
        let taken = inspector.taken();
        let calls = &taken[&ServiceId(5)];
        assert_eq!((calls.len(), calls[0].left_out, calls[1].left_out), (128, 20, 0));
        assert!(inspector.taken().is_empty());
        assert!(see(&inspector, EndpointId::introspection, &met), "the next second has places again");
    }

    #[test]
    fn nothing_is_kept_of_those_who_look_on_or_where_it_is_off() {
        let answer = reply(200, "{}");
        let inspector = Inspector::new(Settings::default(), Clock::default());
        assert!(!see(&inspector, EndpointId::inspector_get, &answer));
        inspector.set(Settings { on: false, ..Settings::default() });
        assert!(!see(&inspector, EndpointId::token, &answer));
        assert!(inspector.taken().is_empty());
    }

    #[test]
    fn refusals_are_known_by_their_status_or_the_class_of_their_code() {
        assert!(is_refused(&reply(404, "")) && is_refused(&reply(200, r#"{"resultCode":"A050305"#)));
        assert!(!is_refused(&reply(200, r#"{"resultCode":"A050001"#)) && !is_refused(&reply(204, "")));
    }
}
