//! POST /api/{serviceId}/pushed_auth_req – RFC 9126

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::registry::ClientAuthMethod;
use serde_json::json;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::clients::Proving as _;
use crate::flow::evidence::{self, PresentedProof};
use crate::flow::reply::result;
use crate::flow::{assemble, clients, credential_offer, grants};
use crate::mint::error;
use crate::records::pushed::Pushed;
use crate::rules::admission::suited;
use crate::rules::authorization::AuthzRequest;
use crate::rules::client_auth::Instance;
use crate::rules::params::{Params, Request};
use crate::tenant::Tenant;

/// The response for the client.
pub struct PushedResponse {
    pub request_uri: String,
    pub expires_in: i64,
    pub method: ClientAuthMethod,
}

pub async fn push(cx: &mut Cx<'_>, call: &PushedAuthorizationRequest) -> Result<PushedResponse, Fault> {
    let text = call.parameters.as_deref().ok_or(Reason::PushedParametersMissing {})?;
    let params = Params::parse(Request::Pushed, text)?;
    params.each_once()?;
    let credentials = call.credentials(&params)?;
    let tenant = cx.tenant.clone();
    let (client, _) =
        clients::authenticated(cx, (&credentials, call.discovery()), &tenant.token_auth_methods).await?;
    let shown = PresentedProof {
        dpop: call.dpop.as_deref(),
        htm: call.htm.as_deref(),
        htu: call.htu.as_deref(),
        addresses: &tenant.sender.pushed_endpoint,
        nonce_required: call.dpop_nonce_required,
    };
    let evidence = evidence::of_request(cx, &client, credentials.certificate, shown).await?;

    let client = client.shared();

    // What is pushed is judged now, as if it had come to the authorization endpoint (§2.1-3).
    let mut asked = assemble::of_push(cx, &client, params).await?;
    asked.jkt = evidence.proof.map(|proof| proof.jkt);
    asked.instance = evidence.instance.map(Instance::into_thumbprint);
    let (required, _) = assemble::required(cx, &asked, &client)?;
    // §2: the client proves itself here as it does at the token endpoint, for the scopes that it asks for.
    let lifetime = suited(&client, &required.policy)?.policy().token.pushed;
    let request = AuthzRequest::build(&asked, &tenant, &client, required, cx.now)?;
    grants::named(cx, &client, request.grant.as_ref()).await?;
    credential_offer::named(cx, &asked.params).await?;

    let number = cx.number();
    let handle = cx.handle::<Pushed>((), number, 0);
    let record = Pushed {
        hash: handle.hash(),
        client: client.id,
        params: asked.params,
        provenance: asked.provenance,
        payload: asked.payload,
        jkt: asked.jkt,
        instance: asked.instance,
        expires_at: cx.now + lifetime,
        kept_until: None,
    };
    cx.write.insert(cx.tenant.id, &number, &record);
    let request_uri = format!("{}{}", assemble::PUSHED, handle.into_value());
    let method = client.authentication.method;
    Ok(PushedResponse { request_uri, expires_in: lifetime.as_secs(), method })
}

pub fn reply(tenant: &Tenant, outcome: Result<PushedResponse, Fault>) -> PushedAuthorizationResponse {
    use PushedAuthorizationResponseAction as Action;
    let (reason, action, content, given) = match outcome {
        Ok(given) => {
            let content = json!({ "expires_in": given.expires_in, "request_uri": given.request_uri });
            (Reason::PushedKept {}, Action::Created, content.to_string(), Some(given))
        }
        Err(fault) => {
            let action = match (&fault.reason, fault.error()) {
                (Reason::PushedTooLarge {}, _) => Action::PayloadTooLarge,
                (_, OAuthError::InvalidClient) => Action::Unauthorized,
                (_, OAuthError::ServerError) => Action::InternalServerError,
                (_, OAuthError::UnauthorizedClient) => Action::Forbidden,
                _ => Action::BadRequest,
            };
            let content = error::json(tenant, &fault);
            (fault.reason, action, content, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    PushedAuthorizationResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        client_auth_method: given.as_ref().map(|given| given.method),
        request_uri: given.map(|given| given.request_uri),
        ..Default::default()
    }
}
