//! RFC 6749 §4.4 – the client on its own behalf

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::GrantType;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::mint::entitlement::Entitlement;
use crate::ops::token::issuing;
use crate::ops::token::request::{Asked, Outcome};
use crate::policy::Policy;
use crate::rules::claims::ClaimsWish;
use crate::rules::scope;

pub async fn grant(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    if asked.client.is_public() {
        return Err(Reason::ClientCredentialsForPublic {}.into());
    }
    // Without a user there is nobody to identify, and nobody to be offline.
    let userless = |scope: &str| scope != Scopes::OPENID && scope != Scopes::OFFLINE_ACCESS;
    let scopes = scope::requested(asked.params, &cx.tenant, asked.client)?.retained(userless);
    let policy = Policy::resolve(&cx.tenant, asked.client, &scopes)?;
    let scopes = scope::sufficient(scopes, policy.scope, Reason::ClientCredentialsNoScopeLeft {})?;
    let entitlement = Entitlement {
        client: asked.client.id,
        alias_used: asked.alias_used,
        grant: GrantType::ClientCredentials,
        subject: None,
        scopes,
        granted: None,
        properties: asked.properties,
        acr: None,
        auth_time: None,
        claims: ClaimsWish::default(),
        consented_claims: Vec::new(),
    };
    let (issued, _) = issuing::issue(cx, asked.client.shared(), entitlement, asked.lifetimes)?;
    Ok(Outcome::Issued(Box::new(issued), Reason::ClientCredentialsGranted {}))
}
