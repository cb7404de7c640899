//! What a collector is sent, and that it cannot harm: one that hangs, is away or refuses slows nobody.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

#[path = "common/collector.rs"]
mod collector;
mod common;

use std::time::Duration;

use collector::{Collector, HANGS, Taken, said};
use common::at::{At, Logged, free};
use common::{Answer, Connection, Dir};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use placet_ambient::Stopwatch;
use serde_json::{Value, json};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "1122334455667788";

fn hex(id: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(id)
}

/// A server with these settings of its telemetry, and whoever calls it.
struct World {
    token: String,
    server: Logged,
    connection: Connection,
    service: String,
    /// What stands in each request.
    headers: String,
}

impl World {
    fn new(dir: &Dir, endpoint: &str, settings: &[(&'static str, &str)]) -> Self {
        let endpoint = ("PLACET_TELEMETRY_ENDPOINT", endpoint);
        let extra = settings.iter().chain([&endpoint]).map(|(name, value)| (*name, (*value).to_owned()));
        let at = At { extra: extra.collect(), ..At::new(dir) };
        let token = at.found();
        let server = Logged::serve(&at);
        let connection = Connection::to(&at.listen);
        let (service, headers) = (String::new(), String::new());
        let mut world = Self { token, server, connection, service, headers };
        let service = json!({ "serviceName": "First", "supportedGrantTypes": ["AUTHORIZATION_CODE"],
            "supportedResponseTypes": ["CODE"], "directJwksEndpointEnabled": true });
        let made = world.post("service/create", &service);
        world.service = made.json()["apiKey"].to_string();
        world
    }

    /// Calls of the service, once there is one.
    fn post(&mut self, path: &str, body: &Value) -> Answer {
        let own = match self.service.as_str() {
            "" => format!("/api/{path}"),
            service => format!("/api/{service}/{path}"),
        };
        let authorized =
            format!("Authorization: Bearer {}\r\nContent-Type: application/json\r\n", self.token);
        let headers = format!("{authorized}{}", self.headers);
        self.connection.send("POST", &own, &headers, body.to_string().as_bytes()).unwrap()
    }

    /// From the request of a browser to tokens; the subject, the code and the secret.
    fn code_flow(&mut self) -> [String; 4] {
        let client = json!({ "clientName": "One", "clientType": "CONFIDENTIAL",
            "tokenAuthMethod": "CLIENT_SECRET_BASIC", "grantTypes": ["AUTHORIZATION_CODE"],
            "responseTypes": ["CODE"], "redirectUris": ["https://client.example/cb"] });
        let client = self.post("client/create", &client).json();
        let id = client["clientId"].to_string();
        self.headers = format!("traceparent: 00-{TRACE}-{PARENT}-01\r\n");
        let asked = json!({ "parameters": format!("response_type=code&client_id={id}") });
        let asked = self.post("auth/authorization", &asked).json();
        let answer = json!({ "ticket": asked["ticket"], "subject": "somebody-secret" });
        let code = self.post("auth/authorization/issue", &answer).json()["authorizationCode"].clone();
        let code = code.as_str().unwrap().to_owned();
        let redeemed = json!({
            "parameters": format!("grant_type=authorization_code&code={code}"),
            "clientId": id, "clientSecret": client["clientSecret"],
        });
        let issued = self.post("auth/token", &redeemed).json();
        assert_eq!(issued["action"], "OK", "{issued}");
        self.headers = String::new();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        ["somebody-secret".to_owned(), code, text(&client["clientSecret"]), text(&issued["accessToken"])]
    }
}

/// The span of an endpoint, once it is there.
fn span_of(taken: &Taken, endpoint: &str) -> Option<Span> {
    let is_of = |span: &&Span| said(&span.attributes, "placet.endpoint").as_deref() == Some(endpoint);
    taken.spans.iter().find(is_of).cloned()
}

fn children<'a>(taken: &'a Taken, of: &'a Span) -> impl Iterator<Item = &'a Span> {
    taken.spans.iter().filter(|span| span.parent_span_id == of.span_id && span.trace_id == of.trace_id)
}

#[test]
fn a_code_flow_is_one_trace_of_its_caller() {
    let (dir, collector) = (Dir::new("telemetry-flow"), Collector::start());
    let headers = dir.0.join("headers");
    std::fs::write(&headers, "x-key: of-the-sender\n\nx-other: 2\n").unwrap();
    let headers = headers.to_str().unwrap();
    let mut world = World::new(
        &dir,
        &collector.endpoint,
        &[
            ("PLACET_TELEMETRY_HEADERS_FILE", headers),
            ("PLACET_TELEMETRY_SAMPLING_RATIO", "0"),
            ("PLACET_LOG_DECISIONS", "on"),
        ],
    );
    let secrets = world.code_flow();
    let endpoints = ["authorization", "authorization_issue", "token"];
    let spans = collector.until("the spans of the flow", |taken| {
        endpoints.iter().map(|endpoint| span_of(taken, endpoint)).collect::<Option<Vec<_>>>()
    });
    for span in &spans {
        assert_eq!((hex(&span.trace_id).as_str(), hex(&span.parent_span_id).as_str()), (TRACE, PARENT));
        assert_eq!(span.kind, i32::from(SpanKind::Server));
        assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    }
    let token = &spans[2];
    assert_eq!(token.name, "POST /api/{serviceId}/auth/token");
    let says = |key: &str| said(&token.attributes, key);
    assert_eq!(says("http.request.method").as_deref(), Some("POST"));
    assert_eq!(says("http.route").as_deref(), Some("/api/{serviceId}/auth/token"));
    assert_eq!(says("http.response.status_code").as_deref(), Some("200"));
    assert_eq!(says("placet.service").as_ref(), Some(&world.service));
    assert_eq!(says("placet.action").as_deref(), Some("OK"));
    assert_eq!(says("placet.result_code").as_deref(), Some("A050001"));
    collector.until("what they waited for", |taken| {
        let names = |span| children(taken, span).map(|child| child.name.clone()).collect::<Vec<_>>();
        // The code is read, and what became of it is one commit.
        let (commits, reads): (Vec<_>, Vec<_>) = names(token).into_iter().partition(|name| name == "commit");
        assert_eq!(commits, ["commit"]);
        assert!(reads.iter().any(|name| name.starts_with("get ")), "{reads:?}");
        let within = |child: &Span| {
            child.start_time_unix_nano >= token.start_time_unix_nano
                && child.end_time_unix_nano <= token.end_time_unix_nano
                && said(&child.attributes, "db.system.name").as_deref() == Some("sqlite")
        };
        assert!(children(taken, token).all(within));
        // What the caller does not sample, and begins no trace for, is not there at this ratio.
        assert!(taken.spans.iter().all(|span| hex(&span.trace_id) == TRACE));
        assert_eq!(said(&taken.resources[0].attributes, "service.name").as_deref(), Some("placet"));
        let sent = taken.heads.iter().find(|head| head.starts_with("post /v1/traces ")).unwrap();
        assert!(sent.contains("x-key: of-the-sender\r\n") && sent.contains("x-other: 2\r\n"), "{sent}");
        assert!(sent.contains("content-type: application/x-protobuf\r\n"), "{sent}");
        let all = format!("{:?}", taken.spans);
        assert!(!secrets.iter().chain([&world.token]).any(|secret| all.contains(secret.as_str())), "{all}");
        Some(())
    });
    let log = world.server.ended();
    let line = log.iter().find(|line| line["endpoint"] == "token").unwrap();
    assert_eq!((&line["trace_id"], &line["span_id"]), (&TRACE.into(), &hex(&token.span_id).into()));
    let line = log.iter().find(|line| line["endpoint"] == "service_create").unwrap();
    assert_eq!((line.get("trace_id"), line.get("span_id")), (None, None));
}

#[test]
fn what_has_no_good_parent_begins_a_trace() {
    let (dir, collector) = (Dir::new("telemetry-root"), Collector::start());
    let mut world = World::new(&dir, &collector.endpoint, &[]);
    // Twice is as wrong as malformed (W3C Trace Context §3.2.2.5).
    let twice = format!("traceparent: 00-{TRACE}-{PARENT}-01\r\n").repeat(2);
    for headers in [format!("traceparent: 00-{TRACE}-01\r\n"), twice] {
        world.headers = headers;
        world.post("auth/introspection", &json!({ "token": "unknown" }));
    }
    let introspections = |taken: &Taken| {
        let is_one =
            |span: &&Span| said(&span.attributes, "placet.endpoint").as_deref() == Some("introspection");
        let found = taken.spans.iter().filter(is_one).cloned().collect::<Vec<_>>();
        (found.len() == 2).then_some(found)
    };
    for span in collector.until("two introspections", introspections) {
        assert_ne!(hex(&span.trace_id), TRACE);
        assert!(span.parent_span_id.is_empty());
        assert_eq!(said(&span.attributes, "placet.reason").as_deref(), Some("IntrospectionTokenUnknown"));
    }
}

#[test]
fn a_direct_endpoint_has_the_call_within_it() {
    let (dir, collector) = (Dir::new("telemetry-direct"), Collector::start());
    let mut world = World::new(&dir, &collector.endpoint, &[]);
    let path = format!("/api/service/jwks/get/direct/{}", world.service);
    // A stranger has no say in what is recorded.
    let headers = format!("traceparent: 00-{TRACE}-{PARENT}-00\r\n");
    world.connection.send("GET", &path, &headers, b"").unwrap();
    let (outer, inner) = collector.until("both spans", |taken| {
        let name = "GET /api/service/jwks/get/direct/{serviceId}";
        let outer = taken.spans.iter().find(|span| span.name == name)?.clone();
        let inner = children(taken, &outer).find(|span| span.kind == i32::from(SpanKind::Internal))?.clone();
        Some((outer, inner))
    });
    assert_eq!((hex(&outer.trace_id).as_str(), hex(&outer.parent_span_id).as_str()), (TRACE, PARENT));
    assert_eq!(said(&inner.attributes, "placet.endpoint").as_deref(), Some("service_jwks_get"));
    assert_eq!(said(&outer.attributes, "placet.service"), Some(world.service));
}

#[test]
fn a_document_that_is_fetched_has_its_span_and_its_url_stays_here() {
    let (dir, collector) = (Dir::new("telemetry-fetch"), Collector::start());
    // It has no such document.
    let settings = [("PLACET_FETCH_ALLOWED_ORIGINS", collector.endpoint.as_str())];
    let mut world = World::new(&dir, &collector.endpoint, &settings);
    let uri = format!("{}/of-somebody", collector.endpoint);
    let client = json!({ "clientName": "One", "clientType": "PUBLIC", "grantTypes": ["AUTHORIZATION_CODE"],
        "responseTypes": ["CODE"], "redirectUris": ["https://client.example/cb"], "requestUris": [uri] });
    let id = world.post("client/create", &client).json()["clientId"].to_string();
    let parameters = format!("client_id={id}&response_type=code&request_uri={uri}");
    world.post("auth/authorization", &json!({ "parameters": parameters }));
    collector.until("the fetch", |taken| {
        let call = span_of(taken, "authorization")?;
        let fetch = children(taken, &call).find(|span| span.name == "GET")?;
        let says = |key| said(&fetch.attributes, key);
        assert_eq!(says("server.address").as_deref(), Some("127.0.0.1"));
        assert_eq!(says("error.type").as_deref(), Some("failed"));
        assert!(!format!("{:?}", taken.spans).contains("of-somebody"));
        Some(())
    });
}

#[test]
fn metrics_are_those_that_prometheus_sees() {
    let (dir, collector, tools) = (Dir::new("telemetry-metrics"), Collector::start(), free());
    let settings = [("PLACET_TELEMETRY_INTERVAL_SECONDS", "1"), ("PLACET_METRICS_LISTEN", tools.as_str())];
    let mut world = World::new(&dir, &collector.endpoint, &settings);
    for _ in 0..3 {
        world.post("auth/introspection", &json!({ "token": "unknown" }));
    }
    let text = Connection::to(&tools).send("GET", "/metrics", "", b"").unwrap().body;
    let series = "placet_calls_total{endpoint=\"introspection\",status=\"2xx\"} 3";
    assert!(text.lines().any(|line| line == series), "{text}");
    collector.until("the metrics", |taken| {
        let calls = taken.metrics.iter().find(|metric| metric.name == "placet_calls")?;
        let Some(Data::Sum(sum)) = &calls.data else { panic!("{calls:?}") };
        let is_it = |key, wanted: &str, point: &[_]| said(point, key).as_deref() == Some(wanted);
        let of = sum.data_points.iter().find(|point| {
            is_it("endpoint", "introspection", &point.attributes) && is_it("status", "2xx", &point.attributes)
        })?;
        (of.value == Some(number_data_point::Value::AsDouble(3.0))).then_some(())
    });
    // Every family that Prometheus is told of.
    let families = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    collector.until("all of them", |taken| {
        let is_there = |family: &str| taken.metrics.iter().any(|metric| metric.name == family);
        families.clone().all(is_there).then_some(())
    });
}

/// Calls that are answered as quickly as if there were no collector.
fn are_quick(world: &mut World, calls: usize) {
    let begun = Stopwatch::start();
    for _ in 0..calls {
        assert_eq!(world.post("auth/introspection", &json!({ "token": "unknown" })).status, 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{calls} calls took {:?}", begun.elapsed());
}

/// What the log says of the collector.
fn told(log: &[Value], signal: &str) -> Vec<String> {
    let lines = log.iter().filter(|line| line["signal"] == signal);
    lines.map(|line| line["message"].as_str().unwrap().to_owned()).collect()
}

const AWAY: &str = "the collector does not take telemetry";
const BACK: &str = "the collector takes telemetry again";

#[test]
fn a_collector_that_hangs_keeps_nobody_and_spans_have_so_many_places() {
    let (dir, collector, tools) = (Dir::new("telemetry-hangs"), Collector::start(), free());
    collector.answers(HANGS);
    let settings = [
        ("PLACET_TELEMETRY_TIMEOUT_MILLISECONDS", "60000"),
        ("PLACET_TELEMETRY_QUEUE", "512"),
        ("PLACET_METRICS_LISTEN", tools.as_str()),
    ];
    let mut world = World::new(&dir, &collector.endpoint, &settings);
    are_quick(&mut world, 2000);
    let text = Connection::to(&tools).send("GET", "/metrics", "", b"").unwrap().body;
    let dropped = text.lines().find_map(|line| line.strip_prefix("placet_telemetry_dropped_spans_total "));
    // At least one each call, of which at most two requests' worth wait or are on their way.
    assert!(dropped.unwrap().parse::<u64>().unwrap() >= 2000 - 2 * 512, "{dropped:?}");
    // Nor does it keep the server from ending.
    let begun = Stopwatch::start();
    world.server.terminated();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn a_collector_that_is_away_is_told_once_and_gets_what_comes_when_it_is_back() {
    let (dir, address) = (Dir::new("telemetry-away"), free());
    let settings = [("PLACET_TELEMETRY_METRICS", "off")];
    let mut world = World::new(&dir, &format!("http://{address}"), &settings);
    are_quick(&mut world, 50);
    // More than one attempt.
    std::thread::sleep(Duration::from_millis(3500));
    are_quick(&mut world, 50);
    let collector = Collector::at(&address);
    // What it has not taken is sent again.
    collector.until("spans of before", |taken| span_of(taken, "service_create"));
    world.code_flow();
    collector.until("spans of now", |taken| span_of(taken, "token"));
    let log = world.server.ended();
    assert_eq!(told(&log, "traces"), [AWAY, BACK], "{log:#?}");
}

#[test]
fn a_collector_that_refuses_one_thing_gets_the_other() {
    let (dir, collector) = (Dir::new("telemetry-refuses"), Collector::start());
    collector.answers(404);
    let settings = [("PLACET_TELEMETRY_INTERVAL_SECONDS", "1")];
    let mut world = World::new(&dir, &collector.endpoint, &settings);
    are_quick(&mut world, 10);
    let both = |taken: &Taken| {
        let asked = |path: &str| taken.heads.iter().filter(|head| head.starts_with(path)).count();
        (asked("post /v1/traces ") >= 1 && asked("post /v1/metrics ") >= 2).then_some(())
    };
    collector.until("both signals, refused", both);
    let log = world.server.ended();
    assert_eq!((told(&log, "traces"), told(&log, "metrics")), (vec![AWAY.into()], vec![AWAY.into()]));
}
