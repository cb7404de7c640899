//! How an authorization request is refused.

use std::sync::Arc;

use placet_api::Reason;

use crate::fault::Fault;
use crate::mint::authorization_response::Delivery;
use crate::rules::redirect_uri::Destination;
use crate::tenant::Client;

/// How an authorization request is refused. What is refused with `?` alone is shown; to send it takes a
/// [`Destination`], which only a verified redirect URI becomes.
pub enum Refusal {
    Show(Fault),
    Send(Box<ErrorDelivery>),
    /// On its way.
    Sent(Delivery, Fault),
}

/// A refusal that travels, and all that its envelope takes.
pub struct ErrorDelivery {
    pub destination: Destination,
    pub client: Arc<Client>,
    pub alias_used: bool,
    pub fault: Fault,
}

impl Refusal {
    pub fn fault(&self) -> &Fault {
        match self {
            Self::Show(fault) | Self::Sent(_, fault) => fault,
            Self::Send(sending) => &sending.fault,
        }
    }

    /// A refusal that travels to `destination`.
    pub fn send(
        destination: &Destination,
        client: &Arc<Client>,
        alias_used: bool,
        fault: impl Into<Fault>,
    ) -> Self {
        let (destination, client) = (destination.clone(), client.clone());
        let fault = fault.into();
        Self::Send(Box::new(ErrorDelivery { destination, client, alias_used, fault }))
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
