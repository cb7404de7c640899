//! RFC 6749 §4.1.3 – redeeming an authorization code

use placet_api::Reason;
use placet_base::RecordNumber;
use placet_base::registry::GrantType;

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::flow::issuing::{self, Entitled};
use crate::flow::token::{Asked, Outcome, SharedTokens};
use crate::mint::id_token::AccompanyingTokens;
use crate::records::code::{Code, State};
use crate::records::entitlement::{Narrowed, Proof, Proven};
use crate::records::token::Token;
use crate::rules::admission::admitted;
use crate::rules::pkce::{self, Refused};
use crate::rules::{native_sso, redirect_uri, resource, scope};

pub async fn redeem(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let value = asked.params.one("code")?.ok_or(Reason::CodeMissing {})?;
    let code = cx.bearer::<Code>((), value).await?.and_then(Held::present).ok_or(Reason::CodeUnknown {})?;
    if code.client != asked.client.id {
        return Err(Reason::CodeOfOtherClient {}.into());
    }
    if let State::Redeemed { token } = code.state {
        return Err(replayed(cx, &token).await?);
    }
    if code.expires_at.is_past(cx.now) {
        return Err(Reason::CodeExpired {}.into());
    }
    let matched = redirect_uri::matched(code.redirect_uri.as_deref(), asked.params)?;
    let verified = match pkce::proof(code.challenge.as_ref(), asked.params) {
        Ok(verified) => verified,
        Err(Refused::Malformed(fault)) => return Err(fault),
        Err(Refused::Wrong(fault)) => {
            // A wrong verifier does not spend the code, but too many do.
            cx.write.transition_regardless(code, Code::failed);
            return Err(fault);
        }
    };
    let client = asked.client.shared();
    let policy = cx.tenant.policy(&client, code.terms.granted());
    let proven = Proven {
        by: Proof::Code(verified, matched),
        admitted: admitted(&client, GrantType::AuthorizationCode, policy)?,
        bound: asked.evidence.bound_as_committed(
            (code.jkt.as_deref(), code.instance.as_deref()),
            &client,
            &policy.token,
        )?,
        narrowed: Narrowed {
            scopes: scope::Narrowed::whole(),
            resources: resource::narrowed(asked.params, &code.terms.resources)?,
            details: code.terms.details.narrowed(asked.params)?,
        },
    };
    if cx.is_revoked(*code.id(), &client, &code.terms).await? {
        return Err(Reason::CodeUnknown {}.into());
    }
    let terms = code.terms.clone().with(&asked.properties, asked.jwt_claims);
    let terms = terms.ok_or(Reason::TokenPropertiesTooLarge {})?;
    let shares = native_sso::shared(&cx.tenant, &terms.scopes, terms.session.as_deref()).is_some();
    let entitled = Entitled::new(terms, proven).with_id_token(code.id_token.clone().filter(|_| shares));
    let mut issued = issuing::issue(cx, client.clone(), entitled, asked.wanted).await?;
    if shares {
        let device_secret = asked.params.one("device_secret")?.map(str::to_owned);
        let token = issued.number;
        cx.write.transition(code, |code| code.redeemed(token));
        let reason = Reason::CodeRedeemedShared {};
        let tokens = SharedTokens { issued, reason, device_secret, device_secret_hash: None };
        return Ok(Outcome::NativeSso(Box::new(tokens)));
    }
    if let Some(plan) = code.id_token.clone() {
        let with = AccompanyingTokens {
            access_token: Some(issued.presented()),
            code: Some(value),
            ..AccompanyingTokens::default()
        };
        let about = issuing::IdTokenContext { policy: &policy, entitlement: &issued.record.entitlement };
        issued.id_token = Some(issuing::id_token(cx, &client, plan, about, with).await?);
    }
    let token = issued.number;
    cx.write.transition(code, |code| code.redeemed(token));
    Ok(Outcome::Issued(Box::new(issued), Reason::CodeRedeemed {}))
}

/// RFC 6749 §4.1.2: a code that comes twice is in two hands; what it gave ends.
async fn replayed(cx: &mut Cx<'_>, token: &RecordNumber) -> Result<Fault, Fault> {
    if let Some(token) = cx.read.get::<Token>(token).await? {
        cx.write.delete_regardless(token);
    }
    Ok(Reason::CodeReplayed {}.into())
}
