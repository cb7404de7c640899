//! The authorization endpoint.

pub mod fail;
pub mod issue;
pub mod reply;
pub mod request;
pub mod ticket;

use placet_api::Reason;

use crate::fault::Fault;
use crate::rules::redirect_uri::Destination;

/// How an authorization request is refused. What is refused with `?` alone is shown; to send it takes a
/// [`Destination`], which only a verified redirect URI becomes.
pub enum Refusal {
    Show(Fault),
    Send(Box<Destination>, Fault, Option<String>),
}

impl Refusal {
    pub fn fault(&self) -> &Fault {
        match self {
            Self::Show(fault) | Self::Send(_, fault, _) => fault,
        }
    }
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Show(fault)
    }
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Show(reason.into())
    }
}

impl From<crate::run::Broken> for Refusal {
    fn from(broken: crate::run::Broken) -> Self {
        Self::Show(broken.into())
    }
}

impl Destination {
    /// A refusal that travels here.
    pub fn refuse(&self, fault: impl Into<Fault>) -> Refusal {
        Refusal::Send(Box::new(self.clone()), fault.into(), None)
    }
}
