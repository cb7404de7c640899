//! `placet completion` and `placet man`: made of the description of the commands that clap has.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::exit::{Done, Failure};

/// Print what makes a shell complete commands.
#[derive(Args)]
pub struct Completion {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// Write the manual's pages to a folder.
#[derive(Args)]
pub struct Man {
    /// The folder, which is made where it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn completion(completion: &Completion, mut program: Command) -> Done {
    let name = program.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(completion.shell, &mut program, name, &mut script);
    crate::output::put(&String::from_utf8_lossy(&script))
}

pub(crate) fn man(man: &Man, program: Command) -> Done {
    let failed = |e: std::io::Error| Failure::failed(format!("{}: {e}", man.folder.display()));
    std::fs::create_dir_all(&man.folder).map_err(failed)?;
    clap_mangen::generate_to(program, &man.folder).map_err(failed)
}
