//! Grants that others decide: devices and backchannel requests that are polled while they wait, tokens in exchange; and
//! tokens that are made in batches.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::load::{self, Conversation, Load};
use super::process::Server;
use super::report::Report;
use super::subject::{Subject, member};
use super::{CONNECTIONS, Options, fill, rounds};

/// Requests that wait at the same time.
const PENDING: usize = 100_000;
/// Items of a batch: about as many as a body takes.
const ITEMS: usize = 6_000;

pub(super) fn measured(
    report: &mut Report,
    (binary, directory): (&Path, &Path),
    options: &Options,
) -> Result<(), String> {
    let server = Server::dev(binary, directory)?;
    let subject = Subject::read(directory)?;
    let pending = options.tokens.min(PENDING);

    let devices = load::collect(&server.address, &subject.device(), CONNECTIONS, pending)?;
    let polls = polls(&subject, &devices, "deviceCode", |code| {
        format!("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code={code}")
    })?;
    report
        .measurement(&format!("device codes polled, {pending} pending"), &rounds(&server, &polls, options)?);

    let asked = load::collect(&server.address, &subject.backchannel(), CONNECTIONS, pending)?;
    let issue = |body: &Vec<u8>| {
        let ticket = member(body, "ticket").ok_or("no ticket")?;
        let request = json!({ "ticket": ticket }).to_string();
        Ok::<_, String>(subject.request("backchannel/authentication/issue", &request))
    };
    let issues = asked.iter().map(issue).collect::<Result<Vec<_>, _>>()?;
    let issued = load::collect_each(&server.address, &issues, CONNECTIONS)?;
    let polls = self::polls(&subject, &issued, "authReqId", |id| {
        format!("grant_type=urn:openid:params:grant-type:ciba&auth_req_id={id}")
    })?;
    report.measurement(
        &format!("backchannel requests polled, {pending} pending"),
        &rounds(&server, &polls, options)?,
    );

    let (tokens, _) = fill(&server, &subject, 1)?;
    let exchange = Exchange { subject: &subject, token: tokens.first().ok_or("no token")? };
    report.measurement("token exchange, durable", &rounds(&server, &exchange, options)?);

    let per_second = batches(&server, &subject, options.tokens)?;
    report.bare(&format!("{} tokens in batches of {ITEMS}, durable", options.tokens), per_second);
    Ok(())
}

fn polls(
    subject: &Subject,
    bodies: &[Vec<u8>],
    name: &str,
    parameters: impl Fn(&str) -> String,
) -> Result<Load, String> {
    let poll = |body: &Vec<u8>| Some(subject.token(&parameters(member(body, name)?), ""));
    let requests = bodies.iter().map(poll).collect::<Option<Vec<_>>>();
    Ok(Load { requests: requests.ok_or_else(|| format!("an answer without {name}"))? })
}

/// What the API judges, and the token that the authorization server then asks for.
struct Exchange<'s> {
    subject: &'s Subject,
    token: &'s str,
}

impl Conversation for Exchange<'_> {
    fn steps(&self) -> usize {
        2
    }

    fn request(&self, _: usize, step: usize, last: &[u8]) -> Option<std::borrow::Cow<'_, [u8]>> {
        let access_token = "urn:ietf:params:oauth:token-type:access_token";
        let request = match step {
            0 => self.subject.token(
                &format!(
                    "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={}&subject_token_type={access_token}",
                    self.token
                ),
                "",
            ),
            _ => {
                member(last, "subjectToken")?;
                let wanted = json!({
                    "grantType": "TOKEN_EXCHANGE", "clientIdentifier": self.subject.client, "subject": "john",
                    "scopes": ["orders:read"],
                });
                self.subject.request("auth/token/create", &wanted.to_string())
            }
        };
        Some(request.into())
    }
}

/// Makes so many tokens in batches; how many there were each second, from the first batch that was sent to the end of the last.
#[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
fn batches(server: &Server, subject: &Subject, total: usize) -> Result<f64, String> {
    subject.let_migrate(server)?;
    let started = Instant::now();
    let mut last = String::new();
    for first in (0..total).step_by(ITEMS) {
        let item = |number: usize| {
            json!({
                "grantType": "AUTHORIZATION_CODE", "clientIdentifier": subject.client,
                "subject": format!("user-{number}"), "refreshToken": format!("migrated-{number}"), "scopes": ["openid"],
            })
        };
        let items: Vec<Value> = (first..(first + ITEMS).min(total)).map(item).collect();
        let request = subject.request("auth/token/create/batch", &Value::Array(items).to_string());
        last = loop {
            match load::once(&server.address, &request) {
                Ok(body) => break member(&body, "requestId").ok_or("no requestId")?.to_owned(),
                // As many batches as may wait do.
                Err(e) if e.starts_with("HTTP/1.1 429") => sleep(Duration::from_millis(100)),
                Err(e) => return Err(e),
            }
        };
    }
    let status = subject.status_of_batch(&last);
    loop {
        let body = load::once(&server.address, &status)?;
        match member(&body, "result") {
            Some("SUCCEEDED") => return Ok(total as f64 / started.elapsed().as_secs_f64()),
            Some(_) => return Err(String::from_utf8_lossy(&body).into_owned()),
            None => sleep(Duration::from_millis(100)),
        }
    }
}
