//! A credential request (OpenID for Verifiable Credential Issuance 1.0 §8.2) that was found to be in order, and waits for
//! the authorization server to say what goes into the credential.
//!
//! ```text
//! parsed ──issue──► (deleted)
//!    ├────denied──► (deleted)
//!    └────defer───► deferred ──issue, denied──► (deleted)
//!                     └───defer again──► deferred
//! ```

use placet_base::{RecordNumber, Subject, Timestamp, TokenHash};
use placet_store::{IndexEntry, Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::handle::{Bearer, HandleKind};
use crate::rules::credential::granted::Covered;
use crate::rules::credential::proof::ProvenKeys;
use crate::rules::credential::request::ResponseEncryption;

#[derive(Clone, Serialize, Deserialize)]
pub struct CredentialRequestRecord {
    pub hash: TokenHash,
    /// The access token that it was made with.
    pub token: RecordNumber,
    /// Whom the credential is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The credential configuration.
    pub configuration: String,
    /// Public keys, one for each credential; none for one that is bound to none.
    pub keys: Vec<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<ResponseEncryption>,
    /// It comes later, by a transaction that is called as the request is (§9).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deferred: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchPlace>,
    /// Which of the places it has that its token has for requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<usize>,
    /// The credential shows the certificate of its issuer's key, as the profile of the request demands.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub certified: bool,
    pub expires_at: Timestamp,
}

/// One of several requests that are answered together (draft 13 §8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPlace {
    /// The number of the first.
    pub first: RecordNumber,
    pub position: usize,
    pub size: usize,
}

/// Where a request came from, and how long it waits.
pub struct Waiting {
    pub hash: TokenHash,
    pub token: RecordNumber,
    pub subject: Option<Subject>,
    pub encryption: Option<ResponseEncryption>,
    pub batch: Option<BatchPlace>,
    pub place: usize,
    pub certified: bool,
    pub expires_at: Timestamp,
}

impl CredentialRequestRecord {
    pub const OPEN: &'static str = "open";

    /// The name of a place.
    pub fn open(token: RecordNumber, place: usize) -> String {
        format!("{}/{place}", token.0)
    }

    /// A request that the token covers, with keys that the wallet has.
    pub fn new(request: &Covered<'_>, keys: &ProvenKeys, waiting: Waiting) -> Self {
        let Waiting { hash, token, subject, encryption, batch, place, certified, expires_at } = waiting;
        Self {
            hash,
            token,
            subject,
            configuration: request.name.to_owned(),
            keys: keys.documents(),
            encryption,
            deferred: false,
            batch,
            place: Some(place),
            certified,
            expires_at,
        }
    }

    /// The credential comes later, until then at most.
    pub fn deferred(self, until: Timestamp) -> Self {
        Self { deferred: true, expires_at: until, ..self }
    }
}

impl Bearer for CredentialRequestRecord {
    type Kind = ();

    fn tag((): ()) -> HandleKind {
        HandleKind::CredentialRequest
    }

    fn hash(&self, (): ()) -> Option<TokenHash> {
        Some(self.hash)
    }
}

impl Record for CredentialRequestRecord {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("credential_request");

    fn indexes(&self) -> Vec<IndexEntry> {
        let named =
            |place| IndexEntry { name: Self::OPEN, value: Self::open(self.token, place), unique: true };
        self.place.map(named).into_iter().collect()
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
