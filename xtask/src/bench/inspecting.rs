//! What looking on costs those who are looked at: the same load with inspector and console, and without either.

use std::path::Path;

use super::load::{Conversation, Load};
use super::process::Server;
use super::report::Report;
use super::subject::Subject;
use super::{CONNECTIONS, Options, ROUNDS, fill, median};

/// Live tokens that are introspected.
const TOKENS: usize = 10_000;

const WITHOUT: &[(&str, &str)] = &[("PLACET_INSPECTOR_CALLS", "off")];
const WITH: &[(&str, &str)] = &[
    ("PLACET_INSPECTOR_CALLS", "on"),
    ("PLACET_CONSOLE_ENABLED", "on"),
    ("PLACET_CONSOLE_ORIGIN", "https://console.example"),
];

pub(super) fn measured(
    report: &mut Report,
    (binary, directory): (&Path, &Path),
    options: &Options,
) -> Result<(), String> {
    let server = Server::dev(binary, directory)?;
    let subject = Subject::read(directory)?;
    let (tokens, _) = fill(&server, &subject, TOKENS)?;
    server.end()?;
    let introspection = Load { requests: tokens.iter().map(|token| subject.introspection(token)).collect() };
    let loads: [(&str, Load); 2] =
        [("introspection", introspection), ("client credentials", Load::same(subject.issuance()))];
    for (name, load) in loads {
        compared(report, (binary, directory), (name, &load), options)?;
    }
    Ok(())
}

/// In turns, a process for each, so that what else the machine does falls on both.
fn compared(
    report: &mut Report,
    (binary, directory): (&Path, &Path),
    (name, load): (&str, &dyn Conversation),
    options: &Options,
) -> Result<(), String> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        for (settings, rounds) in [(WITHOUT, &mut without), (WITH, &mut with)] {
            let server = Server::serve_with(binary, directory, settings)?;
            rounds.push(server.measured(load, CONNECTIONS, options.round())?);
            server.end()?;
        }
    }
    let (with, without) = (median(with), median(without));
    report.measurement(&format!("{name}, with inspector and console"), &with);
    report.measurement(&format!("{name}, without either"), &without);
    report.ratio(
        &format!("{name}: with inspector and console to without"),
        (&with, &without),
        "0.98 or more",
    );
    Ok(())
}
