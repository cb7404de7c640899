//! A credential offer (OpenID for Verifiable Credential Issuance 1.0 §4.1).
//!
//! ```text
//! open{failures} ──redeem──► redeemed
//!       │  └─wrong transaction code─► open{failures + 1}
//!       └─too many──────────────────► void
//! ```
//!
//! What it says is shown until it expires, also when its pre-authorized code was used: a wallet may load an offer twice.

use placet_base::{RecordNumber, Subject, Timestamp, TokenHash};
use placet_store::{Kind, Record};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::budgets::WRONG_TRANSACTION_CODES;
use crate::handle::{Bearer, Handle, HandleKind};
use crate::records::property::Properties;
use crate::rules::credential::offer::TransactionCode;

#[derive(Clone, Serialize, Deserialize)]
pub struct CredentialOffer {
    /// What the offer is found by. These values stand in the offer that anybody with its URI reads.
    pub identifier: String,
    /// The authorization code grant is named; with what the authorization request says where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_code: Option<AuthorizationCodeGrant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_authorized: Option<PreAuthorizedGrant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// `credential_configuration_ids`
    pub configurations: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    #[serde(default, skip_serializing_if = "Properties::is_empty")]
    pub properties: Properties,
    /// Further claims of JWT access tokens.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub jwt_claims: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    pub expires_at: Timestamp,
}

/// §4.1.1, `authorization_code`.
#[derive(Clone, Serialize, Deserialize)]
pub struct AuthorizationCodeGrant {
    pub issuer_state: Option<String>,
}

/// §4.1.1, `urn:ietf:params:oauth:grant-type:pre-authorized_code`.
#[derive(Clone, Serialize, Deserialize)]
pub struct PreAuthorizedGrant {
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_code: Option<TransactionCode>,
    pub state: State,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Open { failures: u8 },
    Void,
    Redeemed,
}

/// Which of the values of an offer is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferValue {
    Identifier,
    IssuerState,
    PreAuthorizedCode,
}

impl PreAuthorizedGrant {
    /// The grant after a wrong transaction code (§6.1: nobody tries them all).
    fn failed(self) -> Self {
        let state = match self.state {
            State::Open { failures } if usize::from(failures) < WRONG_TRANSACTION_CODES => {
                State::Open { failures: failures + 1 }
            }
            State::Open { .. } | State::Void => State::Void,
            State::Redeemed => State::Redeemed,
        };
        Self { state, ..self }
    }
}

impl CredentialOffer {
    /// The offer after a wrong transaction code.
    pub fn failed(self) -> Self {
        Self { pre_authorized: self.pre_authorized.map(PreAuthorizedGrant::failed), ..self }
    }

    /// The offer after its pre-authorized code was redeemed.
    pub fn redeemed(self) -> Self {
        let redeemed = |grant| PreAuthorizedGrant { state: State::Redeemed, ..grant };
        Self { pre_authorized: self.pre_authorized.map(redeemed), ..self }
    }
}

impl Bearer for CredentialOffer {
    type Kind = OfferValue;

    fn tag(kind: OfferValue) -> HandleKind {
        match kind {
            OfferValue::Identifier => HandleKind::CredentialOffer,
            OfferValue::IssuerState => HandleKind::IssuerState,
            OfferValue::PreAuthorizedCode => HandleKind::PreAuthorizedCode,
        }
    }

    fn hash(&self, kind: OfferValue) -> Option<TokenHash> {
        let value = match kind {
            OfferValue::Identifier => Some(&self.identifier),
            OfferValue::IssuerState => {
                self.authorization_code.as_ref().and_then(|grant| grant.issuer_state.as_ref())
            }
            OfferValue::PreAuthorizedCode => self.pre_authorized.as_ref().map(|grant| &grant.code),
        };
        value.map(|value| Handle::hash_of(value))
    }
}

impl Record for CredentialOffer {
    type Id = RecordNumber;
    const KIND: Kind = Kind::log("credential_offer");

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}
