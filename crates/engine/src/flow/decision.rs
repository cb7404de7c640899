//! What a user decides on another device: told by the authorization server, and what it gives to the client.

use std::sync::Arc;

use placet_base::registry::GrantType;
use placet_base::{Scopes, Ttl};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::grants;
use crate::flow::issuing::{self, ChosenValues, Entitled, IdTokenContext, Issued};
use crate::flow::subject_info::SubjectInfo;
use crate::mint::id_token::AccompanyingTokens;
use crate::records::decision::Authorized;
use crate::records::entitlement::{Narrowed, Proof, Proven, Terms};
use crate::rules::admission::admitted;
use crate::rules::claims::ClaimsRequest;
use crate::rules::requested_access::RequestedAccess;
use crate::rules::sender::Evidence;
use crate::tenant::Client;

/// The request that the user has decided about.
pub struct Asked<'a> {
    pub client: &'a Client,
    pub alias_used: bool,
    pub grant: GrantType,
    pub access: &'a RequestedAccess,
}

/// What the user has agreed to. A managed grant is changed, and the scopes are noted.
pub async fn authorized(cx: &mut Cx<'_>, said: SubjectInfo, asked: &Asked<'_>) -> Result<Authorized, Fault> {
    let access = asked.access;
    // Such a request cannot ask for them.
    let said = said.without_verified_claims();
    let said = said.with_consent(&ClaimsRequest::default(), &access.scopes, &cx.tenant);
    let granted = said.granted(access.asked(), &cx.tenant, asked.client);
    // CIBA Core §10.1.1: that response always has an ID token.
    let openid = granted.contains(Scopes::OPENID) || asked.grant == GrantType::Ciba;
    let plan = openid.then(|| said.id_token(None, &cx.tenant, asked.client));
    let (access_secs, refresh_secs) = (said.wanted.access, said.wanted.refresh);
    let base = Terms {
        scopes: granted.clone(),
        resources: access.resources.clone(),
        details: access.details.clone(),
        ..Terms::new(asked.client.id, asked.alias_used, asked.grant)
    };
    let terms = said.into_terms(base);
    let grant = grants::managed(cx, access.grant.as_ref(), &terms).await?;
    let terms = terms.of_grant(grant);
    // Parameters are for once.
    let parameterised = |scope: &str| access.parameterised.iter().any(|asked| asked.value == scope);
    grants::remember(cx, &terms, &granted.retained(|scope| !parameterised(scope))).await?;
    Ok(Authorized {
        terms,
        id_token: plan,
        access_secs: access_secs.map(|ttl| ttl.as_secs()),
        refresh_secs: refresh_secs.map(|ttl| ttl.as_secs()),
    })
}

/// Who gets the tokens.
pub struct Claimant<'a> {
    pub client: Arc<Client>,
    pub evidence: Evidence,
    pub wanted: ChosenValues,
    /// CIBA Core §7.3: the ID token names the request that it is of.
    pub auth_req_id: Option<&'a str>,
    /// CIBA Core §10.3.1: the ID token that is pushed vouches for the refresh token beside it.
    pub pushed: bool,
}

/// The tokens of what the user has agreed to.
pub async fn tokens(cx: &mut Cx<'_>, agreed: Authorized, to: Claimant<'_>) -> Result<Issued, Fault> {
    let (agreed, redeemed) = agreed.redeemed();
    let policy = cx.tenant.policy(&to.client, agreed.terms.granted());
    let proven = Proven {
        by: Proof::Decision(redeemed),
        admitted: admitted(&to.client, agreed.terms.grant, policy)?,
        bound: to.evidence.bound(&to.client, &policy.token)?,
        narrowed: Narrowed::whole(),
    };
    let wanted = ChosenValues {
        access: to.wanted.access.or(Ttl::specified(agreed.access_secs)),
        refresh: to.wanted.refresh.or(Ttl::specified(agreed.refresh_secs)),
        ..to.wanted
    };
    let entitled = Entitled::new(agreed.terms, proven);
    let mut issued = issuing::issue(cx, to.client.clone(), entitled, wanted).await?;
    let Some(plan) = agreed.id_token else { return Ok(issued) };
    let refresh_token = issued.refresh_token.as_ref().map(|(value, _)| value.as_str());
    let with = AccompanyingTokens {
        access_token: Some(issued.presented()),
        refresh_token: refresh_token.filter(|_| to.pushed),
        auth_req_id: to.auth_req_id,
        ..AccompanyingTokens::default()
    };
    let about = IdTokenContext { policy: &policy, entitlement: &issued.record.entitlement };
    issued.id_token = Some(issuing::id_token(cx, &to.client, plan, about, with).await?);
    Ok(issued)
}
