//! RFC 6749 §4.4 – the client on its own behalf

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::GrantType;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::entitlement::Entitlement;
use crate::ops::issuing;
use crate::ops::token::request::{Asked, Outcome};
use crate::policy::Policy;
use crate::rules::{rar, resource, scope};

pub async fn grant(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    if asked.client.is_public() {
        return Err(Reason::ClientCredentialsForPublic {}.into());
    }
    // Without a user there is nobody to identify, and nobody to be offline.
    let userless = |scope: &str| scope != Scopes::OPENID && scope != Scopes::OFFLINE_ACCESS;
    let requested = scope::requested(asked.params, &cx.tenant, asked.client)?;
    let policy = Policy::resolve(&cx.tenant, asked.client, &requested.names())?;
    let scopes = requested.all().retained(userless);
    let scopes = scope::sufficient(scopes, policy.request.scope, Reason::ClientCredentialsNoScopeLeft {})?;
    let client = asked.client.shared();
    let entitlement = Entitlement {
        scopes,
        properties: asked.properties,
        jwt_claims: asked.jwt_claims,
        binding: asked.evidence.binding_for(&client),
        resources: resource::resources(asked.params)?,
        details: rar::details(asked.params, &cx.tenant, &client)?,
        ..Entitlement::new(client.id, asked.alias_used, GrantType::ClientCredentials)
    };
    let issued = issuing::issue(cx, client, entitlement, asked.wanted).await?;
    Ok(Outcome::Issued(Box::new(issued), Reason::ClientCredentialsGranted {}))
}
