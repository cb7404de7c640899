//! `placet doctor`: whether a server and a service are in order, as far as that can be seen from here.

use clap::Args;
use placet_sdk::lint::Severity;
use placet_sdk::types::{AuditListQuery, InfoResponse, ListQuery, Service, TokenListQuery};
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::Surroundings;
use crate::connection::{Api, Connection};
use crate::exit::{Done, Failure};
use crate::http;
use crate::output::{Colour, Output, clean, coloured, painted};

/// See whether server and service are in order.
#[derive(Args)]
pub struct Doctor {
    /// A PEM file of an authority that the authorization server's certificate is of.
    #[arg(long, value_name = "FILE")]
    trust: Option<std::path::PathBuf>,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
}

/// How one thing is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Good,
    Doubtful,
    Bad,
}

#[derive(Serialize)]
struct Found {
    what: &'static str,
    state: State,
    detail: String,
}

impl Found {
    fn new(what: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self { what, state, detail: detail.into() }
    }
}

/// Clocks that differ by more make tokens look expired, or not yet good.
const APART: i64 = 5;

pub(crate) async fn run(doctor: &Doctor, surroundings: &Surroundings) -> Done {
    let target = doctor.connection.target(surroundings)?;
    let web = http::client(doctor.trust.as_deref(), None)?;
    let mut found = server(&target.url, &web, surroundings).await;
    let reached = found.iter().all(|one| one.state != State::Bad);
    if reached {
        let from = target.from.clone().unwrap_or_else(|| "nowhere".to_owned());
        let named = target.service.is_some();
        match target.api() {
            Ok(api) => {
                found.push(Found::new("token", State::Good, format!("from {from}")));
                found.extend(rights(&api).await);
                if named {
                    found.extend(service(&api, &web).await);
                }
            }
            Err(failure) => found.push(Found::new("token", State::Bad, failure.message)),
        }
    }
    let colours = coloured(surroundings);
    doctor.output.show(&found, |_| found.iter().map(|one| line(one, colours)).collect())?;
    match found.iter().all(|one| one.state == State::Good) {
        true => Ok(()),
        false => Err(Failure::differences()),
    }
}

fn line(found: &Found, colours: bool) -> String {
    let (word, colour) = match found.state {
        State::Good => ("good    ", Colour::Green),
        State::Doubtful => ("doubtful", Colour::Yellow),
        State::Bad => ("bad     ", Colour::Red),
    };
    format!("{}  {:<10}  {}\n", painted(word, colour, colours), found.what, clean(&found.detail))
}

/// Reached, securely, and of the same time.
async fn server(url: &str, web: &reqwest::Client, surroundings: &Surroundings) -> Vec<Found> {
    let at = format!("{url}/api/info");
    let answer = match http::sent(&at, web.get(&at)).await {
        Ok(answer) => answer,
        Err(failure) => return vec![Found::new("server", State::Bad, failure.message)],
    };
    let info: Option<InfoResponse> =
        serde_json::from_slice(&answer.body).ok().filter(|_| answer.status == 200);
    let Some(version) = info.map(|info| info.version) else {
        let detail = format!("{url} answers with HTTP {}, and is no server of this API", answer.status);
        return vec![Found::new("server", State::Bad, detail)];
    };
    let mut found = vec![Found::new("server", State::Good, format!("{url} answers, version {version}"))];
    found.push(match url.starts_with("https://") || is_local(url) {
        true => Found::new("transport", State::Good, "nobody in between reads along"),
        false => Found::new(
            "transport",
            State::Doubtful,
            "http to another machine: the token can be read on the way",
        ),
    });
    let theirs = answer.date.and_then(|date| OffsetDateTime::parse(&date, &Rfc2822).ok());
    if let Some(theirs) = theirs {
        let apart = theirs.unix_timestamp() - surroundings.ambient.clock.seconds();
        let state = if apart.abs() > APART { State::Doubtful } else { State::Good };
        found.push(Found::new("clock", state, format!("{apart} seconds apart from the clock here")));
    }
    found
}

fn is_local(url: &str) -> bool {
    let url = url::Url::parse(url).ok();
    let host = url.as_ref().and_then(url::Url::host);
    host.is_some_and(|host| match host {
        url::Host::Domain(name) => name == "localhost",
        url::Host::Ipv4(ip) => ip.is_loopback(),
        url::Host::Ipv6(ip) => ip.is_loopback(),
    })
}

/// What the token may look at: the API tells nobody's rights, but it refuses.
async fn rights(api: &Api) -> Vec<Found> {
    let one = || Some("1".to_owned());
    let services = api.service_get_list(ListQuery { end: one(), ..Default::default() }).await;
    let clients = api.client_get_list(ListQuery { end: one(), ..Default::default() }).await;
    let tokens = api.token_get_list(TokenListQuery { end: one(), ..Default::default() }).await;
    let log = api.audit_get_list(AuditListQuery { cursor: None, limit: Some(1) }).await;
    let may = [
        ("services", services.is_ok()),
        ("clients", clients.is_ok()),
        ("tokens", tokens.is_ok()),
        ("the audit log", log.is_ok()),
    ];
    let list = |wanted: bool| {
        let names: Vec<_> = may.iter().filter(|(_, may)| *may == wanted).map(|(name, _)| *name).collect();
        names.join(", ")
    };
    let said = match (list(true), list(false)) {
        (seen, hidden) if hidden.is_empty() => format!("the token sees {seen}"),
        (seen, hidden) if seen.is_empty() => format!("the token sees none of {hidden}"),
        (seen, hidden) => format!("the token sees {seen}, and not {hidden}"),
    };
    let state = if services.is_ok() { State::Good } else { State::Bad };
    let mut found = vec![Found::new("rights", state, said)];
    if let Err(e) = services {
        found.push(Found::new("rights", State::Bad, e.to_string()));
    }
    found
}

/// The service: what it publishes, and what lint says.
async fn service(api: &Api, web: &reqwest::Client) -> Vec<Found> {
    let service: Service = match api.service_get().await {
        Ok(answer) => answer.body,
        Err(e) => return vec![Found::new("service", State::Bad, e.to_string())],
    };
    let name = service.service_name.clone().unwrap_or_default();
    let mut found = vec![Found::new("service", State::Good, format!("{name} is there"))];
    found.push(discovery(&service, web).await);
    match crate::lint::found(api).await {
        Ok(findings) => {
            let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
            let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
            let state = match (errors, warnings) {
                (0, 0) => State::Good,
                (0, _) => State::Doubtful,
                _ => State::Bad,
            };
            let detail = format!("{errors} errors, {warnings} warnings; `placet service lint` shows them");
            found.push(Found::new("lint", state, detail));
        }
        Err(failure) => found.push(Found::new("lint", State::Bad, failure.message)),
    }
    found
}

/// OpenID Connect Discovery §4.3: what is published at the issuer names the issuer.
async fn discovery(service: &Service, web: &reqwest::Client) -> Found {
    let what = "discovery";
    let Some(issuer) = &service.issuer else {
        return Found::new(what, State::Bad, "the service has no issuer");
    };
    let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let answer = match http::sent(&at, web.get(&at)).await {
        Ok(answer) => answer,
        Err(failure) => return Found::new(what, State::Bad, failure.message),
    };
    let document: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match document.get("issuer").and_then(Value::as_str) {
        Some(published) if published == issuer => {
            Found::new(what, State::Good, format!("{at} is of this issuer"))
        }
        Some(other) => Found::new(what, State::Bad, format!("{at} is of another issuer: {other}")),
        None => Found::new(
            what,
            State::Bad,
            format!("{at} answers with HTTP {}, and names no issuer", answer.status),
        ),
    }
}
