//! `placet backup` and `placet restore`: the store of a directory in one file, and back.

use std::path::{Path, PathBuf};

use clap::Args;
use placet_cli::Progress;
use placet_server::config::{Config, environment};
use placet_store_sqlite::Sqlite;

/// Where to.
#[derive(Args)]
pub(crate) struct Backup {
    /// The configuration file of the server; environment variables go over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The file to write. It must not be there.
    to: PathBuf,
}

/// From where.
#[derive(Args)]
pub(crate) struct Restore {
    /// The configuration file of the server; environment variables go over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The file that `placet backup` has written.
    from: PathBuf,
}

/// # Errors
///
/// When there is no store, or the file cannot be written.
pub(crate) fn back_up(arguments: &Backup) -> Result<(), String> {
    let store = store(&config(arguments.config.as_deref())?)?;
    let waiting = Progress::waiting("writing the store to the file");
    let bytes = Sqlite::back_up(&store, &arguments.to).map_err(|e| e.to_string())?;
    drop(waiting);
    println!("{} bytes are in {}; the master key is not among them", bytes, arguments.to.display());
    Ok(())
}

/// # Errors
///
/// When there is a store already, its key is not there, or the file is none that can be served.
pub(crate) fn restore(arguments: &Restore) -> Result<(), String> {
    let config = config(arguments.config.as_deref())?;
    let (store, is_default) = (store(&config)?, config.master_key.is_default());
    let key = store.with_file_name("master.key");
    if is_default && !key.exists() {
        return Err(format!("{}: put the key there first that the store was made with", key.display()));
    }
    let waiting = Progress::waiting("looking the file through, and putting it in its place");
    Sqlite::restore(&store, &arguments.from).map_err(|e| e.to_string())?;
    drop(waiting);
    println!("{} is what it was; tokens that have been revoked since work again", store.display());
    Ok(())
}

fn config(path: Option<&Path>) -> Result<Config, String> {
    Config::load(path, environment()).map_err(|problems| problems.join("\n"))
}

/// The file of the store.
fn store(config: &Config) -> Result<PathBuf, String> {
    match config.postgres {
        Some(_) => Err("the store is a database; back it up with its own tools".to_owned()),
        None => Ok(config.directory.join("placet.db")),
    }
}
