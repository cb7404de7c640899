//! What can go wrong with a call.

use serde_json::Value;

use crate::transport::TransportError;

/// Why a call brought no result.
#[derive(Debug)]
pub enum Error {
    /// The operation is about a service, and the client was made without one.
    NoService,
    /// The request cannot be written down.
    Unencodable(String),
    /// There is no response; the repetitions that are safe have been made.
    Transport(TransportError),
    /// The API refuses the call, with this HTTP status and, if it said so, this result code.
    Refused {
        /// 400 to 599.
        status: u16,
        /// `A` and six digits; `docs/result-codes.md` says what each means.
        result_code: Option<String>,
        /// The code and a sentence, for developers.
        result_message: Option<String>,
    },
    /// The answer is not one that this operation has.
    UnexpectedAnswer {
        /// The HTTP status.
        status: u16,
    },
}

impl Error {
    pub(crate) fn refused(status: u16, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |member: &str| body.get(member).and_then(Value::as_str).map(str::to_owned);
        Self::Refused { status, result_code: text("resultCode"), result_message: text("resultMessage") }
    }
}

impl Error {
    /// Whether the same call may succeed later: the API was not reached, is at its limit, or has failed.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Transport(_) => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
            Self::NoService | Self::Unencodable(_) | Self::UnexpectedAnswer { .. } => false,
        }
    }
}

impl From<TransportError> for Error {
    fn from(e: TransportError) -> Self {
        Self::Transport(e)
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoService => f.write_str("the call is about a service, and none was named"),
            Self::Unencodable(e) => write!(f, "the request cannot be written down: {e}"),
            Self::Transport(e) => write!(f, "{e}"),
            Self::Refused { status, result_message, .. } => {
                write!(
                    f,
                    "refused with HTTP {status}: {}",
                    result_message.as_deref().unwrap_or("no reason given")
                )
            }
            Self::UnexpectedAnswer { status } => write!(f, "an unexpected answer with HTTP {status}"),
        }
    }
}

impl std::error::Error for Error {}
