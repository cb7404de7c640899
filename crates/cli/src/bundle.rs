//! Services as files: `export`, `import`, `diff`, `apply`, and what `migrate --from` makes of other servers.

mod apply;
mod export;
mod file;
mod import;
mod moving;

pub(crate) use apply::{Apply, Diff, apply, diff};
pub(crate) use export::{Export, export};
pub(crate) use import::{Import, import};
pub use moving::{Moving, move_in};

use std::path::PathBuf;

use clap::Args;
use placet_base::Secret;
use placet_bundle::api::{self, Now};
use placet_bundle::{Bundle, Kind, Opener, Plan, Problem, Sealer, Step};

use crate::connection::Api;
use crate::exit::{Exit, Failure};
use crate::output::clean;
use crate::progress::Progress;

/// Whom secrets are encrypted to.
#[derive(Args, Clone, Debug, Default)]
pub struct Sealing {
    /// Put the secrets into the file, encrypted to a recipient of age (age1…).
    #[arg(long, value_name = "RECIPIENT", conflicts_with = "seal_passphrase_file")]
    pub seal_to: Option<String>,
    /// Put the secrets into the file, encrypted to the passphrase in a file; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub seal_passphrase_file: Option<PathBuf>,
}

impl Sealing {
    fn seal(&self, bundle: &mut Bundle) -> Result<(), Failure> {
        let sealer = match (&self.seal_to, &self.seal_passphrase_file) {
            (Some(recipient), _) => Sealer::Recipient(recipient.clone()),
            (None, Some(file)) => Sealer::Passphrase(line_of(file)?),
            (None, None) => return Ok(()),
        };
        bundle.seal(&sealer).map_err(|problem| Failure::usage(problem.to_string()))
    }
}

/// Who opens them.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Opening {
    /// Open the sealed secrets with an identity file of age.
    #[arg(long, value_name = "FILE", conflicts_with = "passphrase_file")]
    pub identity_file: Option<PathBuf>,
    /// Open the sealed secrets with the passphrase in a file; - for standard input.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl Opening {
    fn open(&self, bundle: &mut Bundle) -> Result<(), Failure> {
        let opener = match (&self.identity_file, &self.passphrase_file) {
            (Some(file), _) => Opener::Identity(Secret::new(crate::document::read_text(file)?)),
            (None, Some(file)) => Opener::Passphrase(line_of(file)?),
            (None, None) if bundle.sealed.is_some() => {
                eprintln!(
                    "the sealed secrets stay closed: open them with --identity-file or --passphrase-file"
                );
                return Ok(());
            }
            (None, None) => return Ok(()),
        };
        bundle.open(&opener).map_err(|problem| failed(vec![problem]))
    }
}

fn line_of(file: &std::path::Path) -> Result<Secret, Failure> {
    crate::connection::read_token(file)
}

/// Everything that is wrong, a line each; the last one ends the command.
pub(crate) fn failed(mut problems: Vec<Problem>) -> Failure {
    let last = problems.pop();
    problems.iter().for_each(|problem| eprintln!("placet: {}", clean(&problem.to_string())));
    Failure::new(Exit::Failed, last.map(|problem| problem.to_string()).unwrap_or_default())
}

/// What the API has refused, or what had become of it meanwhile.
pub(crate) fn refused(problem: Problem) -> Failure {
    let exit = match problem.kind {
        Kind::Here => Exit::Failed,
        Kind::Refused => Exit::Refused,
        Kind::NotFound => Exit::NotFound,
        Kind::Changed => Exit::Changed,
        Kind::Unreachable => Exit::Unreachable,
    };
    Failure::new(exit, problem.to_string())
}

/// Does what a plan says, and says on standard error what is done: what is asked for comes on standard output alone.
async fn run(api: &Api, plan: &Plan, now: &Now) -> Result<(), Failure> {
    let progress = Progress::of("changing the service", Some(plan.steps.len()));
    let done = |step: &Step| {
        step.to_string().lines().for_each(|line| progress.say(&format!("done: {line}")));
        progress.step();
    };
    api::run(api, plan, now, done).await.map_err(refused)
}

/// The service as it is now.
async fn present(api: &Api) -> Result<Now, Failure> {
    let progress = Progress::of("reading clients", None);
    api::read(api, &|read, total| progress.set(read, total)).await.map_err(refused)
}
