//! POST /api/{serviceId}/vci/deferred/parse, /vci/deferred/issue – OpenID for Verifiable Credential Issuance 1.0 §9

use placet_api::Reason;
use placet_api::types::{VciDeferredIssueRequest, VciDeferredParseRequest};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::credential_answer::{self, Answer};
use crate::flow::credential_request::{self, Called, Parsed, Refused};
use crate::records::credential_request::CredentialRequestRecord;
use crate::rules::credential::deferred::DeferredRequest;
use crate::rules::credential::granted;
use crate::tenant::credential_issuer::Oid4vciVersion;

pub async fn parse(cx: &mut Cx<'_>, call: &VciDeferredParseRequest) -> Result<Parsed, Refused> {
    let tenant = cx.tenant.clone();
    let brought = (call.access_token.as_deref(), call.request_content.as_deref());
    let called = credential_request::called(cx, &tenant, brought).await?;
    let parsed = parsed(cx, &called).await;
    parsed.map_err(|fault| called.refused(cx, fault))
}

async fn parsed(cx: &mut Cx<'_>, called: &Called<'_>) -> Result<Parsed, Fault> {
    let demanded = called.token.client.credentials_encrypted;
    let wanted = DeferredRequest::parse(&called.opened, called.issuer, demanded)?;
    let found = credential_request::known(cx, &wanted.transaction).await?;
    // A refreshed token is the same record.
    let found = found.filter(|request| request.deferred && request.token == *called.token.token.id());
    let request = found.ok_or(Reason::CredentialTransactionUnknown {})?;
    let entitlement = called.token.token.entitlement.of_credentials();
    let granted = granted::granted(&entitlement, called.issuer);
    let granted = granted.into_iter().find(|credential| credential.name == request.configuration);
    let granted = granted.ok_or(Reason::CredentialTokenInsufficient {})?;
    let configuration = called.issuer.configurations.get(&granted.name);
    let configuration = configuration.ok_or(Reason::CredentialTokenInsufficient {})?;
    let parsed = Parsed {
        identifier: wanted.transaction,
        name: granted.name,
        by: granted.by,
        format: configuration.format.name(),
        details: configuration.format.details().into(),
        keys: request.keys.clone(),
    };
    if let Some(encryption) = wanted.encryption {
        let next = CredentialRequestRecord { encryption, ..request.value().clone() };
        cx.write.replace(request, &next);
    }
    Ok(parsed)
}

pub async fn issue(cx: &mut Cx<'_>, call: &VciDeferredIssueRequest) -> Result<Answer, Fault> {
    let tenant = cx.tenant.clone();
    let issuer = credential_request::issuer(&tenant)?;
    let order = call.order.as_deref();
    let request = credential_request::requested(cx, order).await?;
    if !request.deferred {
        return Err(Reason::CredentialRequestNotDeferred {}.into());
    }
    if call.denied == Some(true) {
        cx.write.delete_regardless(request);
        return Err(Reason::CredentialDenied {}.into());
    }
    let order = order.ok_or(Reason::CredentialOrderMissing {})?;
    // Draft 13 §9.3: that it is not there yet is an error.
    if order.issuance_deferred == Some(true) && issuer.version == Oid4vciVersion::ImplementersDraft1 {
        return Err(Reason::CredentialPending {}.into());
    }
    credential_answer::answered(cx, issuer, request, (order, call.interval)).await
}
