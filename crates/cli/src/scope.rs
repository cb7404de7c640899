//! `placet scope`: the scopes of a service.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use crate::Surroundings;
use crate::confirm::Confirmation;
use crate::connection::Connection;
use crate::edit::{Editor, Subject};
use crate::exit::{Done, Exit, Failure};
use crate::output::Output;

/// Scopes.
#[derive(Args)]
pub struct Scope {
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// List the scopes of the service.
    List,
    /// Add a scope, or change one.
    Add(Add),
    /// Take a scope away.
    Remove(Remove),
}

#[derive(Args)]
struct Add {
    /// Its name.
    name: String,
    /// What users are told that it allows.
    #[arg(long)]
    description: Option<String>,
    /// Assume it where a request names no scope.
    #[arg(long)]
    default: bool,
    /// KEY=VALUE, such as access_token.duration=60; may be repeated.
    #[arg(long = "attribute", value_name = "KEY=VALUE")]
    attributes: Vec<String>,
    #[command(flatten)]
    confirmation: Confirmation,
}

#[derive(Args)]
struct Remove {
    /// Its name.
    name: String,
    #[command(flatten)]
    confirmation: Confirmation,
}

pub(crate) async fn run(arguments: Scope, surroundings: &Surroundings) -> Done {
    let (api, output) = (arguments.connection.api(surroundings)?, arguments.output);
    let editor = Editor { api: &api, output, surroundings };
    let service = Subject::Service.read(&api).await?.members;
    let mut scopes = service.get("supportedScopes").and_then(Value::as_array).cloned().unwrap_or_default();
    let confirmation = match arguments.command {
        Command::List => {
            let columns = [("NAME", "name"), ("DEFAULT", "defaultEntry"), ("DESCRIPTION", "description")];
            return output.list(&scopes, &columns);
        }
        Command::Add(add) => {
            let known = scopes.iter().position(|scope| scope["name"] == add.name.as_str());
            let former = known.map(|at| scopes.remove(at));
            scopes.push(Value::Object(changed(former, &add)?));
            add.confirmation
        }
        Command::Remove(remove) => {
            let before = scopes.len();
            scopes.retain(|scope| scope["name"] != remove.name.as_str());
            if scopes.len() == before {
                let message = format!("the service has no scope {}", remove.name);
                return Err(Failure::new(Exit::NotFound, message));
            }
            remove.confirmation
        }
    };
    let mut patch = Map::new();
    patch.insert("supportedScopes".to_owned(), Value::Array(scopes));
    editor.change(&Subject::Service, patch, confirmation).await
}

/// What was said of the scope before stays, unless it is said anew.
fn changed(former: Option<Value>, add: &Add) -> Result<Map<String, Value>, Failure> {
    let mut scope = former.and_then(|former| former.as_object().cloned()).unwrap_or_default();
    scope.insert("name".to_owned(), add.name.clone().into());
    if let Some(description) = &add.description {
        scope.insert("description".to_owned(), description.clone().into());
    }
    if add.default {
        scope.insert("defaultEntry".to_owned(), true.into());
    }
    for attribute in &add.attributes {
        let (key, value) = attribute
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("{attribute}: expected KEY=VALUE")))?;
        let attributes = scope.entry("attributes").or_insert_with(|| json!([]));
        if let Some(attributes) = attributes.as_array_mut() {
            attributes.retain(|pair| pair["key"] != key);
            attributes.push(json!({ "key": key, "value": value }));
        }
    }
    Ok(scope)
}
