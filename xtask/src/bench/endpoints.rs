//! The endpoints of the authorization server, each beside what it asks of the engine.

use std::path::Path;

use data_encoding::BASE64;
use placet_base::form;

use super::load::{self, Load};
use super::process::Server;
use super::report::Report;
use super::subject::{Subject, member};
use super::{Bare, Options, beside, in_turns, rounds};

pub(super) fn measured(
    report: &mut Report,
    (binary, directory): (&Path, &Path),
    options: &Options,
) -> Result<(), String> {
    let server = Server::dev(binary, directory)?;
    let subject = Subject::read(directory)?;
    let echo = Server::echo()?;
    let asked =
        |path: &str, pairs: &[(&str, &str)]| subject.at_endpoint(path, &form::encode(pairs.iter().copied()));

    let token = asked("token", &[("grant_type", "client_credentials"), ("scope", "orders:read")]);
    let answer = load::once(&server.address, &token)?;
    let value = member(&answer, "access_token").ok_or("no token")?.to_owned();
    let bare = Bare::plain(answer.len(), token.clone());
    let through = in_turns(&server, &echo, &Load::same(token), &bare, options)?;
    let engine = rounds(&server, &Load::same(subject.issuance()), options)?;
    beside(report, "/as/token, client credentials, durable", &through, "");
    report.ratio("/as/token to the engine's auth/token", (&through.0, &engine), "");

    let introspection = asked("introspect", &[("token", &value)]);
    let answer = load::once(&server.address, &introspection)?;
    if !answer.windows(13).any(|part| part == br#""active":true"#) {
        return Err(String::from_utf8_lossy(&answer).into_owned());
    }
    let bare = Bare::plain(answer.len(), introspection.clone());
    let through = in_turns(&server, &echo, &Load::same(introspection), &bare, options)?;
    let engine = rounds(&server, &Load::same(subject.introspection(&value)), options)?;
    beside(report, "/as/introspect", &through, "");
    report.ratio("/as/introspect to the engine's auth/introspection", (&through.0, &engine), "0.6 or more");
    Ok(())
}

impl Subject {
    /// What the client sends to an endpoint of the authorization server.
    fn at_endpoint(&self, path: &str, body: &str) -> Vec<u8> {
        let (id, secret) = self.credentials();
        let basic = BASE64.encode(format!("{id}:{secret}").as_bytes());
        format!(
            "POST /as/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {basic}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}
