//! OpenID for Verifiable Credential Issuance 1.0 §4.1 – credential offers, as wallets and callers of the API read them.

use placet_api::Reason;
use placet_api::types::CredentialOfferInfo;

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::flow::reply::properties;
use crate::records::credential_offer::{CredentialOffer, OfferValue};
use crate::rules::credential::offer::{self, OfferedGrants};
use crate::rules::params::Params;

/// An offer, and how a wallet reads it.
pub struct Offer {
    pub issuer: String,
    pub record: CredentialOffer,
    pub document: String,
}

impl Offer {
    pub fn new(issuer: &str, record: CredentialOffer) -> Self {
        let grants = OfferedGrants {
            authorization_code: record.authorization_code.as_ref().map(|grant| grant.issuer_state.as_deref()),
            pre_authorized: record
                .pre_authorized
                .as_ref()
                .map(|grant| (grant.code.as_str(), grant.transaction_code.as_ref())),
        };
        let document = offer::document(issuer, &record.configurations, &grants).to_string();
        Self { issuer: issuer.to_owned(), record, document }
    }
}

/// The offer with everything that is known of it.
pub fn offer_info(offer: Offer) -> CredentialOfferInfo {
    let Offer { issuer, record, document } = offer;
    let (by_code, ahead) = (record.authorization_code, record.pre_authorized);
    let state = by_code.as_ref().and_then(|grant| grant.issuer_state.clone());
    let transaction_code = ahead.as_ref().and_then(|grant| grant.transaction_code.clone());
    CredentialOfferInfo {
        identifier: Some(record.identifier),
        credential_offer: Some(document),
        credential_issuer: Some(issuer),
        authorization_code_grant_included: Some(by_code.is_some()),
        issuer_state_included: Some(state.is_some()),
        issuer_state: state,
        pre_authorized_code_grant_included: Some(ahead.is_some()),
        pre_authorized_code: ahead.map(|grant| grant.code),
        subject: record.subject.map(|subject| subject.as_str().to_owned()),
        expires_at: Some(record.expires_at.millis()),
        context: record.context,
        properties: properties(&record.properties),
        jwt_at_claims: Some(record.jwt_claims)
            .filter(|claims| !claims.is_empty())
            .map(|claims| serde_json::Value::Object(claims).to_string()),
        auth_time: record.auth_time,
        acr: record.acr,
        credential_configuration_ids: Some(record.configurations),
        tx_code: transaction_code.as_ref().map(|code| code.value.clone()),
        tx_code_input_mode: transaction_code.as_ref().map(|code| code.input_mode.name().to_owned()),
        tx_code_description: transaction_code.and_then(|code| code.description),
    }
}

/// OpenID for Verifiable Credential Issuance 1.0 §5.1.3: the offer whose `issuer_state` an authorization request has, which is good
/// still.
pub async fn named(cx: &Cx<'_>, params: &Params) -> Result<Option<Offer>, Fault> {
    let issuer = cx.tenant.credentials.as_ref().and_then(|issuer| issuer.identifier.as_deref());
    let (Some(issuer), Some(state)) = (issuer, params.one("issuer_state")?) else { return Ok(None) };
    let found = cx.bearer::<CredentialOffer>(OfferValue::IssuerState, state).await?.and_then(Held::present);
    let found =
        found.filter(|offer| !offer.expires_at.is_past(cx.now)).ok_or(Reason::IssuerStateUnknown {})?;
    Ok(Some(Offer::new(issuer, found.into_value())))
}
