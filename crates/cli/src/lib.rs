//! The commands of `placet` that talk to a running server. They stand on the SDK, as any customer does: what they need
//! and the API lacks is lacking to everybody.

#![warn(missing_docs)]

mod any_call;
mod api_token;
mod bundle;
mod change;
mod client;
mod completion;
pub mod confirm;
pub mod connection;
mod doctor;
pub mod document;
mod edit;
mod env;
pub mod exit;
mod explain;
mod flow;
mod grant;
mod http;
mod keys;
mod lint;
mod login;
mod mcp;
mod members;
mod organization;
pub mod output;
mod profile;
mod profiles;
pub mod progress;
mod scope;
mod secrets;
mod service;
mod surroundings;
mod tail;
mod templates;
mod token;
pub mod yaml;

use std::process::ExitCode;

use clap::Subcommand;

pub use bundle::{Moving, move_in};
pub use confirm::Confirmation;
pub use connection::{Api, Connection, Target};
pub use exit::{Done, Exit, Failure};
pub use output::Output;
pub use progress::Progress;
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
    /// Services: list, make, change, compare, delete.
    Service(service::Service),
    /// Clients of a service: list, make, change, compare, lock, delete.
    Client(client::Client),
    /// Keys of a service: list, make, replace, take over, take away.
    Key(keys::Keys),
    /// Scopes of a service.
    Scope(scope::Scope),
    /// Tokens that a service has issued: make, ask about, decode, list, take away.
    Token(token::Token),
    /// What users have granted to clients.
    Grant(grant::Grant),
    /// What a token reaches.
    Org(organization::Org),
    /// Members of the organization: list, invite, give a role, remove.
    Member(organization::Member),
    /// Tokens for the API itself: make, list, replace, take away.
    ApiToken(api_token::ApiToken),
    /// Print the configuration of a client of the API.
    Env(env::Env),
    /// See whether server and service are in order; exit code 7 when something is not.
    Doctor(doctor::Doctor),
    /// Say what of a service and its clients is doubtful; exit code 7 when anything.
    Lint(lint::Lint),
    /// Go through a flow with the authorization server of a service, and show each request and answer.
    Flow(Box<flow::Flow>),
    /// Show what the service is asked, as it happens.
    Tail(tail::Tail),
    /// Say what a result code means.
    Explain(explain::Explain),
    /// The API as tools of the Model Context Protocol.
    Mcp(mcp::Mcp),
    /// Print what makes a shell complete commands.
    Completion(completion::Completion),
    /// Write the manual's pages to a folder.
    Man(completion::Man),
}

/// Carries a command out. `program`: the whole of which these commands are a part.
pub fn run(command: Command, surroundings: &Surroundings, program: clap::Command) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(carried_out(command, surroundings, program)),
        Err(e) => Err(Failure::from(e)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(),
    }
}

async fn carried_out(command: Command, surroundings: &Surroundings, program: clap::Command) -> Done {
    match command {
        Command::Login(login) => login::login(&login, surroundings).await,
        Command::Logout(logout) => login::logout(&logout, surroundings),
        Command::Export(export) => bundle::export(&export, surroundings).await,
        Command::Import(import) => bundle::import(&import, surroundings).await,
        Command::Diff(diff) => bundle::diff(&diff, surroundings).await,
        Command::Apply(apply) => bundle::apply(&apply, surroundings).await,
        Command::Service(service) => service::run(service, surroundings).await,
        Command::Client(client) => client::run(client, surroundings).await,
        Command::Key(keys) => keys::run(keys, surroundings).await,
        Command::Scope(scope) => scope::run(scope, surroundings).await,
        Command::Token(token) => token::run(token, surroundings).await,
        Command::Grant(grant) => grant::run(grant, surroundings).await,
        Command::Org(org) => organization::org(org, surroundings).await,
        Command::Member(member) => organization::member(member, surroundings).await,
        Command::ApiToken(token) => api_token::run(token, surroundings).await,
        Command::Env(env) => env::run(&env, surroundings),
        Command::Doctor(doctor) => doctor::run(&doctor, surroundings).await,
        Command::Lint(lint) => lint::lint_command(lint, surroundings).await,
        Command::Mcp(mcp) => mcp::run(mcp, surroundings).await,
        Command::Flow(flow) => flow::run(*flow, surroundings).await,
        Command::Tail(tail) => tail::run(&tail, surroundings).await,
        Command::Explain(explain) => explain::run(&explain),
        Command::Completion(completion) => completion::completion(&completion, program),
        Command::Man(man) => completion::man(&man, program),
    }
}
