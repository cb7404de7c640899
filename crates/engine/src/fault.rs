//! A refusal of a protocol message.

use placet_api::{CallError, Kind, OAuthError, Reason};
use placet_store::Unavailable;

use crate::run::Broken;

/// Why an OAuth client's message is refused, or cannot be answered. The wire sees the reason only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub reason: Reason,
    /// For the operator's log; never serialised.
    pub source: Option<String>,
    /// What the authorization server has said, for the client to read in place of our own words.
    pub words: Option<Box<ErrorText>>,
}

/// `error_description` and `error_uri` in the words of the authorization server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorText {
    pub description: Option<String>,
    pub uri: Option<String>,
}

impl Fault {
    /// The server cannot answer, and `source` says why.
    pub fn server(source: impl ToString) -> Self {
        Self::caused_by(Reason::ServerFailed {}, source)
    }

    /// A refusal, and what stands behind it for the operator.
    pub fn caused_by(reason: Reason, source: impl ToString) -> Self {
        Self { reason, source: Some(source.to_string()), words: None }
    }

    /// A refusal in the words of the authorization server, where it has said any.
    pub fn with_error_text(reason: Reason, words: ErrorText) -> Self {
        Self { reason, source: None, words: Some(Box::new(words)) }
    }

    /// Whether the same request may be answered a little later, when the caller of the API makes it again.
    pub fn is_passing(&self) -> bool {
        self.reason.kind() == Kind::Http(503)
    }

    /// The error for the OAuth client.
    pub fn error(&self) -> OAuthError {
        match self.reason.kind() {
            Kind::Oauth(error) => error,
            Kind::Success | Kind::Http(_) => OAuthError::ServerError,
        }
    }
}

impl From<Reason> for Fault {
    fn from(reason: Reason) -> Self {
        Self { reason, source: None, words: None }
    }
}

/// What the store cannot answer now is no answer of the protocol: the client has made no mistake, and whoever calls the
/// API can call again.
fn reason(unavailable: &Unavailable) -> Option<Reason> {
    match unavailable {
        Unavailable::Away(_) => Some(Reason::StoreAway {}),
        Unavailable::Busy(_) => Some(Reason::ServerBusy {}),
        Unavailable::Defect(_) => None,
    }
}

impl From<Unavailable> for Fault {
    fn from(unavailable: Unavailable) -> Self {
        Self::caused_by(reason(&unavailable).unwrap_or(Reason::ServerFailed {}), unavailable)
    }
}

/// A management call that the store has not answered.
pub fn unanswered(unavailable: Unavailable) -> CallError {
    Fault::from(unavailable).into()
}

/// A fault of the server, met while a management call is answered.
impl From<Fault> for CallError {
    fn from(fault: Fault) -> Self {
        if let Kind::Http(_) = fault.reason.kind() {
            return Self { reason: fault.reason, source: fault.source };
        }
        match fault.source {
            Some(source) => Self::internal(source),
            None => Self::internal(fault.reason.result_message()),
        }
    }
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Unavailable(unavailable) => unavailable.into(),
            // Others are at the same records, and that passes.
            Broken::Contended => Self::caused_by(Reason::ServerBusy {}, broken),
            Broken::Defect(_) => Self::server(broken),
        }
    }
}

impl From<Broken> for CallError {
    fn from(broken: Broken) -> Self {
        Fault::from(broken).into()
    }
}
