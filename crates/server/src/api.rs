//! The API without a socket: a request in, a reply out. The HTTP server and the in-process transport
//! both stand on it.

use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64;
use placet_ambient::Stopwatch;
use placet_api::endpoints::{Carrier, dispatch};
use placet_api::{Call, CallError, Cost, EndpointId, Expected, Input, Reason, Reply, cost};
use placet_base::ServiceId;
use placet_engine::{Addressed, Credential, Engine};
use placet_store::Meter;

use crate::config::Config;
use crate::decisions::{Asked, Decided};
use crate::figures::Figures;
use crate::health::Health;
use crate::inspector::Inspector;
use crate::jobs::CurrentSweep;
use crate::lane::{Busy, Lane};
use crate::mount::{Route, Routes};
use crate::observe::Metrics;
use crate::rates::Rates;
use crate::telemetry::{self, Telemetry, Trace};

/// What of an HTTP request the API looks at, besides its body.
pub(crate) struct Incoming<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    /// What shows who calls.
    pub authorization: Option<Authorization<'a>>,
    pub content_type: Option<&'a str>,
    /// The value of `If-Match`.
    pub if_match: Option<&'a str>,
    /// Where it comes from.
    pub from: Option<IpAddr>,
    /// The value of `traceparent`.
    pub traceparent: Option<&'a str>,
}

/// What shows who calls.
#[derive(Clone, Copy)]
pub(crate) enum Authorization<'a> {
    /// The value of the header `Authorization`.
    Header(&'a str),
    /// This process calls, on behalf of a service: nothing that is read from a request becomes this.
    Process(ServiceId),
}

/// The API of one engine.
pub struct Api {
    engine: Engine,
    lane: Lane,
    routes: Routes,
    pub metrics: Metrics,
    pub(crate) health: Arc<Health>,
    /// The largest body, in bytes.
    pub body_limit: usize,
    /// Whether the paths and credentials of Version 2 are taken.
    version2: bool,
    rates: Rates,
    pub(crate) sweep: Arc<CurrentSweep>,
    pub(crate) inspector: Inspector,
    /// Whether each call has a line in the log.
    decisions: AtomicBool,
    requests: AtomicU64,
    /// Where a collector is named.
    pub(crate) telemetry: Option<Telemetry>,
}

impl Api {
    /// # Errors
    /// When no threads can be had.
    pub fn new(engine: Engine, meter: Option<Arc<Meter>>, config: &Config) -> std::io::Result<Self> {
        // Request ids start anywhere, so that those of two runs are not taken for each other.
        let first = u64::from_be_bytes(config.ambient.entropy.bytes()) >> 16;
        let mut metrics = Metrics::new();
        let sweep = Arc::new(CurrentSweep::new(config.sweep));
        let health = Arc::new(Health::new(metrics.registry()));
        if let Some(meter) = meter {
            let (clock, sweep) = (config.ambient.clock.clone(), sweep.clone());
            metrics.registry().register_collector(Box::new(Figures { meter, clock, sweep }));
        }
        let telemetry = Telemetry::new(&config.telemetry, &config.ambient, metrics.registry());
        Ok(Self {
            engine,
            health,
            metrics,
            lane: Lane::start(config.long)?,
            routes: Routes::new(config.version2),
            body_limit: config.body_bytes,
            version2: config.version2,
            rates: Rates::new(config.rates),
            sweep,
            inspector: Inspector::new(config.inspector, config.ambient.clock.clone()),
            decisions: AtomicBool::new(config.log_decisions),
            requests: AtomicU64::new(first),
            telemetry,
        })
    }

    /// Takes over what of a configuration can change.
    pub(crate) fn take_over(&self, config: &Config) {
        self.rates.set(config.rates);
        self.decisions.store(config.log_decisions, Ordering::Relaxed);
        self.sweep.set(config.sweep);
        self.inspector.set(config.inspector);
    }

    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Answers a request. Its body is waited for when it is known who asks: a stranger's takes no memory. A panic,
    /// which is always a defect, becomes a 500 and a line in the log.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        incoming: Incoming<'_>,
        body: impl Future<Output = Result<Bytes, CallError>>,
    ) -> (Reply, u64) {
        let request = self.requests.fetch_add(1, Ordering::Relaxed);
        let begin = |to: &Telemetry| to.begin(incoming.traceparent, telemetry::From::Caller);
        let trace = self.telemetry.as_ref().map(begin);
        // Pinned, so that it has its room once, whichever way it goes.
        let answered = pin!(self.answered(&incoming, body, request));
        let (reply, asked, took) = match &trace {
            None => answered.await,
            Some(trace) => trace.within(answered).await,
        };
        self.metrics.observe(asked.endpoint, reply.status, took);
        let logged = self.decisions.load(Ordering::Relaxed);
        if logged || trace.as_ref().is_some_and(Trace::is_recorded) {
            let decided = Decided { request, asked: &asked, reply: &reply, took };
            decided.tell(incoming.method, trace.as_ref(), (logged, self.telemetry.as_ref()));
        }
        self.inspector.see((&incoming, &asked, request), &reply, took);
        (reply, request)
    }

    async fn answered(
        self: &Arc<Self>,
        incoming: &Incoming<'_>,
        body: impl Future<Output = Result<Bytes, CallError>>,
        request: u64,
    ) -> (Reply, Asked, Duration) {
        let mut started = Stopwatch::start();
        let mut asked = Asked::default();
        let mut body = pin!(body);
        let mut waited = false;
        let body = poll_fn(|cx| {
            let arrived = body.as_mut().poll(cx);
            // How long a caller takes to send is not how long we take to answer.
            if arrived.is_ready() && waited {
                started = Stopwatch::start();
            }
            waited = arrived.is_pending();
            arrived
        });
        let outcome = caught(pin!(self.judged(incoming, body, request, &mut asked))).await;
        let reply = outcome.unwrap_or_else(|error| {
            self.report(request, asked.endpoint, &error);
            error.reply()
        });
        (reply, asked, started.elapsed())
    }

    fn report(&self, request: u64, endpoint: Option<EndpointId>, error: &CallError) {
        let endpoint = endpoint.map(name);
        match &error.source {
            _ if self.health.told(error) => {}
            Some(source) => tracing::error!(request, endpoint, source, "the server failed"),
            None => tracing::debug!(request, endpoint, reason = error.reason.name(), "call refused"),
        }
    }

    /// The answer to a call that is not taken on, and its id.
    pub(crate) fn shed(&self) -> (Reply, u64) {
        let error = CallError::from(Reason::ServerBusy {});
        self.health.told(&error);
        (error.reply(), self.requests.fetch_add(1, Ordering::Relaxed))
    }

    /// The methods of a path, in one text.
    pub(crate) fn allowed(&self, path: &str) -> String {
        self.routes.allowed(path)
    }

    async fn judged(
        self: &Arc<Self>,
        incoming: &Incoming<'_>,
        body: impl Future<Output = Result<Bytes, CallError>>,
        request: u64,
        asked: &mut Asked,
    ) -> Result<Reply, CallError> {
        let route = self.routes.find(incoming.method, incoming.path)?;
        let Route { row, service, .. } = &route;
        let named = match *service {
            Addressed::Named(service) => Some(service),
            Addressed::Nothing | Addressed::OfCaller => None,
        };
        *asked = Asked { endpoint: Some(row.id), service: named, ..Asked::default() };
        let shown = incoming.authorization.map(|shown| Shown::read(shown, self.version2)).transpose()?;
        let credential = shown.as_ref().map(Shown::credential);
        let expected = match incoming.if_match {
            Some(_) if !row.id.is_conditional() => return Err(Reason::ConditionUnfit {}.into()),
            Some(header) => Expected::parse(header),
            None => Expected::Any,
        };
        let call = Call {
            request,
            expected,
            from: incoming.from,
            ..self.engine.admit(row, credential, *service, route.path()).await?
        };
        asked.service = call.service;
        asked.token = call.caller.map(|caller| caller.token);
        self.rates.count(&call)?;
        let body = body.await?;
        asked.body = body.clone();
        if body.len() > self.body_limit {
            return Err(Reason::BodyTooLarge { limit: self.body_limit.to_string() }.into());
        }
        match cost(row.id) {
            Cost::Short => {
                let input = input(row.carrier, incoming.query, incoming.content_type, &body)?;
                dispatch(row.id, &self.engine, &call, route.path(), input).await
            }
            Cost::Long => {
                let content_type = incoming.content_type.map(str::to_owned);
                let long = Long { call, route, query: incoming.query.to_owned(), content_type, body };
                // Boxed, so that short calls do not carry its room.
                Box::pin(self.in_lane(long)).await
            }
        }
    }

    /// Carries a call out beside those that are answered in passing.
    async fn in_lane(self: &Arc<Self>, long: Long) -> Result<Reply, CallError> {
        let api = self.clone();
        let work = async move { caught(pin!(long.carried_out(&api.engine))).await };
        let outcome = self.lane.run(telemetry::within(work)).await;
        match outcome {
            Ok(answered) => answered.unwrap_or_else(|| Err(CallError::internal("the lane has stopped"))),
            Err(Busy) => Err(Reason::ServerBusy {}.into()),
        }
    }
}

/// A call that has been let in, and waits.
struct Long {
    call: Call,
    route: Route,
    query: String,
    content_type: Option<String>,
    body: Bytes,
}

impl Long {
    async fn carried_out(self, engine: &Engine) -> Result<Reply, CallError> {
        let Self { call, route, query, content_type, body } = self;
        let input = input(route.row.carrier, &query, content_type.as_deref(), &body)?;
        dispatch(route.row.id, engine, &call, route.path(), input).await
    }
}

fn name(endpoint: EndpointId) -> &'static str {
    endpoint.row().name
}

/// What shows who calls, read.
enum Shown<'a> {
    Bearer(&'a str),
    /// RFC 7617 §2.
    Basic {
        user: String,
        password: String,
    },
    Process(ServiceId),
}

impl<'a> Shown<'a> {
    fn read(authorization: Authorization<'a>, version2: bool) -> Result<Self, CallError> {
        match authorization {
            Authorization::Header(header) => Self::parse(header, version2),
            Authorization::Process(service) => Ok(Self::Process(service)),
        }
    }

    fn parse(header: &'a str, version2: bool) -> Result<Self, CallError> {
        let basic = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
        let Some((_, encoded)) = basic.filter(|_| version2) else { return bearer(header).map(Self::Bearer) };
        let malformed = || CallError::from(Reason::AuthorizationMalformed {});
        let decoded = BASE64.decode(encoded.as_bytes()).map_err(|_| malformed())?;
        let pair = String::from_utf8(decoded).map_err(|_| malformed())?;
        let (user, password) = pair.split_once(':').ok_or_else(malformed)?;
        Ok(Self::Basic { user: user.to_owned(), password: password.to_owned() })
    }

    fn credential(&self) -> Credential<'_> {
        match self {
            Self::Bearer(token) => Credential::Bearer(token),
            Self::Basic { user, password } => Credential::Basic { user, password },
            Self::Process(service) => Credential::Process(*service),
        }
    }
}

/// RFC 6750 §2.1: the scheme in any case, one space, and the characters of a token.
fn bearer(authorization: &str) -> Result<&str, CallError> {
    let (scheme, token) = authorization.split_once(' ').ok_or(Reason::AuthorizationMalformed {})?;
    let allowed = |b: u8| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'-'..=b'9' | b'_' | b'~' | b'+' | b'=');
    if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || !token.bytes().all(allowed) {
        return Err(Reason::AuthorizationMalformed {}.into());
    }
    Ok(token)
}

fn input<'a>(
    carrier: Carrier,
    query: &'a str,
    content_type: Option<&str>,
    body: &'a [u8],
) -> Result<Input<'a>, CallError> {
    if carrier == Carrier::Query {
        return Ok(Input::Query(query));
    }
    if body.is_empty() {
        return Err(Reason::BodyMissing {}.into());
    }
    let content_type = content_type.ok_or(Reason::ContentTypeMissing {})?;
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let patch = carrier == Carrier::Json && media_type.eq_ignore_ascii_case("application/merge-patch+json");
    if media_type.eq_ignore_ascii_case("application/json") || patch {
        return Ok(match carrier {
            Carrier::Items => Input::Items { items: body, flags: query },
            Carrier::Json | Carrier::JsonOrForm | Carrier::Query => Input::Json(body),
        });
    }
    let form = media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded");
    if form && carrier == Carrier::JsonOrForm {
        return Ok(Input::Form(body));
    }
    Err(Reason::ContentTypeUnsupported { found: media_type.to_owned() }.into())
}

/// Runs a future; a panic inside becomes an error.
async fn caught<T>(mut future: Pin<&mut impl Future<Output = Result<T, CallError>>>) -> Result<T, CallError> {
    poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(poll) => poll,
        Err(_) => Poll::Ready(Err(CallError::internal("a panic; the backtrace stands above"))),
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_scheme_is_read_where_it_is_taken() {
        let pair = |header: &str, version2| match Shown::parse(header, version2) {
            Ok(Shown::Basic { user, password }) => Some(format!("{user} {password}")),
            _ => None,
        };
        assert_eq!(pair("Basic YTpiOmM=", true).as_deref(), Some("a b:c"));
        assert_eq!(pair("bASIC YTpi", true).as_deref(), Some("a b"));
        assert_eq!(pair("Basic YTpi", false), None);
        for wrong in ["Basic", "Basic ", "Basic YTpi=", "Basic YWI=", "Basic /////w==", "Basic  YTpi"] {
            assert_eq!(pair(wrong, true), None, "{wrong}");
        }
    }

    #[test]
    fn the_bearer_scheme_is_read_strictly() {
        assert_eq!(bearer("Bearer abc").ok(), Some("abc"));
        assert_eq!(bearer("bEARER a-._~+/=").ok(), Some("a-._~+/="));
        for wrong in
            ["", "Bearer", "Bearer ", "Bearer  a", "Bearer a b", "Basic a", "Bearer a,b", "Bearer\ta"]
        {
            assert!(bearer(wrong).is_err(), "{wrong}");
        }
    }
}
