//! `placet credential`: says through the API of a running server which credentials count (Token Status List), and which do not.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use placet_base::ServiceId;
use placet_sdk::VciStatusUpdateDecision as Decision;
use placet_sdk::types::{CredentialStatus, VciStatusUpdateRequest};
use placet_sdk::{Client, HttpTransport, Secret};
use placet_server::listen::runtime;

use crate::audit_log::token;

#[derive(Args)]
pub(crate) struct Credential {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// From now on they never count again.
    Revoke(Which),
    /// They do not count for now.
    Suspend(Which),
    /// They count again, if they were suspended.
    Restore(Which),
}

/// One credential, or all of a user.
#[derive(Args)]
struct Which {
    /// A file with the credential, as it was issued; - for standard input.
    #[arg(value_name = "FILE", conflicts_with_all = ["list", "subject"])]
    file: Option<PathBuf>,
    /// The URI of its status list, with --index.
    #[arg(long, value_name = "URI", requires = "index", conflicts_with = "subject")]
    list: Option<String>,
    /// Its index there.
    #[arg(long, requires = "list")]
    index: Option<i64>,
    /// The user whose credentials are meant.
    #[arg(long, required_unless_present_any = ["file", "list"])]
    subject: Option<String>,
    /// The service that has issued them.
    #[arg(long, value_name = "ID")]
    service: i64,
    /// Where the server is.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7400")]
    url: String,
    /// A file with a token that may use the service [default: the environment variable PLACET_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

pub(crate) fn run(arguments: Credential) -> Result<(), String> {
    let (which, status) = match arguments.command {
        Command::Revoke(which) => (which, CredentialStatus::Invalid),
        Command::Suspend(which) => (which, CredentialStatus::Suspended),
        Command::Restore(which) => (which, CredentialStatus::Valid),
    };
    let request = VciStatusUpdateRequest {
        status: Some(status),
        credential: which.file.as_deref().map(read).transpose()?,
        status_list_uri: which.list.clone(),
        status_list_index: which.index,
        subject: which.subject.clone(),
        cursor: None,
    };
    let runtime = runtime().map_err(|e| e.to_string())?;
    let count = runtime.block_on(updated(&which, request))?;
    println!("{count} credentials have another status than before");
    Ok(())
}

fn read(file: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => io::stdin().read_to_string(&mut text).map(|_| text),
        false => fs::read_to_string(file),
    };
    read.map(|text| text.trim().to_owned()).map_err(|e| format!("{}: {e}", file.display()))
}

/// How many have another status than before, however many calls that takes.
async fn updated(which: &Which, mut request: VciStatusUpdateRequest) -> Result<i32, String> {
    let transport = HttpTransport::new(&which.url).map_err(|e| format!("--url: {e}"))?;
    let api = Client::new(transport, Secret::new(token(which.token_file.as_deref())?));
    let api = api.for_service(ServiceId(which.service));
    let mut count = 0;
    loop {
        match api.vci_status_update(request.clone()).await.map_err(|e| e.to_string())? {
            Decision::Ok(answer) => {
                count += answer.body.count.unwrap_or_default();
                request.cursor = answer.body.cursor;
            }
            Decision::BadRequest(content)
            | Decision::Forbidden(content)
            | Decision::NotFound(content)
            | Decision::InternalServerError(content) => {
                return Err(content.result_message.unwrap_or_default());
            }
            Decision::Unknown(_) => return Err("the server answers as a newer one does".to_owned()),
        }
        if request.cursor.is_none() {
            return Ok(count);
        }
    }
}
