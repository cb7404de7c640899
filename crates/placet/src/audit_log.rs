//! `placet audit-log`: takes the log of an organization out of a running server, and holds what was taken out against
//! itself. A line is an entry, letter for letter; the last line is the end of the chain as the server has it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use placet_base::TokenHash;
use placet_cli::{Connection, Done, Failure};
use placet_sdk::types::AuditListQuery;
use placet_server::listen::runtime;
use serde::{Deserialize, Serialize};

#[derive(Args)]
pub(crate) struct AuditLog {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the log of the organization that a token belongs to: an entry each line, the oldest first.
    Export(Export),
    /// Hold an export against itself: every entry names the hash of the one before it.
    Verify(Verify),
}

#[derive(Args)]
struct Export {
    #[command(flatten)]
    connection: Connection,
}

#[derive(Args)]
struct Verify {
    /// The export; standard input without it.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// The last line of an export.
#[derive(Serialize, Deserialize)]
struct End {
    head: Head,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    sequence: u64,
    hash: Option<String>,
}

/// What of an entry makes it one of a chain.
#[derive(Deserialize)]
struct Link {
    sequence: u64,
    previous: Option<String>,
}

pub(crate) fn run(arguments: AuditLog) -> Done {
    match arguments.command {
        Command::Export(export) => {
            let runtime = runtime()?;
            runtime.block_on(exported(&export, &mut io::stdout().lock()))
        }
        Command::Verify(verify) => {
            let head = opened(verify.file.as_deref()).and_then(verified).map_err(Failure::failed)?;
            println!("{} entries, and the chain is whole; the last one is {}", head.sequence, shown(&head));
            Ok(())
        }
    }
}

fn shown(head: &Head) -> &str {
    head.hash.as_deref().unwrap_or("none")
}

async fn exported(export: &Export, to: &mut impl Write) -> Done {
    let api = export.connection.api(&crate::surroundings())?;
    let (mut cursor, mut written) = (None, 0);
    loop {
        let query = AuditListQuery { cursor, limit: Some(1_000) };
        let page = api.audit_get_list(query).await?;
        let entries = page.body.entries.unwrap_or_default();
        for text in entries.iter().filter_map(|entry| entry.entry.as_deref()) {
            writeln!(to, "{text}")?;
            written += 1;
        }
        // What is added while this runs comes with the next page, until there is none.
        if entries.is_empty() {
            let sequence = page.body.head_sequence.and_then(|sequence| u64::try_from(sequence).ok());
            let head = Head { sequence: sequence.unwrap_or_default(), hash: page.body.head_hash };
            if head.sequence != written {
                return Err(Failure::failed(format!(
                    "{written} entries came, and there are {}",
                    head.sequence
                )));
            }
            let end = serde_json::to_string(&End { head }).map_err(|e| Failure::failed(e.to_string()))?;
            return Ok(writeln!(to, "{end}")?);
        }
        cursor = page.body.cursor;
    }
}

fn opened(file: Option<&Path>) -> Result<Box<dyn BufRead>, String> {
    match file {
        Some(file) => {
            let opened = File::open(file).map_err(|e| format!("{}: {e}", file.display()))?;
            Ok(Box::new(BufReader::new(opened)))
        }
        None => Ok(Box::new(BufReader::new(io::stdin()))),
    }
}

/// The end of the chain, once every line was found to be what the next one says of it.
fn verified(lines: impl BufRead) -> Result<Head, String> {
    let mut head = Head { sequence: 0, hash: None };
    for (number, line) in (1..).zip(lines.lines()) {
        let line = line.map_err(|e| e.to_string())?;
        if let Ok(end) = serde_json::from_str::<End>(&line) {
            return if end.head == head {
                Ok(head)
            } else {
                Err(format!(
                    "line {number}: the chain ends at entry {}, and should at {}",
                    head.sequence, end.head.sequence
                ))
            };
        }
        let link: Link = serde_json::from_str(&line).map_err(|e| format!("line {number}: no entry: {e}"))?;
        if link.sequence != head.sequence + 1 {
            return Err(format!(
                "line {number}: entry {} comes after entry {}",
                link.sequence, head.sequence
            ));
        }
        if link.previous != head.hash {
            let before = head.sequence;
            return Err(format!(
                "line {number}: entry {before} is not what entry {} says it was",
                link.sequence
            ));
        }
        head = Head { sequence: link.sequence, hash: Some(TokenHash::of(&line).encoded()) };
    }
    Err("the export has no last line".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(texts: &[&str]) -> String {
        let (mut lines, mut previous) = (String::new(), None::<String>);
        for (sequence, text) in (1..).zip(texts) {
            let before = previous.as_ref().map_or("null".to_owned(), |hash| format!("\"{hash}\""));
            let line = format!("{{\"sequence\":{sequence},\"previous\":{before},\"operation\":\"{text}\"}}");
            previous = Some(TokenHash::of(&line).encoded());
            lines += &format!("{line}\n");
        }
        let hash = previous.map_or("null".to_owned(), |hash| format!("\"{hash}\""));
        lines + &format!("{{\"head\":{{\"sequence\":{},\"hash\":{hash}}}}}\n", texts.len())
    }

    #[test]
    fn a_chain_is_whole_or_says_where_it_is_not() {
        let whole = chain(&["a", "b", "c"]);
        assert_eq!(verified(whole.as_bytes()).unwrap().sequence, 3);
        assert_eq!(verified(chain(&[]).as_bytes()).unwrap().sequence, 0);
        let lines: Vec<&str> = whole.lines().collect();
        let without = |gone: usize| {
            let kept = lines.iter().enumerate().filter(|(at, _)| *at != gone);
            kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
        };
        for (broken, place) in [
            (whole.replace("\"b\"", "\"x\""), "line 3: entry 2"),
            (whole.replace("\"c\"", "\"x\""), "line 4: the chain ends"),
            (without(0), "line 1: entry 2"),
            (without(1), "line 2: entry 3"),
            (without(2), "line 3: the chain ends"),
            (without(3), "the export has no last line"),
            ("x\n".to_owned(), "line 1: no entry"),
        ] {
            let found = verified(broken.as_bytes()).unwrap_err();
            assert!(found.starts_with(place), "{found} {broken}");
        }
    }
}
