//! `placet grant import`: consents of another server, one by one. What is here already is left as it is, so that an import that was cut
//! off goes on when it is run again.

use std::path::PathBuf;

use clap::Args;
use placet_bundle::Kind;
use placet_bundle::consents::{Consent, Taken, TakingOver, parse};
use serde_json::json;

use crate::bundle::{failed, refused};
use crate::confirm::Confirmation;
use crate::connection::Api;
use crate::document::read_text;
use crate::exit::{Done, Exit, Failure};
use crate::output::{Output, cell};
use crate::progress::Progress;

/// Which consents.
#[derive(Args)]
pub(super) struct Import {
    /// What `placet migrate --consents` has written: JSON with `subject`, `client` and `scopes` on each line; - for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    confirmation: Confirmation,
}

/// How many there were of each.
#[derive(Default)]
struct Counts {
    taken_over: usize,
    known: usize,
    refused: usize,
}

pub(super) async fn run(api: &Api, output: Output, import: &Import) -> Done {
    let consents = parse(&read_text(&import.file)?).map_err(failed)?;
    if !import.confirmation.given(&format!("Take {} consents over?", consents.len()))? {
        return output.say(&format!("would take {} consents over (--dry-run)", consents.len()));
    }
    let Counts { taken_over, known, refused } = taken_over(api, &consents).await?;
    let counts = json!({ "takenOver": taken_over, "known": known, "refused": refused });
    output.show(&counts, |counts| {
        let count = |name: &str| cell(&counts[name]);
        format!(
            "{} taken over, {} known before, {} refused\n",
            count("takenOver"),
            count("known"),
            count("refused")
        )
    })?;
    match refused {
        0 => Ok(()),
        _ => Err(Failure::new(Exit::Refused, "some consents are not taken over; the lines above say why")),
    }
}

async fn taken_over(api: &Api, consents: &[Consent]) -> Result<Counts, Failure> {
    let mut taking = TakingOver::new(api).await.map_err(refused)?;
    let progress = Progress::of("taking consents over", Some(consents.len()));
    let mut counts = Counts::default();
    for consent in consents {
        match taking.take(consent).await {
            Ok(Taken::Over) => counts.taken_over += 1,
            Ok(Taken::Before) => counts.known += 1,
            Err(problem) if problem.kind == Kind::Unreachable => return Err(refused(problem)),
            Err(problem) => {
                progress.say(&format!("not taken over: {problem}"));
                counts.refused += 1;
            }
        }
        progress.step();
    }
    for (client, scope) in taking.left_behind() {
        progress.say(&format!("left behind: client {client} may not ask for the scope {scope} here"));
    }
    Ok(counts)
}
