//! Places of clients that federations vouch for. Whoever vouches for as many as it likes takes no place of those for whom others
//! vouch.

use placet_api::Reason;

use crate::budgets::{DISCOVERED_CLIENTS, SUPERIOR_PARTS};
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::discovered_clients::{Room, room_among};
use crate::records::client::ClientRecord;
use crate::rules::federation::Chain;

/// One more client may be known that comes by this chain.
pub struct Place(());

/// Where there is room for a client at all, and for one by this chain: anchors share all places alike, and whom an anchor itself
/// vouches for has a part of its places, however many superiors it puts between itself and its clients.
pub async fn place(cx: &mut Cx<'_>, chain: &Chain, room: Room) -> Result<Place, Fault> {
    let anchors = cx.tenant.federation.as_ref().map_or(1, |federation| federation.anchors.len().max(1));
    let (anchor, of_anchor) = (chain.anchor_id().as_str(), (DISCOVERED_CLIENTS / anchors).max(1));
    let room = match anchors {
        1 => room,
        _ => {
            let among = (ClientRecord::ANCHOR, anchor.to_owned());
            room_among(cx, among, (of_anchor, excessive(anchor, of_anchor)), room).await?
        }
    };
    if let Some(superior) = chain.below_anchor().map(|superior| superior.as_str()) {
        let part = (of_anchor / SUPERIOR_PARTS).max(1);
        let among = (ClientRecord::SUPERIOR, ClientRecord::by_superior(anchor, superior));
        room_among(cx, among, (part, excessive(superior, part)), room).await?;
    }
    Ok(Place(()))
}

fn excessive(superior: &str, limit: usize) -> Reason {
    Reason::SuperiorClientsExcessive { superior: superior.to_owned(), limit: limit.to_string() }
}
