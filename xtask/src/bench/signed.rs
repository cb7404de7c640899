//! What carries signatures, each beside the bare cost of those signatures.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use placet_base::registry::JwsAlg;

use super::load::{self, Conversation, Load, Measured, Once};
use super::process::Server;
use super::report::Report;
use super::signatures::{Signatures, Work};
use super::subject::{CodeFlow, Prover, Subject, member};
use super::{Bare, Options, Unsigned, beside, exchanges, in_turns, rounds};
use super::{chains, credentials};

/// Tokens that are introspected with proofs.
const BOUND: usize = 1000;
/// Proofs for each second of load, generously.
const PROOFS: u64 = 50_000;

pub(crate) fn measured(
    report: &mut Report,
    (binary, directory): (&Path, &Path),
    unsigned: &Unsigned,
    options: &Options,
) -> Result<(), String> {
    let signatures = Signatures::new()?;
    let [es256, ps256, verify] = Work::ALL.map(|work| {
        let per_second = signatures.per_second(work, options.round());
        report.bare(&format!("{} alone, all cores", work.name()), per_second);
        per_second
    });
    credentials::measured(report, es256, options)?;
    chains::measured(report, verify, options)?;
    let server = Server::dev(binary, directory)?;
    let subject = Subject::read(directory)?;
    code_flow(report, &server, &subject, es256, options)?;
    let name = "introspection, DPoP-bound tokens";
    let proven = bound(report, name, &server, &subject, options)?;
    report.signed(name, &proven, &unsigned.introspection, verify);
    for (alg, work, bare) in [(JwsAlg::Es256, Work::Es256, es256), (JwsAlg::Ps256, Work::Ps256, ps256)] {
        subject.sign_access_tokens(&server, alg)?;
        let answer = load::once(&server.address, &subject.issuance())?;
        if !member(&answer, "jwtAccessToken").is_some_and(|token| token.starts_with("eyJ")) {
            return Err("no JWT".to_owned());
        }
        let name = format!("client_credentials, JWT {}, durable", work.name());
        let echo = Bare::new([(subject.issuance(), answer.len(), Some(work))]);
        let load = Load::same(subject.issuance());
        let pair = in_turns(&server, &Server::echo()?, &load, &echo, options)?;
        beside(report, &name, &pair, "");
        report.signed(&name, &pair.0, &unsigned.issuance, bare);
    }
    Ok(())
}

fn code_flow(
    report: &mut Report,
    server: &Server,
    subject: &Subject,
    es256: f64,
    options: &Options,
) -> Result<(), String> {
    let flow = CodeFlow { subject, scope: "openid" };
    let (exchanges, last) = exchanges(server, &flow)?;
    member(&last, "idToken").ok_or("no ID token")?;
    // The last answer has the signature.
    let signs = |step| (step + 1 == flow.steps()).then_some(Work::Es256);
    let exchanges =
        exchanges.into_iter().enumerate().map(|(step, (request, bytes))| (request, bytes, signs(step)));
    let pair = in_turns(server, &Server::echo()?, &flow, &Bare::new(exchanges), options)?;
    let name = "code flow, ID token ES256, durable";
    beside(report, name, &pair, "");
    let without = CodeFlow { subject, scope: "orders:read" };
    let without = rounds(server, &without, options)?;
    report.measurement("code flow, no ID token, durable", &without);
    report.signed(name, &pair.0, &without, es256);
    Ok(())
}

fn bound(
    report: &mut Report,
    name: &str,
    server: &Server,
    subject: &Subject,
    options: &Options,
) -> Result<Measured, String> {
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
    beside(report, name, &pair, "");
    Ok(pair.0)
}

#[expect(clippy::disallowed_methods, reason = "a load generator has a clock")]
pub(super) fn epoch_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
