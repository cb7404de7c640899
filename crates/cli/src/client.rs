//! `placet client`: the clients of a service.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use placet_api::documents::ApiDocument;
use placet_api::endpoints::endpoint;
use placet_sdk::ClientPath;
use placet_sdk::types::{self, ClientFlagUpdateRequest, ClientSecretUpdateRequest, ListQuery, NoRequest};
use serde_json::{Map, Value, json};

use crate::Surroundings;
use crate::confirm::Confirmation;
use crate::connection::{Api, Connection, read_token};
use crate::edit::{self, Apply, Editor, Patch, Set, Subject, Wanted};
use crate::exit::{Done, Exit, Failure};
use crate::members::{Document, assigned, read};
use crate::output::Output;
use crate::secrets::masked;
use crate::service::shown;
use crate::templates::Template;

/// Clients.
#[derive(Args)]
pub struct Client {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the clients of the service.
    List(List),
    /// Show a client as it is stored.
    Get(Get),
    /// Make a client, from a template, a file, or both.
    Create(Create),
    /// Change members.
    Set(Named<Set>),
    /// Change what a file says (JSON merge patch, RFC 7396).
    Patch(Named<Patch>),
    /// Show what a file has otherwise; exit code 7 when anything.
    Diff(Named<Wanted>),
    /// Have a client be what a file says, and make it where there is none; doing it twice changes nothing.
    Apply(ApplyOne),
    /// Delete a client with its tokens.
    Delete(Decided),
    /// Lock a client: it is refused everywhere, and its tokens with it.
    Lock(Decided),
    /// Unlock a client.
    Unlock(Decided),
    /// The secret of a client.
    #[command(subcommand)]
    Secret(Secret),
}

#[derive(Args)]
struct List {
    /// Only clients of this developer.
    #[arg(long)]
    developer: Option<String>,
}

#[derive(Args)]
struct Get {
    /// Its id or alias.
    client: String,
    /// Show secrets too; otherwise they are masked.
    #[arg(long)]
    show_secrets: bool,
}

#[derive(Args)]
struct Named<T: Args> {
    /// Its id or alias.
    client: String,
    #[command(flatten)]
    rest: T,
}

#[derive(Args)]
struct Create {
    /// What kind of client it is.
    #[arg(long, value_enum)]
    template: Option<Template>,
    /// Its name.
    #[arg(long)]
    name: Option<String>,
    /// Where browsers bring its answers; may be repeated.
    #[arg(long, value_name = "URI")]
    redirect_uri: Vec<String>,
    /// A file with the document, JSON or YAML; - for standard input.
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// NAME=VALUE, as for `set`.
    #[arg(value_name = "NAME=VALUE")]
    assignments: Vec<String>,
    /// Show what would be made, and make nothing.
    #[arg(long)]
    dry_run: bool,
}

#[derive(Args)]
struct ApplyOne {
    /// Its id or alias [default: clientIdAlias or clientId of the file]
    client: Option<String>,
    #[command(flatten)]
    rest: Apply,
}

#[derive(Args)]
struct Decided {
    /// Its id or alias.
    client: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

#[derive(Subcommand)]
enum Secret {
    /// Give a client another secret; the former one is void at once.
    Rotate(Rotate),
}

#[derive(Args)]
struct Rotate {
    #[command(flatten)]
    decided: Decided,
    /// A file with the secret to take; otherwise the server makes one.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

const COLUMNS: &[(&str, &str)] = &[
    ("ID", "clientId"),
    ("ALIAS", "clientIdAlias"),
    ("NAME", "clientName"),
    ("TYPE", "clientType"),
    ("AUTHENTICATION", "tokenAuthMethod"),
    ("LOCKED", "locked"),
];

pub(crate) async fn run(arguments: Client, surroundings: &Surroundings) -> Done {
    let (api, output) = (arguments.connection.api(surroundings)?, arguments.output);
    let editor = Editor { api: &api, output, surroundings };
    match arguments.command {
        Command::List(list) => listed(&api, output, list).await,
        Command::Get(get) => shown(&Subject::Client(get.client), editor, get.show_secrets).await,
        Command::Create(create) => created(editor, create).await,
        Command::Set(named) => editor.set(&Subject::Client(named.client), &named.rest).await,
        Command::Patch(named) => editor.patch(&Subject::Client(named.client), &named.rest).await,
        Command::Diff(named) => editor.diff(&Subject::Client(named.client), &named.rest).await,
        Command::Apply(apply) => applied(editor, apply).await,
        Command::Delete(decided) => deleted(&api, output, &decided).await,
        Command::Lock(decided) => locked(&api, output, &decided, true).await,
        Command::Unlock(decided) => locked(&api, output, &decided, false).await,
        Command::Secret(Secret::Rotate(rotate)) => rotated(&api, output, &rotate).await,
    }
}

/// Every client as it is stored, however many calls that takes.
pub(crate) async fn all(api: &Api, developer: Option<String>) -> Result<Vec<types::Client>, Failure> {
    let mut clients = Vec::new();
    loop {
        let (start, end) = (clients.len(), clients.len() + 100);
        let window = ListQuery {
            start: Some(start.to_string()),
            end: Some(end.to_string()),
            developer: developer.clone(),
        };
        let page = api.client_get_list(window).await?.body;
        let total = page.total_count.and_then(|total| usize::try_from(total).ok()).unwrap_or(0);
        let found = page.clients.unwrap_or_default();
        let none = found.is_empty();
        clients.extend(found);
        if none || clients.len() >= total {
            return Ok(clients);
        }
    }
}

async fn listed(api: &Api, output: Output, list: List) -> Done {
    output.list(&masked(&edit::json(&all(api, list.developer).await?)?), COLUMNS)
}

async fn created(editor: Editor<'_>, create: Create) -> Done {
    let mut document = create.template.map_or_else(Map::new, Template::document);
    if let Some(file) = &create.file {
        document.extend(edit::wanted_document(file)?);
    }
    if let Some(name) = create.name {
        document.insert("clientName".to_owned(), name.into());
    }
    if !create.redirect_uri.is_empty() {
        document.insert("redirectUris".to_owned(), create.redirect_uri.into());
    }
    document.extend(assigned::<types::Client>(&create.assignments)?);
    if document.is_empty() {
        return Err(Failure::usage("say what client: with --template, --file or NAME=VALUE"));
    }
    if create.dry_run {
        return editor.output.members(&masked(&Value::Object(document)));
    }
    made(editor, document).await
}

async fn made(editor: Editor<'_>, mut document: Map<String, Value>) -> Done {
    document.retain(|name, _| name != types::Client::ID && !types::Client::ASSIGNED.contains(&name.as_str()));
    let document = Value::Object(document);
    read::<types::Client>(&document)?;
    let client: types::Client =
        types::Client::from_members(document).map_err(|e| Failure::usage(e.to_string()))?;
    let made = edit::json(&editor.api.client_create(client).await?)?;
    // The one moment at which whoever makes a client needs its secret; one that is public has no use for it.
    editor.output.show(&made, |made| {
        let secret = made
            .get("clientSecret")
            .filter(|_| made["clientType"] != "PUBLIC")
            .map_or_else(String::new, |secret| format!("secret     {}\n", crate::output::cell(secret)));
        format!("made client\nclient id  {}\n{secret}", crate::output::cell(&made["clientId"]))
    })
}

async fn applied(editor: Editor<'_>, apply: ApplyOne) -> Done {
    let document = edit::wanted_document(&apply.rest.wanted.file)?;
    let named = apply.client.clone().or_else(|| {
        let alias = document.get("clientIdAlias").and_then(Value::as_str).map(str::to_owned);
        alias.or_else(|| Some(document.get("clientId")?.to_string()))
    });
    let named = named.ok_or_else(|| {
        Failure::usage("which client? name it, or have clientIdAlias or clientId in the file")
    })?;
    let subject = Subject::Client(named.clone());
    match subject.read(editor.api).await {
        // The server makes ids: a client that is named by one and is not there is another mistake.
        Err(Failure { exit: Exit::NotFound, .. }) if named.parse::<i64>().is_err() => {
            editor.output.say(&format!("+ client {}", crate::output::clean(&named)))?;
            if !apply.rest.confirmation.given("Make it?")? {
                return editor.output.say("nothing was made (--dry-run)");
            }
            let mut document = document;
            document.insert("clientIdAlias".to_owned(), named.into());
            document.entry("clientIdAliasEnabled").or_insert(Value::Bool(true));
            made(editor, document).await
        }
        Err(failure) => Err(failure),
        Ok(_) => editor.apply_read(&subject, document, &apply.rest).await,
    }
}

async fn deleted(api: &Api, output: Output, decided: &Decided) -> Done {
    let client = api.client_get(&decided.client).await?;
    let name = crate::output::clean(client.client_name.as_deref().unwrap_or_default());
    output.say(&format!("client {} ({name}) would go, with its tokens", decided.client))?;
    if !decided.confirmation.given("Delete it for ever?")? {
        return output.say("nothing was deleted (--dry-run)");
    }
    let meant = placet_sdk::Answer { version: client.version, ..NoRequest {}.into() };
    api.call::<endpoint::client_delete>(ClientPath::from(&decided.client), meant).await?;
    output.show(&json!({ "deleted": decided.client }), |_| format!("deleted client {}\n", decided.client))
}

async fn locked(api: &Api, output: Output, decided: &Decided, locked: bool) -> Done {
    let verb = if locked { "Lock" } else { "Unlock" };
    if !decided.confirmation.given(&format!("{verb} client {}?", decided.client))? {
        return output.say("nothing was changed (--dry-run)");
    }
    let request = ClientFlagUpdateRequest { client_locked: Some(locked) };
    api.client_lock_flag_update(&decided.client, request).await?;
    output.show(&json!({ "client": decided.client, "locked": locked }), |_| {
        format!("client {} is {}\n", decided.client, if locked { "locked" } else { "not locked" })
    })
}

async fn rotated(api: &Api, output: Output, rotate: &Rotate) -> Done {
    let client = &rotate.decided.client;
    if !rotate
        .decided
        .confirmation
        .given(&format!("Give client {client} another secret? The present one is void at once."))?
    {
        return output.say("nothing was changed (--dry-run)");
    }
    let secret = match &rotate.secret_file {
        Some(file) => {
            let request =
                ClientSecretUpdateRequest { client_secret: Some(read_token(file)?.expose().clone()) };
            api.client_secret_update(client, request).await?.body.new_client_secret
        }
        None => api.client_secret_refresh(client).await?.body.new_client_secret,
    };
    let secret = secret.unwrap_or_default();
    output.show(&json!({ "client": client, "clientSecret": secret }), |_| {
        format!("{}\n", crate::output::clean(&secret))
    })
}
