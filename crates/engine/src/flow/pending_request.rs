//! A request that waits for its answer: its ticket, and where it came from.

use placet_store::Loaded;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::pushed::Pushed;
use crate::records::ticket::Ticket;

/// A request that waits for its answer, and the pushed request that it came from.
pub struct PendingRequest {
    pub ticket: Loaded<Ticket>,
    pushed: Option<Loaded<Pushed>>,
}

impl PendingRequest {
    /// RFC 9126 §7.3: the answer to one visit of a pushed request ends all its tickets.
    pub async fn find(cx: &Cx<'_>, ticket: &str) -> Result<Option<Self>, Fault> {
        let Some(ticket) = cx.ticket::<Ticket>(ticket).await? else { return Ok(None) };
        let Some(number) = ticket.pushed else { return Ok(Some(Self { ticket, pushed: None })) };
        let pushed = cx.read.get::<Pushed>(&number).await?;
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
