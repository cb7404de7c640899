//! `placet rekey`: other keys for a store, while it is served.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use placet_server::config::{Config, environment};
use placet_server::listen::runtime;
use placet_server::rekey::{self, Status};
use placet_server::serve::{OpenApi, StartError, open};

#[derive(Args)]
pub(crate) struct Rekey {
    /// The configuration file of the server; environment variables go over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Put the present master key in the place of former ones, and touch no row: one write.
    #[arg(long)]
    master_key_only: bool,
}

/// Between two looks at what the server says, and how often it is looked before it has said anything.
const LOOK: Duration = Duration::from_millis(200);
const PATIENCE: u32 = 50;

/// # Errors
///
/// Why it was not carried through. It may be run again, and goes on where it stopped.
pub(crate) fn run(arguments: &Rekey) -> Result<(), Vec<String>> {
    let config = Config::load(arguments.config.as_deref(), environment())?;
    let all = !arguments.master_key_only;
    if config.postgres.is_none() && !config.directory.join("placet.db").exists() {
        return Err(vec![format!("{}: there is no store yet", config.directory.display())]);
    }
    let runtime = runtime().map_err(|e| vec![e.to_string()])?;
    let done = match runtime.block_on(open(&config)) {
        Ok(OpenApi { api, .. }) => {
            let tell = |text: &str| println!("{text}");
            runtime.block_on(rekey::run((api.engine(), &config), all, &tell)).map_err(|e| vec![e])?
        }
        Err(StartError::InUse(_)) => asked(&config.directory, all)?,
        Err(error) => return Err(crate::one(error)),
    };
    println!("{done}");
    Ok(())
}

/// Has the server do it that has the store open, and waits until it has. It goes on if nobody waits any more.
fn asked(directory: &Path, all: bool) -> Result<String, Vec<String>> {
    rekey::ask(directory, all).map_err(|e| vec![format!("{}: {e}", directory.display())])?;
    println!("the server that has the store open is asked");
    let (mut said, mut silent) = (None, 0);
    loop {
        std::thread::sleep(LOOK);
        let status = rekey::status(directory);
        match &status {
            Some(Status::Done(text)) => return Ok(text.clone()),
            Some(Status::Failed(why)) => return Err(vec![why.clone()]),
            Some(Status::Running(text)) if said != status => println!("{text}"),
            Some(Status::Running(_)) => {}
            None if silent > PATIENCE => {
                return Err(vec![
                    "the process that has the store open does not answer: is it a server?".to_owned(),
                ]);
            }
            None => silent += 1,
        }
        said = status;
    }
}
