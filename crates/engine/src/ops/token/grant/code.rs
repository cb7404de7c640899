//! RFC 6749 §4.1.3 – redeeming an authorization code

use std::sync::Arc;

use placet_api::Reason;
use placet_base::registry::JwsAlg;
use placet_jose::SigningKey;
use placet_store::{Id, Loaded};

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::mint::id_token::{IdTokenPlan, Occasion};
use crate::ops::token::issuing::{self, Issued};
use crate::ops::token::request::{Asked, Outcome};
use crate::policy::Policy;
use crate::records::code::{Code, State};
use crate::records::token::Token;
use crate::rules::params::Params;
use crate::rules::pkce::{self, Refused};
use crate::tenant::Client;

pub async fn redeem(cx: &mut Cx<'_>, asked: Asked<'_>) -> Result<Outcome, Fault> {
    let value = asked.params.one("code")?.ok_or(Reason::CodeMissing {})?;
    let code = cx.bearer::<Code>((), value).await?.and_then(Held::present).ok_or(Reason::CodeUnknown {})?;
    if code.client != asked.client.id {
        return Err(Reason::CodeOfOtherClient {}.into());
    }
    let failures = match code.state {
        State::Issued { failures } => failures,
        State::Redeemed { token } => return Err(replayed(cx, Id::Number(token.0)).await?),
    };
    if code.expires_at.is_past(cx.now) {
        return Err(Reason::CodeExpired {}.into());
    }
    same_redirect_uri(&code, asked.params)?;
    match pkce::proof(code.challenge.as_ref(), asked.params) {
        Ok(_) => {}
        Err(Refused::Malformed(fault)) => return Err(fault),
        Err(Refused::Wrong(fault)) => return Err(wrong_verifier(cx, code, failures, fault)),
    }

    let client = asked.client.shared();
    let mut entitlement = code.entitlement.clone();
    entitlement.properties =
        entitlement.properties.joined(&asked.properties).ok_or(Reason::TokenPropertiesTooLarge {})?;
    let (mut issued, number) = issuing::issue(cx, client.clone(), entitlement, asked.lifetimes)?;
    if let Some(plan) = code.id_token.clone() {
        issued.id_token = Some(id_token(cx, &client, plan, &issued, value).await?);
    }
    let redeemed = code.redeemed(number);
    cx.write.replace(code, &redeemed);
    Ok(Outcome::Issued(Box::new(issued), Reason::CodeRedeemed {}))
}

/// RFC 6749 §4.1.2: a code that comes twice is in two hands; what it gave ends.
async fn replayed(cx: &mut Cx<'_>, token: Id) -> Result<Fault, Fault> {
    if let Some(token) = cx.read.get::<Token>(token).await? {
        cx.write.burn(token);
    }
    Ok(Reason::CodeReplayed {}.into())
}

/// A wrong verifier does not spend the code, but too many do.
fn wrong_verifier(cx: &mut Cx<'_>, code: Loaded<Code>, failures: u32, fault: Fault) -> Fault {
    match code.failed(failures) {
        Some(next) => cx.write.burn_into(code, &next),
        None => cx.write.burn(code),
    }
    fault
}

/// RFC 6749 §4.1.3: the same URI, if the authorization request had one.
fn same_redirect_uri(code: &Code, params: &Params) -> Result<(), Fault> {
    match (code.redirect_uri.as_deref(), params.one("redirect_uri")?) {
        (Some(asked), Some(given)) if asked == given => Ok(()),
        (None, None) => Ok(()),
        (Some(_), Some(_)) => Err(Reason::CodeRedirectUriDiffers {}.into()),
        (Some(_), None) => Err(Reason::CodeRedirectUriMissing {}.into()),
        (None, Some(_)) => Err(Reason::CodeRedirectUriUnexpected {}.into()),
    }
}

async fn id_token(
    cx: &Cx<'_>,
    client: &Client,
    plan: IdTokenPlan,
    issued: &Issued,
    code: &str,
) -> Result<String, Fault> {
    let key = signing_key(cx, client)?;
    let entitlement = &issued.record.entitlement;
    let unsigned = plan.unsigned(&Occasion {
        issuer: &cx.tenant.issuer,
        audience: client.identifier(entitlement.alias_used),
        alg: client.id_token_alg,
        now: cx.now,
        lifetime: Policy::resolve(&cx.tenant, client, entitlement.granted())?.id_token,
        access_token: &issued.access_token,
        code,
    });
    cx.signed(unsigned, &key).await
}

fn signing_key(cx: &Cx<'_>, client: &Client) -> Result<Arc<SigningKey>, Fault> {
    let alg = client.id_token_alg;
    if alg == JwsAlg::None {
        return Err(Reason::IdTokenAlgNone {}.into());
    }
    let key = client.signing_key(&cx.tenant, alg, cx.tenant.tokens.id_token_key.as_deref());
    Ok(key.ok_or_else(|| match cx.tenant.keys.set() {
        None => Reason::IdTokenKeySetMissing {},
        Some(_) => Reason::IdTokenKeyMissing { alg: alg.protocol_name().to_owned() },
    })?)
}
