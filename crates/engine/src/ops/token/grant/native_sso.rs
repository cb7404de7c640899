//! OpenID Connect Native SSO §4.3 – tokens for another application of the same device

use placet_api::Reason;
use placet_base::Subject;
use placet_base::registry::{GrantType, TokenType};

use super::token_exchange::id_token;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::issuing::{self, Entitled};
use crate::flow::token::{Asked, Outcome, SharedTokens};
use crate::flow::{clients, sub_mapping};
use crate::records::entitlement::{Narrowed, Proof, Proven, Terms};
use crate::rules::admission::admitted;
use crate::rules::native_sso::{self, SharedSession};
use crate::rules::token_exchange::{ExchangeRequest, Judged};

/// The tokens are made; whether session and device are good is for the authorization server to say, which then calls
/// `nativesso`.
pub async fn share(
    cx: &mut Cx<'_>,
    request: ExchangeRequest,
    device_secret: String,
    asked: Asked<'_>,
) -> Result<Outcome, Fault> {
    let wrong = || Reason::NativeSsoSubject {};
    let token = match request.subject.kind {
        TokenType::IdToken => id_token(cx, &request.subject).await?,
        _ => return Err(wrong().into()),
    };
    let Judged::IdToken(token) = token else { return Err(wrong().into()) };
    if token.claims().get("iss").and_then(serde_json::Value::as_str) != Some(&*cx.tenant.issuer) {
        return Err(wrong().into());
    }
    let client = asked.client.shared();
    let session = native_sso::session_of(&token, &cx.tenant, &client, &request.audiences)?;
    let subject = subject(cx, &session).await?.ok_or_else(wrong)?;
    let terms = Terms {
        subject: Some(subject),
        scopes: request.scopes.clone(),
        resources: request.resources,
        session: Some(session.session.clone()),
        acr: session.acr.clone(),
        auth_time: session.auth_time,
        properties: asked.properties,
        jwt_claims: asked.jwt_claims,
        ..Terms::new(client.id, asked.alias_used, GrantType::TokenExchange)
    };
    let secret_hash = session.secret_hash.clone();
    let policy = cx.tenant.policy(&client, &terms.scopes);
    let proven = Proven {
        by: Proof::NativeSso(session),
        admitted: admitted(&client, GrantType::TokenExchange, policy)?,
        bound: asked.evidence.bound(&client, &policy.token)?,
        narrowed: Narrowed::whole(),
    };
    let issued = issuing::issue(cx, client, Entitled::new(terms, proven), asked.wanted).await?;
    Ok(Outcome::NativeSso(Box::new(SharedTokens {
        issued,
        reason: Reason::ExchangedShared {},
        device_secret: Some(device_secret),
        device_secret_hash: Some(secret_hash),
    })))
}

/// The user, as the client that the ID token is for knows them.
async fn subject(cx: &Cx<'_>, session: &SharedSession) -> Result<Option<Subject>, Fault> {
    for audience in &session.audiences {
        if let Some(first) = clients::named(cx, audience).await? {
            let subject = sub_mapping::subject_of(cx, &first.client, session.sub.clone()).await?;
            return Ok(Subject::parse(&subject).ok());
        }
    }
    Ok(None)
}
