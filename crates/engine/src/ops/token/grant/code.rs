//! RFC 6749 §4.1.3 – redeeming an authorization code

use placet_api::Reason;
use placet_base::RecordNumber;
use placet_store::{Id, Loaded};

use crate::cx::{Cx, Held};
use crate::fault::Fault;
use crate::mint::id_token::Companions;
use crate::ops::issuing;
use crate::ops::token::request::{Asked, Outcome};
use crate::records::code::{Code, State};
use crate::records::token::Token;
use crate::rules::params::Params;
use crate::rules::pkce::{self, Refused};
use crate::rules::resource;
use crate::rules::sender::Evidence;

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

    same_key(&code, &asked.evidence)?;

    let client = asked.client.shared();
    let number = numbered(&code)?;
    if cx.is_revoked(number, &client, code.entitlement.subject.as_ref()).await? {
        return Err(Reason::CodeUnknown {}.into());
    }
    let mut entitlement = code.entitlement.clone();
    entitlement.properties =
        entitlement.properties.joined(&asked.properties).ok_or(Reason::TokenPropertiesTooLarge {})?;
    entitlement.jwt_claims.extend(asked.jwt_claims);
    entitlement.binding = asked.evidence.binding_for(&client);
    entitlement.audience = resource::narrowed(asked.params, &entitlement.resources)?;
    entitlement.details = entitlement.details.narrowed(asked.params)?;
    let mut issued = issuing::issue(cx, client.clone(), entitlement, asked.wanted).await?;
    if let Some(plan) = code.id_token.clone() {
        let with =
            Companions { access_token: Some(issued.presented()), code: Some(value), ..Companions::default() };
        let token = issuing::id_token(cx, &client, plan, &issued.record.entitlement, with).await?;
        issued.id_token = Some(token);
    }
    let redeemed = code.redeemed(issued.number);
    cx.write.replace(code, &redeemed);
    Ok(Outcome::Issued(Box::new(issued), Reason::CodeRedeemed {}))
}

fn numbered(code: &Loaded<Code>) -> Result<RecordNumber, Fault> {
    match code.id() {
        Id::Number(number) => Ok(RecordNumber(*number)),
        Id::Name(_) => Err(Fault::server("a code without a number")),
    }
}

/// RFC 9449 §10: a code that is bound to a key is redeemed with that key.
fn same_key(code: &Code, evidence: &Evidence) -> Result<(), Fault> {
    let proven = evidence.proof.as_ref().map(|proof| &proof.jkt);
    match &code.jkt {
        Some(jkt) if proven != Some(jkt) => Err(Reason::CodeKeyDiffers {}.into()),
        _ => Ok(()),
    }
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
