//! `placet` as an operator runs it.

use std::io::Read;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use super::{Connection, Dir};

/// An address that nobody listens on.
pub fn free() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A database of its own; nothing where there is no server, unless there has to be one.
#[expect(clippy::disallowed_methods, reason = "whatever runs the tests says where the server is")]
pub fn database(name: &str) -> Option<String> {
    let Some(server) = std::env::var("POSTGRES_SERVER").ok() else {
        assert!(std::env::var_os("POSTGRES_REQUIRED").is_none(), "POSTGRES_SERVER is not set");
        eprintln!("SKIPPED: no POSTGRES_SERVER; interop/postgres/run sets it");
        return None;
    };
    let name = format!("{name}_{}", std::process::id());
    let made = Command::new("psql").args([&server, "-qc", &format!("CREATE DATABASE {name}")]).status();
    assert!(made.unwrap().success());
    Some(server.replace("dbname=postgres", &format!("dbname={name}")))
}

/// `placet` on a directory and an address.
pub struct At<'a> {
    pub dir: &'a Dir,
    pub listen: String,
    pub extra: Vec<(&'static str, String)>,
}

impl<'a> At<'a> {
    pub fn new(dir: &'a Dir) -> Self {
        Self { dir, listen: free(), extra: Vec::new() }
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.args(arguments).env("PLACET_DIRECTORY", &self.dir.0).env("PLACET_LISTEN", &self.listen);
        command.envs(self.extra.iter().cloned()).stderr(Stdio::null());
        command
    }

    /// The token of a new organization.
    pub fn found(&self) -> String {
        let output = self.command(&["found-organization", "--name", "Example"]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        said.lines().find_map(|line| line.strip_prefix("token ")).unwrap().to_owned()
    }

    pub fn serve(&self) -> Serving {
        let child = self.command(&["serve"]).spawn().unwrap();
        Serving { child, connection: Connection::to(&self.listen) }
    }

    /// A start that fails.
    pub fn refused(&self) -> Output {
        let output = self.command(&["serve"]).stderr(Stdio::piped()).output().unwrap();
        assert!(!output.status.success());
        output
    }
}

pub struct Serving {
    pub child: Child,
    pub connection: Connection,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server whose log is kept.
pub struct Logged(pub Child);

impl Logged {
    pub fn serve(at: &At<'_>) -> Self {
        Self::with(at, &[])
    }

    /// With further arguments.
    pub fn with(at: &At<'_>, arguments: &[&str]) -> Self {
        // A file that is as long as it may be is an error for whoever writes, and no signal that ends the process.
        let run = "trap '' XFSZ; exec \"$0\" serve \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", run, env!("CARGO_BIN_EXE_placet")]).args(arguments);
        let settings = [("PLACET_DIRECTORY", at.dir.0.to_str().unwrap()), ("PLACET_LISTEN", &at.listen)];
        command.envs(settings).envs(at.extra.iter().map(|(name, value)| (*name, value)));
        Self(command.stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Ends it as an operator does, and waits until it has.
    pub fn terminated(&mut self) {
        Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(self.0.wait().unwrap().success());
    }

    /// The lines of the log.
    pub fn ended(mut self) -> Vec<Value> {
        self.0.kill().unwrap();
        let mut log = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        self.0.wait().unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
