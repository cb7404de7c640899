//! What stands in for an OpenTelemetry collector, on loopback: it keeps what it is sent, decoded.

#![allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "every test uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// In place of a status: it reads and never answers.
pub const HANGS: u16 = 0;

#[derive(Default)]
pub struct Taken {
    /// The heads of all requests, in lower case.
    pub heads: Vec<String>,
    pub resources: Vec<Resource>,
    pub spans: Vec<Span>,
    /// The latest.
    pub metrics: Vec<Metric>,
}

pub struct Collector {
    pub endpoint: String,
    status: Arc<AtomicU16>,
    taken: Arc<Mutex<Taken>>,
}

impl Collector {
    pub fn start() -> Self {
        Self::at("127.0.0.1:0")
    }

    pub fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (status, taken) = (Arc::new(AtomicU16::new(200)), Arc::<Mutex<Taken>>::default());
        let (answer, keep) = (status.clone(), taken.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (answer, keep) = (answer.clone(), keep.clone());
                std::thread::spawn(move || serve(stream.unwrap(), &answer, &keep));
            }
        });
        Self { endpoint, status, taken }
    }

    /// What it answers from now on.
    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::Relaxed);
    }

    /// Waits for what is wanted of that which was taken.
    pub fn until<T>(&self, what: &str, wanted: impl Fn(&Taken) -> Option<T>) -> T {
        for _ in 0..300 {
            if let Some(found) = wanted(&self.taken.lock().unwrap()) {
                return found;
            }
            sleep(Duration::from_millis(50));
        }
        let taken = self.taken.lock().unwrap();
        let names = taken.spans.iter().map(|span| &span.name).collect::<Vec<_>>();
        panic!("{what}: it has {names:?} of {:?}", taken.heads);
    }
}

fn serve(stream: TcpStream, status: &AtomicU16, taken: &Mutex<Taken>) {
    let mut stream = BufReader::new(stream);
    while let Some((head, body)) = request(&mut stream) {
        match status.load(Ordering::Relaxed) {
            HANGS => sleep(Duration::from_secs(3600)),
            status => {
                let status = if head.starts_with("post /v1/") { status } else { 404 };
                keep(&head, &body, (status == 200).then_some(taken), taken);
                let answer = format!("HTTP/1.1 {status} As It Is\r\nContent-Length: 0\r\n\r\n");
                let _ = stream.get_mut().write_all(answer.as_bytes());
            }
        }
    }
}

fn keep(head: &str, body: &[u8], taken: Option<&Mutex<Taken>>, all: &Mutex<Taken>) {
    all.lock().unwrap().heads.push(head.to_owned());
    let Some(mut taken) = taken.map(|taken| taken.lock().unwrap()) else { return };
    if head.starts_with("post /v1/traces ") {
        for of in ExportTraceServiceRequest::decode(body).unwrap().resource_spans {
            taken.resources.extend(of.resource);
            taken.spans.extend(of.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    } else if head.starts_with("post /v1/metrics ") {
        let sent = ExportMetricsServiceRequest::decode(body).unwrap().resource_metrics;
        taken.metrics = sent.into_iter().flat_map(|of| of.scope_metrics).flat_map(|s| s.metrics).collect();
    }
}

fn request(stream: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// An attribute, as text.
pub fn said(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.clone()?.value? {
        Value::StringValue(text) => Some(text),
        Value::IntValue(number) => Some(number.to_string()),
        other => panic!("{other:?}"),
    }
}
