//! The authorization endpoint.

pub mod fail;
pub mod issue;
pub mod reply;
pub mod request;
pub mod ticket;

use std::sync::Arc;

use placet_api::Reason;
use placet_store::{Id, Loaded};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::authorization_response::Delivery;
use crate::records::pushed::Pushed;
use crate::records::ticket::Ticket;
use crate::rules::redirect_uri::Destination;
use crate::tenant::Client;

/// A request that waits for its answer, and the pushed request that it came from.
pub struct Waiting {
    pub ticket: Loaded<Ticket>,
    pushed: Option<Loaded<Pushed>>,
}

impl Waiting {
    /// RFC 9126 §7.3: the answer to one visit of a pushed request ends all its tickets.
    pub async fn find(cx: &Cx<'_>, ticket: &str) -> Result<Option<Self>, Fault> {
        let Some(ticket) = cx.ticket::<Ticket>(ticket).await? else { return Ok(None) };
        let Some(number) = ticket.pushed else { return Ok(Some(Self { ticket, pushed: None })) };
        let pushed = cx.read.get::<Pushed>(Id::Number(number.0)).await?;
        Ok(pushed.map(|pushed| Self { ticket, pushed: Some(pushed) }))
    }

    /// Both are used up.
    pub fn end(self, cx: &mut Cx<'_>) {
        cx.write.delete(self.ticket);
        if let Some(pushed) = self.pushed {
            cx.write.delete(pushed);
        }
    }
}

/// How an authorization request is refused. What is refused with `?` alone is shown; to send it takes a
/// [`Destination`], which only a verified redirect URI becomes.
pub enum Refusal {
    Show(Fault),
    Send(Box<Sending>),
    /// On its way.
    Sent(Delivery, Fault),
}

/// A refusal that travels, and all that its envelope takes.
pub struct Sending {
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
        Self::Send(Box::new(Sending { destination, client, alias_used, fault }))
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
