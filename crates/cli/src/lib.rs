//! The commands of `placet` that talk to a running server. They stand on the SDK, as any customer does: what they need
//! and the API lacks is lacking to everybody.

#![warn(missing_docs)]

mod bundle;
pub mod confirm;
pub mod connection;
pub mod document;
pub mod exit;
mod login;
pub mod output;
mod profile;
mod surroundings;
pub mod yaml;

use std::process::ExitCode;

use clap::Subcommand;

pub use bundle::{Moving, move_in};
pub use connection::{Api, Connection, Target};
pub use exit::{Done, Exit, Failure};
pub use output::Output;
pub use surroundings::Surroundings;

/// The commands that talk to a running server.
#[derive(Subcommand)]
pub enum Command {
    /// Keep where a server is and a token for it, under a name.
    Login(login::Login),
    /// Forget a profile.
    Logout(login::Logout),
    /// Write a service as a readable file: settings, scopes, clients and public keys.
    Export(Box<bundle::Export>),
    /// Make a service of a file, or put the file over one that is there.
    Import(Box<bundle::Import>),
    /// Show what applying a file would change, and what stands against it.
    Diff(Box<bundle::Diff>),
    /// Change a service as a file says: what was changed since the last time, on one side or the other.
    Apply(Box<bundle::Apply>),
}

/// Carries a command out.
pub fn run(command: Command, surroundings: &Surroundings) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(carried_out(command, surroundings)),
        Err(e) => Err(Failure::from(e)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

async fn carried_out(command: Command, surroundings: &Surroundings) -> Done {
    match command {
        Command::Login(login) => login::login(&login, surroundings).await,
        Command::Logout(logout) => login::logout(&logout, surroundings),
        Command::Export(export) => bundle::export(&export, surroundings).await,
        Command::Import(import) => bundle::import(&import, surroundings).await,
        Command::Diff(diff) => bundle::diff(&diff, surroundings).await,
        Command::Apply(apply) => bundle::apply(&apply, surroundings).await,
    }
}
