//! POST /api/{serviceId}/vci/single/parse, /vci/single/issue – OpenID for Verifiable Credential Issuance 1.0 §8

use placet_api::Reason;
use placet_api::types::{VciSingleIssueRequest, VciSingleParseRequest};

use crate::cx::Cx;
use crate::flow::credential_request::{self, Answer, Parsed, Refused};
use crate::rules::credential::request::CredentialRequest;

pub async fn parse(cx: &mut Cx<'_>, call: &VciSingleParseRequest) -> Result<Parsed, Refused> {
    let tenant = cx.tenant.clone();
    let brought = (call.access_token.as_deref(), call.request_content.as_deref());
    let called = credential_request::called(cx, &tenant, brought).await?;
    let demanded = called.token.client.credentials_encrypted;
    let request = CredentialRequest::parse(&called.opened, called.issuer, demanded);
    let parsed = request.and_then(|request| called.parsed(cx, request, None));
    parsed.map_err(|fault| called.refused(cx, fault))
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
    Ok(credential_request::answered(cx, issuer, request, (order, call.interval)).await?)
}
