//! POST /api/{serviceId}/vci/single/parse, /vci/single/issue – OpenID for Verifiable Credential Issuance 1.0 §8

use placet_api::Reason;
use placet_api::types::{VciSingleIssueRequest, VciSingleParseRequest};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::credential_answer::{self, Answer};
use crate::flow::credential_request::{self, Called, Parsed, Refused};
use crate::flow::open_credential_requests;
use crate::rules::credential::request::CredentialRequest;

pub async fn parse(cx: &mut Cx<'_>, call: &VciSingleParseRequest) -> Result<Parsed, Refused> {
    let tenant = cx.tenant.clone();
    let brought = (call.access_token.as_deref(), call.request_content.as_deref());
    let called = credential_request::called(cx, &tenant, brought).await?;
    let parsed = parsed(cx, &called).await;
    parsed.map_err(|fault| called.refused(cx, fault))
}

async fn parsed(cx: &mut Cx<'_>, called: &Called<'_>) -> Result<Parsed, Fault> {
    let demanded = called.token.client.credentials_encrypted;
    let request = CredentialRequest::parse(&called.opened, called.issuer, demanded)?;
    let places = open_credential_requests::places(cx, *called.token.token.id(), 1).await?;
    called.parsed(cx, request, (places.first().copied().unwrap_or_default(), None)).await
}

pub async fn issue(cx: &mut Cx<'_>, call: &VciSingleIssueRequest) -> Result<Answer, Refused> {
    let tenant = cx.tenant.clone();
    let issuer = credential_request::issuer(&tenant)?;
    let token = credential_request::token(cx, call.access_token.as_deref()).await?;
    let order = call.order.as_deref();
    let request = credential_request::requested_with(cx, order, &token).await?;
    if request.batch.is_some() {
        return Err(Reason::CredentialOrdersUnfit {}.into());
    }
    if call.denied == Some(true) {
        cx.write.delete_regardless(request);
        return Err(Reason::CredentialDenied {}.into());
    }
    let order = order.ok_or(Reason::CredentialOrderMissing {})?;
    Ok(credential_answer::answered(cx, issuer, request, (order, call.interval)).await?)
}
