//! OpenID for Verifiable Credential Issuance 1.0 §9.1 – a wallet asks for a credential that was to come later

use placet_api::Reason;
use serde_json::Value;

use crate::fault::Fault;
use crate::rules::credential::request::{Opened, ResponseEncryption};
use crate::tenant::credential_issuer::{CredentialIssuer, Oid4vciVersion};

pub struct DeferredRequest {
    /// `transaction_id`
    pub transaction: String,
    /// How the wallet wants the answer; `None` where what the first request has said goes on.
    pub encryption: Option<Option<ResponseEncryption>>,
}

impl DeferredRequest {
    /// `demanded`: the client gets no credential in the clear, whatever the issuer says.
    pub fn parse(opened: &Opened, issuer: &CredentialIssuer, demanded: bool) -> Result<Self, Fault> {
        let members = opened.members()?;
        let transaction = members.get("transaction_id").and_then(Value::as_str).map(str::to_owned);
        let transaction = transaction.ok_or(Reason::CredentialTransactionMissing {})?;
        let encryption = match issuer.version {
            Oid4vciVersion::Final => Some(ResponseEncryption::read(&members, opened, issuer, demanded)?),
            // Draft 13 §9.1 has the one member.
            Oid4vciVersion::ImplementersDraft1 => None,
        };
        Ok(Self { transaction, encryption })
    }
}
