//! `placet service`: the services that a token reaches.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use placet_api::documents::ApiDocument;
use placet_api::endpoints::endpoint;
use placet_base::ServiceId;
use placet_sdk::types::{self, ListQuery, NoRequest};
use serde_json::{Value, json};

use crate::Surroundings;
use crate::confirm::Confirmation;
use crate::connection::{Api, Connection};
use crate::edit::{self, Apply, Editor, Patch, Set, Subject, Wanted};
use crate::exit::{Done, Failure};
use crate::lint;
use crate::members::{Document, assigned, read};
use crate::output::Output;
use crate::profiles;

/// Services.
#[derive(Args)]
pub struct Service {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the services that the token reaches.
    List,
    /// Show a service as it is stored.
    Get(Get),
    /// Make a service.
    Create(Create),
    /// Make a service like another, with an id, a secret and keys of its own.
    Clone(Clone),
    /// Change members.
    Set(Set),
    /// Change what a file says (JSON merge patch, RFC 7396).
    Patch(Patch),
    /// Show what a file has otherwise; exit code 7 when anything.
    Diff(Wanted),
    /// Have the service be what a file says; doing it twice changes nothing.
    Apply(Apply),
    /// Delete a service with everything in it.
    Delete(Delete),
    /// Say what of the service and its clients is doubtful; exit code 7 when anything.
    Lint(lint::Options),
    /// Show the profile that the service is under, or put it under one.
    Profile(profiles::Options),
}

#[derive(Args)]
struct Get {
    /// Show secrets and private keys too; otherwise they are masked.
    #[arg(long)]
    show_secrets: bool,
}

#[derive(Args)]
struct Create {
    /// NAME=VALUE, as for `set`.
    #[arg(value_name = "NAME=VALUE", required_unless_present = "file")]
    assignments: Vec<String>,
    /// A file with the document, JSON or YAML; - for standard input.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(Args)]
struct Clone {
    /// The name of the new service.
    #[arg(long)]
    name: String,
    /// NAME=VALUE: what is to be different.
    #[arg(value_name = "NAME=VALUE")]
    assignments: Vec<String>,
}

#[derive(Args)]
struct Delete {
    /// Its id, so that no other is meant.
    #[arg(value_name = "ID")]
    id: i64,
    #[command(flatten)]
    confirmation: Confirmation,
}

const COLUMNS: &[(&str, &str)] = &[("ID", "apiKey"), ("NAME", "serviceName"), ("ISSUER", "issuer")];

pub(crate) async fn run(arguments: Service, surroundings: &Surroundings) -> Done {
    let (api, output) = (arguments.connection.api(surroundings)?, arguments.output);
    let editor = Editor { api: &api, output, surroundings };
    match arguments.command {
        Command::List => output.list(&all(&api).await?, COLUMNS),
        Command::Get(get) => shown(&Subject::Service, editor, get.show_secrets).await,
        Command::Create(create) => created(&api, output, create).await,
        Command::Clone(clone) => cloned(&api, output, clone).await,
        Command::Set(set) => editor.set(&Subject::Service, &set).await,
        Command::Patch(patch) => editor.patch(&Subject::Service, &patch).await,
        Command::Diff(wanted) => editor.diff(&Subject::Service, &wanted).await,
        Command::Apply(apply) => editor.apply(&Subject::Service, &apply).await,
        Command::Delete(delete) => deleted(api, output, &delete).await,
        Command::Lint(options) => lint::run(&options, editor).await,
        Command::Profile(options) => profiles::run(&options, editor).await,
    }
}

/// A document for people and programs.
pub(crate) async fn shown(subject: &Subject, editor: Editor<'_>, secrets: bool) -> Done {
    let current = Value::Object(subject.read(editor.api).await?.members);
    match secrets {
        true => editor.output.members(&current),
        false => editor.output.members(&crate::secrets::masked(&current)),
    }
}

/// Every service, however many calls that takes; without secrets.
pub(crate) async fn all(api: &Api) -> Result<Vec<Value>, Failure> {
    let mut services = Vec::new();
    loop {
        let (start, end) = (services.len(), services.len() + 100);
        let window =
            ListQuery { start: Some(start.to_string()), end: Some(end.to_string()), developer: None };
        let page = api.service_get_list(window).await?;
        let total = page.total_count.and_then(|total| usize::try_from(total).ok()).unwrap_or(0);
        let found = page.body.services.unwrap_or_default();
        let none = found.is_empty();
        for service in &found {
            services.push(crate::secrets::masked(&edit::json(service)?));
        }
        if none || services.len() >= total {
            return Ok(services);
        }
    }
}

async fn created(api: &Api, output: Output, create: Create) -> Done {
    let mut document = match &create.file {
        Some(file) => edit::wanted_document(file)?,
        None => serde_json::Map::new(),
    };
    document.extend(assigned::<types::Service>(&create.assignments)?);
    made(api, output, document).await
}

async fn made(api: &Api, output: Output, mut document: serde_json::Map<String, Value>) -> Done {
    document
        .retain(|name, _| name != types::Service::ID && !types::Service::ASSIGNED.contains(&name.as_str()));
    let document = Value::Object(document);
    read::<types::Service>(&document)?;
    let service: types::Service =
        types::Service::from_members(document).map_err(|e| Failure::usage(e.to_string()))?;
    let made = api.service_create(service).await?;
    let id = made.api_key.unwrap_or_default();
    output.show(&crate::secrets::masked(&edit::json(&made)?), |_| format!("made service {id}\n"))
}

async fn cloned(api: &Api, output: Output, clone: Clone) -> Done {
    let mut document = Subject::Service.read(api).await?.members;
    document.insert("serviceName".to_owned(), clone.name.into());
    // Two services with the same keys could make each other's tokens.
    for keys in ["jwks", "federationJwks", "credentialJwks"] {
        if let Some(text) = document.get(keys).and_then(Value::as_str) {
            let anew = crate::keys::renewed(text)?;
            document.insert(keys.to_owned(), anew.into());
        }
    }
    for name in KEY_IDS {
        document.shift_remove(*name);
    }
    document.extend(assigned::<types::Service>(&clone.assignments)?);
    made(api, output, document).await
}

/// Members that name a key of the service by its id.
const KEY_IDS: &[&str] = &[
    "accessTokenSignatureKeyId",
    "authorizationSignatureKeyId",
    "federationSignatureKeyId",
    "idTokenSignatureKeyId",
    "introspectionSignatureKeyId",
    "resourceSignatureKeyId",
    "userInfoSignatureKeyId",
];

async fn deleted(api: Api, output: Output, delete: &Delete) -> Done {
    let api = api.for_service(ServiceId(delete.id));
    let service = api.service_get().await?;
    let name = crate::output::clean(service.service_name.as_deref().unwrap_or_default());
    output.say(&format!("service {} ({name}) would go, with its clients, tokens and grants", delete.id))?;
    if !delete.confirmation.given_for("Delete it for ever?", &delete.id.to_string())? {
        return output.say("nothing was deleted (--dry-run)");
    }
    let meant = placet_sdk::Answer { version: service.version, ..NoRequest {}.into() };
    api.call::<endpoint::service_delete>((), meant).await?;
    output.show(&json!({ "deleted": delete.id }), |_| format!("deleted service {}\n", delete.id))
}
