//! A pushed authorization request (RFC 9126): verified, waiting to be used once.
//!
//! ```text
//! waiting ──used at the authorization endpoint──► (deleted)
//! ```

use placet_base::{ClientId, Timestamp, TokenHash};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};

use crate::mint::handle::{Bearer, Tag};
use crate::rules::jar::Provenance;
use crate::rules::params::Params;

#[derive(Serialize, Deserialize)]
pub struct Pushed {
    pub hash: TokenHash,
    pub client: ClientId,
    pub params: Params,
    pub provenance: Provenance,
    pub payload: Option<String>,
    /// The DPoP key that the request was proven with.
    pub jkt: Option<String>,
    pub expires_at: Timestamp,
}

impl Bearer for Pushed {
    type Kind = ();

    fn tag((): ()) -> Tag {
        Tag::Pushed
    }

    fn hash(&self, (): ()) -> Option<TokenHash> {
        Some(self.hash)
    }
}

impl Record for Pushed {
    const KIND: Kind = Kind::log("pushed");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
