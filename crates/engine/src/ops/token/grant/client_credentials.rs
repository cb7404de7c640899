//! RFC 6749 §4.4 – the client on its own behalf

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::registry::GrantType;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::issuing::{self, Entitled};
use crate::flow::token::{Asked, Outcome};
use crate::records::entitlement::{Narrowed, Proof, Proven, Terms};
use crate::rules::admission::admitted;
use crate::rules::{rar, resource, scope};

pub async fn grant(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let confidential = asked.client.confidential()?;
    // Without a user there is nobody to identify, and nobody to be offline.
    let userless = |scope: &str| scope != Scopes::OPENID && scope != Scopes::OFFLINE_ACCESS;
    let requested = scope::requested(asked.params, &cx.tenant, asked.client)?;
    let policy = cx.tenant.policy(asked.client, &requested.all());
    let scopes = requested.all().retained(userless);
    let scopes = scope::sufficient(scopes, policy.request.scope, Reason::ClientCredentialsNoScopeLeft {})?;
    let client = asked.client.shared();
    let terms = Terms {
        scopes,
        properties: asked.properties,
        jwt_claims: asked.jwt_claims,
        resources: resource::resources(asked.params)?,
        details: rar::details(asked.params, &cx.tenant, &client)?,
        ..Terms::new(client.id, asked.alias_used, GrantType::ClientCredentials)
    };
    let proven = Proven {
        by: Proof::ClientCredentials(confidential),
        admitted: admitted(&client, GrantType::ClientCredentials, policy)?,
        bound: asked.evidence.bound(&client, &policy.token)?,
        narrowed: Narrowed::whole(),
    };
    let issued = issuing::issue(cx, client, Entitled::new(terms, proven), asked.wanted).await?;
    Ok(Outcome::Issued(Box::new(issued), Reason::ClientCredentialsGranted {}))
}
