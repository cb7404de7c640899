//! Instructions of the processor that a request costs outside the kernel, as Valgrind counts them: other load on the
//! machine does not change them by more than some thousandths. Those of signatures are more than they would be: Valgrind does not
//! know the instructions of recent processors that the cryptographic library uses where they are there.

use std::borrow::Cow;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::UNKNOWN;
use super::load::{Conversation, Load, Once, measure, once};
use super::process::Server;
use super::subject::{CodeFlow, Prover, Subject, member};

/// Conversations that are counted; as many again go before, so that everything is warm. What a start takes varies by some
/// million instructions, for the entropy that the cryptographic library gathers.
const COUNTED: usize = 3000;

/// Connections; a few, since Valgrind runs one thread at a time.
const CONNECTIONS: usize = 4;

/// Longer than any count takes.
const LONG: Duration = Duration::from_secs(600);

/// `cargo xtask instructions`: prints a table.
pub(crate) fn run(binary: &Path, directory: &Path) -> Result<(), String> {
    let server = Server::dev(binary, directory)?;
    let subject = Subject::read(directory)?;
    let issuance = subject.issuance();
    let answer = once(&server.address, &issuance)?;
    let token = member(&answer, "accessToken").ok_or("no token")?.to_owned();
    let introspection = subject.introspection(&token);
    let bound = bound(&server, &subject)?;
    drop(server);
    println!("| request | instructions |\n|---|---:|");
    let serve = |out: &Path| Server::counted(binary, directory, out);
    line("introspection", &serve, &Load::same(introspection), directory)?;
    line("introspection, unknown value", &serve, &Load::same(subject.introspection(UNKNOWN)), directory)?;
    line("introspection, DPoP-bound token", &serve, &Once::new(bound), directory)?;
    line("client_credentials, opaque", &serve, &Load::same(issuance), directory)?;
    let flow = |scope| CodeFlow { subject: &subject, scope };
    line("code flow, no ID token", &serve, &flow("orders:read"), directory)?;
    line("code flow, ID token ES256", &serve, &flow("openid"), directory)
}

/// As many proofs as are sent: each is good once.
fn bound(server: &Server, subject: &Subject) -> Result<Vec<Vec<u8>>, String> {
    let mut prover = Prover::new(super::signed::epoch_seconds())?;
    let token = prover.bound_token(server, subject)?;
    (0..4 * COUNTED).map(|_| prover.introspection(subject, &token)).collect()
}

fn line(
    name: &str,
    serve: &dyn Fn(&Path) -> Result<Server, String>,
    conversation: &dyn Conversation,
    directory: &Path,
) -> Result<(), String> {
    let out: PathBuf = directory.join("callgrind");
    let counted = |times: usize| {
        let server = serve(&out)?;
        measure(&server.address, &Times { conversation, left: Cell::new(times) }, CONNECTIONS, LONG)?;
        server.end()?;
        total(&out)
    };
    let (fewer, more) = (counted(COUNTED)?, counted(2 * COUNTED)?);
    let each = more.saturating_sub(fewer) / u64::try_from(COUNTED).unwrap_or(1);
    println!("| {name} | {each} |");
    Ok(())
}

/// So many conversations and no more.
struct Times<'a> {
    conversation: &'a dyn Conversation,
    left: Cell<usize>,
}

impl Conversation for Times<'_> {
    fn steps(&self) -> usize {
        self.conversation.steps()
    }

    fn request(&self, n: usize, step: usize, last: &[u8]) -> Option<Cow<'_, [u8]>> {
        if step == 0 {
            self.left.set(self.left.get().checked_sub(1)?);
        }
        self.conversation.request(n, step, last)
    }
}

/// What callgrind has counted in all.
fn total(out: &Path) -> Result<u64, String> {
    let text = std::fs::read_to_string(out).map_err(|e| format!("{}: {e}", out.display()))?;
    let line = text.lines().find_map(|line| line.strip_prefix("totals: "));
    line.and_then(|count| count.trim().parse().ok()).ok_or("callgrind has counted nothing".to_owned())
}
