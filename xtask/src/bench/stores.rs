//! The operations on each store, beside the bare HTTP stack and what the store does when nobody is in front of it; and what they
//! cost when there are many tokens.

mod operations;

use std::path::Path;

use super::ceilings;
use super::load::{self, Conversation, Load, Measured, Once};
use super::process::Server;
use super::report::Report;
use super::subject::member;
use super::{Bare, CONNECTIONS, Options, beside, exchanges, in_turns, rounds};
use crate::faults::database::Database;
use crate::faults::node::Place;
use crate::faults::service::Service;
use operations::{Flow, Grants};

/// What is compared with a store that holds many tokens.
const FEW: usize = 10_000;
/// Tokens that are introspected, spread over all that there are.
const ASKED: usize = 200_000;
/// Tokens that are issued before some of them are kept.
const STRETCH: usize = 500_000;

pub(super) fn measured(
    report: &mut Report,
    (binary, directory): (&Path, &Path),
    options: &Options,
) -> Result<(), String> {
    let raw = ceilings::commits(&directory.join("raw"), options.seconds)?;
    report.bare("commits of a row of the embedded store, nothing in front of it", raw);
    let place = Place::new(binary, &directory.join("embedded"), None)?;
    let figures = store(report, "embedded store", &place, options)?;
    report.part("embedded store: issuance to commits of a row", figures.issuance.0.per_second / raw, "");
    report.stored("embedded store: issuance to a commit of a row", pair(&figures.issuance), raw);
    let Some(server) = &options.postgres else { return Ok(()) };
    let database = Database::fresh(server)?;
    let place = Place::new(binary, &directory.join("postgres"), Some(&database.url))?;
    let figures = store(report, "PostgreSQL", &place, options)?;
    let bare = ceilings::Database::open(&database.url)?;
    let (selects, inserts) = (bare.selects(options.seconds)?, bare.inserts(options.seconds)?);
    drop(bare);
    report.bare("PostgreSQL: a row selected, nothing in front of it", selects);
    report.bare("PostgreSQL: a row inserted, nothing in front of it", inserts);
    let selected = figures.introspection.0.per_second / selects;
    report.part("PostgreSQL: introspection to a row selected", selected, "");
    report.stored("PostgreSQL: introspection to a row selected", pair(&figures.introspection), selects);
    report.part(
        "PostgreSQL: issuance to a row inserted",
        figures.issuance.0.per_second / inserts,
        "0.8 or more",
    );
    database.remove()
}

/// What is held against the store's own.
/// Each with the bare stack for it.
struct Figures {
    introspection: (Measured, Measured),
    issuance: (Measured, Measured),
}

fn pair((of_server, of_bare): &(Measured, Measured)) -> (&Measured, &Measured) {
    (of_server, of_bare)
}

fn store(report: &mut Report, store: &str, place: &Place, options: &Options) -> Result<Figures, String> {
    let token = place.found()?;
    let server = Server::placed(place)?;
    let service = Service::furnish(&server.address, &token)?;
    let few = fill(&server, &service, 0, FEW.min(options.tokens))?;
    let few = rounds(&server, &introspections(&service, &few), options)?;
    let many = fill(&server, &service, FEW, options.tokens)?;
    let bench = Bench { report, store, server: &server, echo: &Server::echo()?, options };
    let figures = bench.all(&service, &many)?;
    let name = format!("{store}: introspection at {} live tokens to that at {FEW}", options.tokens);
    report.ratio(&name, (&figures.introspection.0, &few), "0.9 or more");
    let anonymous = server.anonymous_mib();
    report.figure(
        &format!("{store}: anonymous memory after all of it, MiB"),
        &format!("{anonymous:.1}"),
        "under 100",
    );
    server.end()?;
    let again = Server::placed(place)?;
    let ready = format!("{:.0?}", again.started_in);
    report.figure(&format!("{store}: ready, {} live tokens", options.tokens), &ready, "within 50 ms");
    Ok(figures)
}

/// Issues tokens until there are `wanted`; some of them, from everywhere.
fn fill(server: &Server, service: &Service, there: usize, wanted: usize) -> Result<Vec<String>, String> {
    let request = service.credentials();
    let each = wanted.div_ceil(ASKED).max(1);
    let mut kept = Vec::with_capacity(ASKED.min(wanted));
    let mut missing = wanted.saturating_sub(there);
    while missing > 0 {
        let bodies = load::collect(&server.address, &request, CONNECTIONS, missing.min(STRETCH))?;
        missing = missing.saturating_sub(bodies.len());
        let tokens = bodies.iter().step_by(each).filter_map(|body| member(body, "accessToken"));
        kept.extend(tokens.map(str::to_owned));
    }
    Ok(kept)
}

fn introspections(service: &Service, tokens: &[String]) -> Load {
    Load { requests: tokens.iter().map(|token| service.introspect(token)).collect() }
}

/// What measures one store.
struct Bench<'a> {
    report: &'a mut Report,
    store: &'a str,
    server: &'a Server,
    echo: &'a Server,
    options: &'a Options,
}

impl Bench<'_> {
    fn all(mut self, service: &Service, tokens: &[String]) -> Result<Figures, String> {
        let live = format!("introspection, {} live tokens", self.options.tokens);
        let introspection = self.one(&live, &introspections(service, tokens))?;
        self.one("introspection, unknown value", &Load::same(service.introspect(super::UNKNOWN)))?;
        let issuance = self.one("client credentials", &Load::same(service.credentials()))?;
        self.one("authorization request", &Load::same(service.authorization()))?;
        self.one("pushed authorization request", &Load::same(service.pushed()))?;
        self.one("code flow, refresh token, no ID token", &Flow(service))?;
        self.one("a page of five of a client's tokens", &Load::same(service.page()))?;
        let grants = Grants::made(self.server, service, self.options)?;
        self.once("refresh", &grants.refreshes(service))?;
        let revocations = grants.revocations(service);
        self.once("revocation", &revocations)?;
        let revoked = grants.introspections(service, revocations.sent());
        self.one("introspection, revoked tokens", &revoked)?;
        Ok(Figures { introspection, issuance })
    }

    /// An operation in turns with the bare stack.
    fn one(&mut self, name: &str, conversation: &dyn Conversation) -> Result<(Measured, Measured), String> {
        let bare = Bare::new(
            exchanges(self.server, conversation)?
                .0
                .into_iter()
                .map(|(request, bytes)| (request, bytes, None)),
        );
        let pair = in_turns(self.server, self.echo, conversation, &bare, self.options)?;
        beside(self.report, &format!("{}: {name}", self.store), &pair, "");
        Ok(pair)
    }

    /// The same with what can be said once only.
    fn once(&mut self, name: &str, conversation: &Once) -> Result<(), String> {
        self.one(name, conversation)?;
        if conversation.is_spent() {
            return Err(format!("{name}: there were too few grants"));
        }
        Ok(())
    }
}
