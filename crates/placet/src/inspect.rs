//! `placet inspect`: one record of the store, as a text.

use std::path::PathBuf;

use clap::Args;
use placet_server::config::{Config, environment};
use placet_server::serve::open;
use placet_store::{Id, Key, Kind, tree};
use serde_json::json;

/// Which record.
#[derive(Args)]
pub(crate) struct Inspect {
    /// The configuration file of the server; environment variables go over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The service that the record belongs to; 0 for services themselves, organizations and tokens of the API.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    service: i64,
    /// The kind of the record, such as service, client, token, code.
    kind: String,
    /// Its number or name.
    id: String,
}

/// # Errors
///
/// When the store cannot be opened, and when it has no such record.
pub(crate) fn run(arguments: &Inspect) -> Result<(), Vec<String>> {
    let config = Config::load(arguments.config.as_deref(), environment())?;
    let opened = crate::at_once(open(&config))?.map_err(crate::one)?;
    for key in keys(arguments) {
        let row = crate::at_once(opened.api.engine().stored(&key))?.map_err(|e| vec![e.to_string()])?;
        if let Some(row) = row {
            let (format, record) = tree(&row.body).map_err(|e| vec![e])?;
            println!("{:#}", json!({ "version": row.version, "format": format, "record": record }));
            return Ok(());
        }
    }
    Err(vec![format!("there is no {} {} of service {}", arguments.kind, arguments.id, arguments.service)])
}

/// Where the record may lie: whoever asks knows its name, and not how rows of its kind are laid out.
fn keys(arguments: &Inspect) -> Vec<Key> {
    // One for the life of the command.
    let kind: &'static str = Box::leak(arguments.kind.clone().into_boxed_str());
    let key = |kind, id| Key { kind, service: arguments.service, id };
    let named = key(Kind::catalogue(kind), Id::Name(arguments.id.clone()));
    match arguments.id.parse() {
        Ok(number) => {
            let numbered = |kind| key(kind, Id::Number(number));
            vec![numbered(Kind::log(kind)), numbered(Kind::catalogue(kind)), named]
        }
        Err(_) => vec![named],
    }
}
