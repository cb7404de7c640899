//! What carries signatures, each beside the bare cost of those signatures.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use placet_base::registry::JwsAlg;

use super::load::{self, Conversation, Load, Once};
use super::process::Server;
use super::report::Report;
use super::signatures::{Signatures, Work};
use super::subject::{CodeFlow, Prover, Subject, member};
use super::{Bare, Options, beside, in_turns};

/// Tokens that are introspected with proofs.
const BOUND: usize = 1000;
/// Proofs for each second of load, generously.
const PROOFS: u64 = 25_000;

pub(crate) fn measured(
    report: &mut Report,
    binary: &Path,
    directory: &Path,
    options: &Options,
) -> Result<(), String> {
    let signatures = Signatures::new()?;
    for work in Work::ALL {
        let name = format!("{} alone, all cores", work.name());
        report.bare(&name, signatures.per_second(work, options.round()));
    }
    let server = Server::dev(binary, directory)?;
    let subject = Subject::read(directory)?;
    code_flow(report, &server, &subject, options)?;
    bound(report, &server, &subject, options)?;
    for (alg, work) in [(JwsAlg::Es256, Work::Es256), (JwsAlg::Ps256, Work::Ps256)] {
        subject.sign_access_tokens(&server, alg)?;
        let answer = load::once(&server.address, &subject.issuance())?;
        if !member(&answer, "jwtAccessToken").is_some_and(|token| token.starts_with("eyJ")) {
            return Err("no JWT".to_owned());
        }
        let name = format!("client_credentials, JWT {}, durable", work.name());
        let bare = Bare::new([(subject.issuance(), answer.len(), Some(work))]);
        let load = Load::same(subject.issuance());
        let pair = in_turns(&server, &Server::echo()?, &load, &bare, options)?;
        beside(report, &name, &pair, "0.7 or more");
    }
    Ok(())
}

fn code_flow(
    report: &mut Report,
    server: &Server,
    subject: &Subject,
    options: &Options,
) -> Result<(), String> {
    let flow = CodeFlow(subject);
    let (mut exchanges, mut last) = (Vec::new(), Vec::new());
    for step in 0..flow.steps() {
        let request = flow.request(0, step, &last).ok_or("the flow does not go on")?.into_owned();
        last = load::once(&server.address, &request)?;
        exchanges.push((request, last.len(), (step + 1 == flow.steps()).then_some(Work::Es256)));
    }
    member(&last, "idToken").ok_or("no ID token")?;
    let pair = in_turns(server, &Server::echo()?, &flow, &Bare::new(exchanges), options)?;
    beside(report, "code flow, ID token ES256, durable", &pair, "0.7 or more");
    Ok(())
}

fn bound(report: &mut Report, server: &Server, subject: &Subject, options: &Options) -> Result<(), String> {
    let mut prover = Prover::new(epoch_seconds())?;
    let tokens: Result<Vec<_>, _> = (0..BOUND).map(|_| prover.bound_token(server, subject)).collect();
    let tokens = tokens?;
    let first = prover.introspection(subject, &tokens[0])?;
    let answer = load::once(&server.address, &first)?;
    if member(&answer, "action") != Some("OK") {
        return Err(String::from_utf8_lossy(&answer).into_owned());
    }
    let bare = Bare::new([(first, answer.len(), Some(Work::VerifyEs256))]);
    let count = PROOFS * options.seconds.as_secs().max(1);
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let made = tokens.iter().cycle().take(count).map(|token| prover.introspection(subject, token));
    let load = Once::new(made.collect::<Result<_, _>>()?);
    let pair = in_turns(server, &Server::echo()?, &load, &bare, options)?;
    if load.is_spent() {
        return Err("there were too few proofs".to_owned());
    }
    beside(report, "introspection, DPoP-bound tokens", &pair, "0.7 or more");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a load generator has a clock")]
fn epoch_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
