//! `placet token batch`: many tokens at once, made by the server while the command looks on.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use placet_sdk::types::{TokenBatchResult, TokenBatchStatus, TokenCreateBatchRequest};
use serde_json::json;

use crate::confirm::Confirmation;
use crate::connection::Api;
use crate::document;
use crate::exit::{Done, Exit, Failure};
use crate::output::{Output, cell};
use crate::progress::Progress;

/// How long the server is left alone between two questions.
const PAUSE: Duration = Duration::from_millis(300);

/// Which tokens.
#[derive(Args)]
pub(super) struct Batch {
    /// A list of tokens as the API makes them one by one, each with a value of your choice (JSON or YAML); - for standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// End when the server has taken the batch on.
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

pub(super) async fn run(api: &Api, output: Output, batch: Batch) -> Done {
    let items = serde_json::from_value(document::read(&batch.file)?);
    let items: Vec<_> = items.map_err(|e| Failure::failed(format!("{}: {e}", batch.file.display())))?;
    let total = items.len();
    // The server has a dry run of its own, which judges every token.
    let dry_run = !batch.confirmation.given(&format!("Make {total} tokens?"))?;
    let request = TokenCreateBatchRequest { items, dry_run: Some(dry_run) };
    let id = api.token_create_batch(request).await?.body.request_id.unwrap_or_default();
    if batch.no_wait {
        return output
            .show(&json!({ "requestId": id }), |made| format!("batch {}\n", cell(&made["requestId"])));
    }
    let status = ended(api, &id, total).await?;
    if status.result == Some(TokenBatchResult::Failed) {
        return Err(Failure::refused(status.error_code, status.error_description));
    }
    let what = if dry_run { "would be made" } else { "are made" };
    output.show(&status, |status| format!("{} tokens {what}\n", cell(&status["tokenCount"])))
}

/// How the batch ended.
async fn ended(api: &Api, id: &str, total: usize) -> Result<TokenBatchStatus, Failure> {
    let progress = Progress::of("making tokens", Some(total));
    loop {
        let status = api.token_create_batch_status(id).await?.body.status;
        let gone = || Failure::new(Exit::NotFound, format!("the server has no batch {id} any more"));
        let status = status.ok_or_else(gone)?;
        if status.result.is_some() {
            return Ok(status);
        }
        progress.set(status.token_count.and_then(|count| count.try_into().ok()).unwrap_or(0), None);
        tokio::time::sleep(PAUSE).await;
    }
}
