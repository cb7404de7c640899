//! Who asks now one node and now the other, as behind a balancer that tries the next where nobody listens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use placet_ambient::Stopwatch;

use crate::faults::service::{Said, Service};
use crate::faults::wire::{Connection, Lost};

pub(super) struct Client<'s> {
    service: &'s Service,
    nodes: [Connection; 2],
    turn: usize,
    counted: Counted,
}

/// What was asked, and what has failed.
#[derive(Default)]
pub(super) struct Counted {
    requests: u64,
    /// Asked of another node, since nobody listened at the first.
    elsewhere: u64,
    flows: u64,
    longest: Duration,
    failed: Vec<String>,
}

impl Counted {
    pub(super) fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.elsewhere += other.elsewhere;
        self.flows += other.flows;
        self.longest = self.longest.max(other.longest);
        self.failed.extend(other.failed);
    }

    pub(super) fn told(&self) -> String {
        let Self { requests, elsewhere, flows, longest, failed } = self;
        format!(
            "{requests} requests in {flows} flows, {elsewhere} of them asked again of the other node; {} failed; the longest took {} ms",
            failed.len(),
            longest.as_millis(),
        )
    }

    pub(super) fn judged(&self) -> Result<(), String> {
        match (self.requests, self.failed.as_slice()) {
            (0, _) => Err("nothing was asked".to_owned()),
            (_, []) => Ok(()),
            (_, failed) => Err(failed.join("\n")),
        }
    }
}

impl<'s> Client<'s> {
    pub(super) fn new(service: &'s Service, nodes: [&str; 2], turn: usize) -> Self {
        Self { service, nodes: nodes.map(Connection::to), turn, counted: Counted::default() }
    }

    /// Flows until told to stop; one that has failed does not stop the next.
    pub(super) fn work(&mut self, stop: &AtomicBool) -> Counted {
        while !stop.load(Ordering::Relaxed) && self.counted.failed.len() < 10 {
            match self.flow() {
                Ok(()) => self.counted.flows += 1,
                Err(problem) => self.counted.failed.push(problem),
            }
        }
        std::mem::take(&mut self.counted)
    }

    /// Every step at the node that the one before was not at: what one has done counts at the other.
    fn flow(&mut self) -> Result<(), String> {
        let service = self.service;
        let ticket = self.member("authorization", &service.authorization(), "ticket")?;
        let code = self.member("ticket", &service.issue(&ticket), "authorizationCode")?;
        let tokens = self.done("code", &service.redeem(&code))?;
        let tokens = self.done("refresh", &service.refresh(&Said::value(&tokens, "refreshToken")?))?;
        let access = Said::value(&tokens, "accessToken")?;
        self.done("introspection", &service.introspect(&access))?;
        self.done("revocation", &service.revoke(&access))?;
        self.refused("introspection of what is revoked", &service.introspect(&access))?;
        let access = self.member("client credentials", &service.credentials(), "accessToken")?;
        self.done("introspection", &service.introspect(&access))?;
        Ok(())
    }

    fn member(&mut self, what: &str, request: &[u8], name: &str) -> Result<String, String> {
        Said::value(&self.done(what, request)?, name)
    }

    fn done(&mut self, what: &str, request: &[u8]) -> Result<Vec<u8>, String> {
        match self.ask(what, request)? {
            Said::Yes(body) => Ok(body),
            said => Err(format!("{what}: {said:?}")),
        }
    }

    fn refused(&mut self, what: &str, request: &[u8]) -> Result<(), String> {
        match self.ask(what, request)? {
            Said::No(_) => Ok(()),
            said => Err(format!("{what}: {said:?}")),
        }
    }

    fn ask(&mut self, what: &str, request: &[u8]) -> Result<Said, String> {
        let began = Stopwatch::start();
        self.counted.requests += 1;
        self.turn += 1;
        let [one, other] = &mut self.nodes;
        let (first, second) = if self.turn.is_multiple_of(2) { (one, other) } else { (other, one) };
        let mut answer = first.exchange(request);
        if matches!(answer, Err(Lost::Refused)) {
            self.counted.elsewhere += 1;
            answer = second.exchange(request);
        }
        self.counted.longest = self.counted.longest.max(began.elapsed());
        answer.map(|answer| Said::of(&answer)).map_err(|lost| format!("{what}: {lost:?}"))
    }
}
