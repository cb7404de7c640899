//! `placet lint`: what of a service and its clients is doubtful. The rules are the SDK's.

use clap::{Args, ValueEnum};
use placet_sdk::lint::{Finding, Severity, lint};
use placet_sdk::types::Service;

use crate::Surroundings;
use crate::connection::{Api, Connection};
use crate::edit::Editor;
use crate::exit::{Done, Failure};
use crate::output::{Colour, Output, clean, coloured, painted};

/// Say what is doubtful.
#[derive(Args)]
pub struct Lint {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    options: Options,
}

#[derive(Args)]
pub(crate) struct Options {
    /// Findings that matter less are left out.
    #[arg(long, value_enum, default_value = "notice")]
    at_least: Least,
}

#[derive(Clone, Copy, ValueEnum)]
enum Least {
    Notice,
    Warning,
    Error,
}

impl Least {
    fn severity(self) -> Severity {
        match self {
            Self::Notice => Severity::Notice,
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
        }
    }
}

pub(crate) async fn lint_command(lint: Lint, surroundings: &Surroundings) -> Done {
    let api = lint.connection.api(surroundings)?;
    run(&lint.options, Editor { api: &api, output: lint.output, surroundings }).await
}

pub(crate) async fn run(options: &Options, editor: Editor<'_>) -> Done {
    let mut findings = found(editor.api).await?;
    findings.retain(|finding| finding.severity >= options.at_least.severity());
    editor.output.show(&findings, |_| match findings.is_empty() {
        true => "nothing found\n".to_owned(),
        false => findings.iter().map(|finding| line(finding, coloured(editor.surroundings))).collect(),
    })?;
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Failure::differences()),
    }
}

/// What is found about the service and all of its clients.
pub(crate) async fn found(api: &Api) -> Result<Vec<Finding>, Failure> {
    let service: Service = api.service_get().await?.body;
    let clients = crate::client::all(api, None).await?;
    Ok(lint(&service, &clients))
}

/// One finding for people.
pub(crate) fn line(finding: &Finding, coloured: bool) -> String {
    let (word, colour) = match finding.severity {
        Severity::Error => ("error  ", Colour::Red),
        Severity::Warning => ("warning", Colour::Yellow),
        Severity::Notice => ("notice ", Colour::Green),
    };
    let of = finding.client_id.map_or_else(|| "service".to_owned(), |client| format!("client {client}"));
    let word = painted(word, colour, coloured);
    let Finding { rule, member, message, clause, .. } = finding;
    format!("{word}  {of}  {member}: {} [{clause}; {rule}]\n", clean(message))
}
