//! Records that hold a text which is sealed by itself, for whoever replaces the key that it is sealed with.

use placet_base::ServiceId;
use placet_store::{Key, Record, RecordId, Resealed, Seal, SealError, Sealed, decode, encode};

use super::backchannel::Backchannel;
use super::client::ClientRecord;
use super::service::ServiceRecord;
use super::ticket::Ticket;
use super::token::Token;

/// A record with such a text.
pub(crate) trait HoldsSealed: Record {
    /// The text, if it has one now, and the place that it is sealed for.
    fn sealed(&mut self, service: ServiceId, id: &Self::Id) -> Option<(String, &mut Sealed)>;
}

/// What [`placet_store::Texts`] wants to know, of every kind of record.
pub(crate) fn resealed(
    key: &Key,
    body: &[u8],
    seal: &Seal,
    nonce: [u8; 12],
) -> Result<Option<Resealed>, SealError> {
    match key.kind {
        kind if kind == ServiceRecord::KIND => anew::<ServiceRecord>(key, body, seal, nonce),
        kind if kind == ClientRecord::KIND => anew::<ClientRecord>(key, body, seal, nonce),
        kind if kind == Ticket::KIND => anew::<Ticket>(key, body, seal, nonce),
        kind if kind == Token::KIND => anew::<Token>(key, body, seal, nonce),
        kind if kind == Backchannel::KIND => anew::<Backchannel>(key, body, seal, nonce),
        _ => Ok(None),
    }
}

fn anew<T: HoldsSealed>(
    key: &Key,
    body: &[u8],
    seal: &Seal,
    nonce: [u8; 12],
) -> Result<Option<Resealed>, SealError> {
    let mut record = decode::<T>(body).map_err(|_| SealError)?;
    let id = T::Id::from_id(&key.id).ok_or(SealError)?;
    let Some((place, sealed)) = record.sealed(ServiceId(key.service), &id) else { return Ok(None) };
    if sealed.key() == Some(seal.present()) {
        return Ok(None);
    }
    let text = seal.open(sealed, &place)?;
    *sealed = seal.seal(text.expose(), &place, nonce)?;
    let body = encode(&*record).map_err(|_| SealError)?;
    Ok(Some(Resealed { body, indexes: record.indexes() }))
}
