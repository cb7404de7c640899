//! OpenID for Verifiable Credential Issuance, draft 13 §8 – what a wallet asks for at once

use placet_api::Reason;
use serde_json::Value;

use crate::budgets::CREDENTIAL_REQUESTS;
use crate::fault::Fault;
use crate::rules::credential::request::{CredentialRequest, Opened, ResponseEncryption};
use crate::tenant::credential_issuer::CredentialIssuer;

/// Credential requests that are answered together.
pub struct BatchRequest<'a> {
    /// One or more, in their order.
    pub requests: Vec<CredentialRequest<'a>>,
    /// Of the response, which has all the credentials.
    pub encryption: Option<ResponseEncryption>,
}

impl<'a> BatchRequest<'a> {
    /// `demanded`: the client gets no credential in the clear, whatever the issuer says.
    pub fn parse(opened: &Opened, issuer: &'a CredentialIssuer, demanded: bool) -> Result<Self, Fault> {
        let members = opened.members()?;
        let encryption = ResponseEncryption::read(&members, opened, issuer, demanded)?;
        let all = members.get("credential_requests").and_then(Value::as_array);
        let all = all.filter(|all| !all.is_empty()).ok_or(Reason::CredentialBatchMalformed {})?;
        if all.len() > CREDENTIAL_REQUESTS {
            return Err(Reason::CredentialBatchTooLarge { limit: CREDENTIAL_REQUESTS.to_string() }.into());
        }
        let requests = all.iter().map(|value| one(value, issuer)).collect::<Result<_, _>>()?;
        Ok(Self { requests, encryption })
    }
}

/// One response goes back, encrypted as a whole or not.
fn one<'a>(value: &Value, issuer: &'a CredentialIssuer) -> Result<CredentialRequest<'a>, Fault> {
    let members = value.as_object().ok_or(Reason::CredentialBatchMalformed {})?;
    match members.contains_key("credential_response_encryption") {
        true => Err(Reason::CredentialEncryptionMisplaced {}.into()),
        false => CredentialRequest::of(members.clone(), issuer),
    }
}
