//! Ending whatever a client or a user has been given.

use placet_base::{ClientId, Subject};
use placet_store::Loaded;

use crate::budgets::{BULK, REVOKED_AT_ONCE};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::records::client::ClientRecord;

/// Ends all tokens, codes and requests of a client, of a user, or of a user at a client; tells how many
/// tokens that were.
pub async fn revoke(
    cx: &mut Cx<'_>,
    client: Option<ClientId>,
    subject: Option<&Subject>,
) -> Result<usize, Fault> {
    let live = cx.tokens_of(client, subject).await?;
    let count = match live.len() {
        few if few < BULK => few,
        // However many there are, they end; how many are valid among them would have to be found out one by one.
        _ => cx.stored_tokens(client, subject).await?,
    };
    for token in live.into_iter().take(REVOKED_AT_ONCE) {
        cx.write.delete(token.token);
    }
    match (client, subject) {
        (client, Some(subject)) => {
            let owner = cx.owner(subject).await?;
            let below = cx.mark_of_user(owner.as_ref(), client).await?;
            cx.put_owner(subject, owner, |owner| owner.revoked(client, below));
        }
        (Some(client), None) => {
            let record: Option<Loaded<ClientRecord>> = cx.read.get(&client).await?;
            let record = record.ok_or_else(|| Fault::server("the client is gone"))?;
            let below = cx.mark_of_client(record.value().revoked_below());
            let next = record.value().clone().revoked(below);
            cx.write.replace(record, &next);
        }
        (None, None) => {}
    }
    Ok(count)
}
