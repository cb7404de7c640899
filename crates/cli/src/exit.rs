//! How a command ends: exit codes that scripts may count on, and what is said beside them.

use std::process::ExitCode;

use placet_sdk::Error;

use crate::output::clean;

/// Why a command did not do what it was asked. The numbers are documented in `docs/cli.md`, and stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Something here: a file that cannot be read, an answer that makes no sense.
    Failed = 1,
    /// The command line is wrong, or lacks something.
    Usage = 2,
    /// The API refuses the call.
    Refused = 3,
    /// The server was not reached, or cannot answer now; the same call may succeed later.
    Unreachable = 4,
    /// What was named is not there.
    NotFound = 5,
    /// Somebody else has changed it meanwhile; nothing was done.
    Changed = 6,
    /// There are differences, or findings.
    Differences = 7,
    /// It was asked whether it should be done, and the answer was no.
    Declined = 8,
}

/// Every exit code with what it says, for documentation.
pub const EXITS: &[(u8, &str)] = &[
    (0, "done; of `diff`, `lint` and `doctor`: nothing found"),
    (Exit::Failed as u8, "something here: a file that cannot be read, an answer that makes no sense"),
    (Exit::Usage as u8, "the command line is wrong, or lacks something"),
    (Exit::Refused as u8, "the API refuses the call"),
    (Exit::Unreachable as u8, "the server was not reached, or cannot answer now"),
    (Exit::NotFound as u8, "what was named is not there"),
    (Exit::Changed as u8, "somebody else has changed it meanwhile; nothing was done"),
    (Exit::Differences as u8, "there are differences, or findings"),
    (Exit::Declined as u8, "it was asked whether to do it, and the answer was no"),
];

/// What went wrong, for whoever has typed the command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// A sentence; empty where everything has been said already.
    pub message: String,
    /// The result code of the API, if it gave one.
    pub code: Option<String>,
}

impl Failure {
    /// With a sentence of one's own.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), code: None }
    }

    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Something here.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The API has refused, and has said why.
    pub fn refused(code: Option<String>, message: Option<String>) -> Self {
        let message = message.unwrap_or_else(|| "refused, and no reason given".to_owned());
        Self { exit: Exit::Refused, message, code }
    }

    /// There is something to be found, and it has been shown.
    pub fn differences() -> Self {
        Self::new(Exit::Differences, "")
    }

    /// Says it on standard error, with where to read on.
    pub fn tell(&self) -> ExitCode {
        if !self.message.is_empty() {
            eprintln!("placet: {}", clean(&self.message));
        }
        if let Some(code) = &self.code {
            eprintln!("placet: `placet explain {}` says more", clean(code));
        }
        ExitCode::from(self.exit as u8)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match &error {
            Error::NoService => {
                return Self::usage("name the service with --service ID, or set PLACET_SERVICE");
            }
            Error::Refused { status: 404, .. } => Exit::NotFound,
            Error::Refused { status: 412, .. } => Exit::Changed,
            error if error.is_temporary() => Exit::Unreachable,
            Error::Refused { .. } => Exit::Refused,
            _ => Exit::Failed,
        };
        let code = match &error {
            Error::Refused { result_code, .. } => result_code.clone(),
            _ => None,
        };
        Self { exit, message: error.to_string(), code }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error.to_string())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// What a command brings.
pub type Done = Result<(), Failure>;
