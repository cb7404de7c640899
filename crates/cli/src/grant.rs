//! `placet grant`: what users have granted to clients.

mod import;

use clap::{Args, Subcommand};
use placet_sdk::types::{ClientAuthorizationGetListRequest, ClientGrantsDeleteRequest, SubjectRequest};
use serde_json::{Value, json};

use crate::Surroundings;
use crate::confirm::Confirmation;
use crate::connection::{Api, Connection};
use crate::edit;
use crate::exit::{Done, Failure};
use crate::output::{Output, clean};

/// Grants.
#[derive(Args)]
pub struct Grant {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List what a user has granted, client by client.
    List(List),
    /// End what a user has granted to a client, with the tokens that came of it.
    Revoke(Revoke),
    /// Take over what users have agreed to at another server.
    Import(import::Import),
}

#[derive(Args)]
struct List {
    /// The user.
    #[arg(long)]
    subject: String,
}

#[derive(Args)]
struct Revoke {
    /// The user.
    #[arg(long)]
    subject: String,
    /// The client: its id or alias.
    #[arg(long)]
    client: String,
    /// Only the grant of this identifier, which the client manages.
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    grant_id: Option<String>,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: &[(&str, &str)] =
    &[("CLIENT", "clientId"), ("NAME", "clientName"), ("GRANT", "grantId"), ("SCOPES", "scopes")];

pub(crate) async fn run(arguments: Grant, surroundings: &Surroundings) -> Done {
    let (api, output) = (arguments.connection.api(surroundings)?, arguments.output);
    match arguments.command {
        Command::List(list) => output.list(&listed(&api, &list.subject).await?, COLUMNS),
        Command::Revoke(revoke) => revoked(&api, output, &revoke).await,
        Command::Import(import) => import::run(&api, output, &import).await,
    }
}

/// A row for what tokens of each client have, and one for each grant that a client manages.
async fn listed(api: &Api, subject: &str) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    let of_subject = || SubjectRequest { subject: Some(subject.to_owned()) };
    for (client, name) in clients(api, subject).await? {
        let granted = api.client_granted_scopes_get_post(client, of_subject()).await?.body;
        rows.push(json!({ "clientId": client, "clientName": name, "scopes": granted.merged_granted_scopes }));
        for managed in api.client_grants_get(client, of_subject()).await?.body.grants.unwrap_or_default() {
            let scopes = managed.grant.as_ref().and_then(|grant| grant.scopes.as_ref());
            let scopes: Vec<_> =
                scopes.into_iter().flatten().filter_map(|scope| scope.scope.clone()).collect();
            let grant = edit::json(&managed.grant)?;
            rows.push(json!({
                "clientId": client, "clientName": name, "grantId": managed.grant_id, "scopes": scopes, "grant": grant,
            }));
        }
    }
    Ok(rows)
}

/// The clients that a user has granted anything to, by whichever way.
async fn clients(api: &Api, subject: &str) -> Result<Vec<(i64, Option<String>)>, Failure> {
    let mut found: Vec<(i64, Option<String>)> = Vec::new();
    for managed in [false, true] {
        let mut start = 0;
        loop {
            let window = ClientAuthorizationGetListRequest {
                subject: Some(subject.to_owned()),
                developer: None,
                start: Some(start),
                end: Some(start + 100),
            };
            let page = match managed {
                true => api.client_grants_get_list(window).await?.body,
                false => api.client_authorization_get_list_post(window).await?.body,
            };
            let clients = page.clients.unwrap_or_default();
            let seen = clients.is_empty();
            for client in clients {
                let id = client.client_id.unwrap_or_default();
                if !found.iter().any(|(known, _)| *known == id) {
                    found.push((id, client.client_name));
                }
            }
            start += 100;
            if seen || start >= page.total_count.unwrap_or(0) {
                break;
            }
        }
    }
    Ok(found)
}

async fn revoked(api: &Api, output: Output, revoke: &Revoke) -> Done {
    let Revoke { subject, client, .. } = revoke;
    let what = match &revoke.grant_id {
        Some(id) => format!("grant {id} of {subject} to client {client}"),
        None => format!("everything that {subject} has granted to client {client}"),
    };
    let what = clean(&what);
    if !revoke.confirmation.given(&format!("End {what}, with its tokens?"))? {
        return output.say(&format!("would end {what} (--dry-run)"));
    }
    match &revoke.grant_id {
        Some(id) => {
            let request =
                ClientGrantsDeleteRequest { subject: Some(subject.clone()), grant_id: Some(id.clone()) };
            api.client_grants_delete(client, request).await?;
        }
        None => {
            let request = SubjectRequest { subject: Some(subject.clone()) };
            api.client_authorization_delete_post(client, request).await?;
        }
    }
    output.show(&json!({ "subject": subject, "client": client, "grantId": revoke.grant_id }), |_| {
        format!("ended {what}\n")
    })
}
