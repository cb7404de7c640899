//! The user behind a `sub` that is not the subject itself: a pairwise one, or one that the authorization server
//! has chosen. It comes back from clients, in hints and requests, and cannot be computed backwards.

use data_encoding::BASE64URL_NOPAD;
use placet_base::{RecordNumber, Subject, Timestamp};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};

use super::used_jti::UsedJti;
use crate::tenant::Client;

#[derive(Serialize, Deserialize)]
pub struct SubMapping {
    pub mark: String,
    pub subject: Subject,
}

impl SubMapping {
    pub const MARK: &'static str = "mark";

    /// What `sub` means to the client: the same to all of its sector.
    pub fn mark(client: &Client, sub: &str) -> String {
        let own = client.id.to_string();
        let whom = client.sector.as_deref().map_or(["client", &own], |sector| ["sector", sector]);
        BASE64URL_NOPAD.encode(&UsedJti::digest(&[whom[0], whom[1], sub]))
    }
}

impl Record for SubMapping {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("known_as");

    fn indexes(&self) -> Vec<IndexEntry> {
        vec![IndexEntry { name: Self::MARK, value: self.mark.clone(), unique: true }]
    }

    /// It means the same for ever: ID tokens that have expired are hints still.
    fn expires_at(&self) -> Option<Timestamp> {
        None
    }
}
