//! `placet credential`: says through the API of a running server which credentials count (Token Status List), and which do not.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use placet_cli::document::read_text;
use placet_cli::{Connection, Done, Failure};
use placet_sdk::VciStatusUpdateDecision as Decision;
use placet_sdk::types::{CredentialStatus, VciStatusUpdateRequest};
use placet_server::listen::runtime;

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
    #[command(flatten)]
    connection: Connection,
}

pub(crate) fn run(arguments: Credential) -> Done {
    let (which, status) = match arguments.command {
        Command::Revoke(which) => (which, CredentialStatus::Invalid),
        Command::Suspend(which) => (which, CredentialStatus::Suspended),
        Command::Restore(which) => (which, CredentialStatus::Valid),
    };
    let request = VciStatusUpdateRequest {
        status: Some(status),
        credential: which.file.as_deref().map(read_text).transpose()?.map(|text| text.trim().to_owned()),
        status_list_uri: which.list.clone(),
        status_list_index: which.index,
        subject: which.subject.clone(),
        cursor: None,
    };
    let runtime = runtime()?;
    let count = runtime.block_on(updated(&which, request))?;
    println!("{count} credentials have another status than before");
    Ok(())
}

/// How many have another status than before, however many calls that takes.
async fn updated(which: &Which, mut request: VciStatusUpdateRequest) -> Result<i32, Failure> {
    let api = which.connection.api(&crate::surroundings())?;
    let mut count = 0;
    loop {
        match api.vci_status_update(request.clone()).await? {
            Decision::Ok(answer) => {
                count += answer.body.count.unwrap_or_default();
                request.cursor = answer.body.cursor;
            }
            Decision::BadRequest(content)
            | Decision::Forbidden(content)
            | Decision::NotFound(content)
            | Decision::InternalServerError(content) => {
                return Err(Failure::refused(content.result_code, content.result_message));
            }
            Decision::Unknown(_) => return Err(Failure::failed("the server answers as a newer one does")),
        }
        if request.cursor.is_none() {
            return Ok(count);
        }
    }
}
