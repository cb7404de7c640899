//! RFC 8693 – a request to exchange tokens, verified as far as the engine can, and put to the authorization server

use placet_api::Reason;
use placet_base::registry::TokenType;
use placet_base::{Scopes, Subject, Timestamp};

use super::native_sso;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::sub_mapping;
use crate::flow::token::{Asked, BroughtToken, ExchangeQuestion, KnownToken, Outcome};
use crate::records::token::TokenValue;
use crate::rules::id_jag::RequestedIdJag;
use crate::rules::params::Params;
use crate::rules::token_exchange::{self, ExchangeRequest, KeysOf, Presented, Wanted};
use crate::tenant::Client;

/// `asked`: the same request, with the client that it is of; `None` where it names nobody.
pub async fn exchange(cx: &mut Cx<'_>, params: &Params, asked: Option<Asked<'_>>) -> Result<Outcome, Fault> {
    let asker = asked.as_ref().and_then(Asked::asker);
    let client = asker.as_ref().map(|(client, _)| &**client);
    let request = ExchangeRequest::build(params, &cx.tenant, client)?;
    if let Some(secret) = request.device_secret() {
        let asked = asked.ok_or(Reason::ExchangeUnidentified {})?;
        let secret = secret.to_owned();
        return native_sso::share(cx, request, secret, asked).await;
    }
    let (subject, user) = match request.wanted(params, &cx.tenant, client)? {
        Wanted::IdJag(wanted) => own(cx, &request.subject, asked.as_ref(), &wanted).await?,
        Wanted::Token | Wanted::TxnToken(_) => (brought(cx, &request.subject).await?, None),
    };
    let actor = match &request.actor {
        Some(actor) => Some(brought(cx, actor).await?),
        None => None,
    };
    Ok(Outcome::Exchange(Box::new(ExchangeQuestion {
        asker,
        scopes: request.scopes,
        resources: request.resources,
        audiences: request.audiences,
        requested: request.requested,
        subject,
        user,
        actor,
    })))
}

/// For an ID-JAG: a token that this service has given the client that brings it, and the user of an ID token.
async fn own(
    cx: &Cx<'_>,
    what: &Presented,
    asked: Option<&Asked<'_>>,
    wanted: &RequestedIdJag,
) -> Result<(BroughtToken, Option<String>), Fault> {
    let asked = asked.ok_or(Reason::ExchangeUnidentified {})?;
    match what.kind {
        TokenType::IdToken => {
            let user = user(cx, what, asked.client, wanted).await?;
            Ok((BroughtToken { kind: what.kind, value: what.value.clone(), known: None }, Some(user)))
        }
        TokenType::RefreshToken => {
            let known = known(cx, what, TokenValue::Refresh).await?;
            let terms = known.token.entitlement.terms();
            if known.client.id != asked.client.id || !terms.scopes.contains(Scopes::OPENID) {
                return Err(Reason::IdJagSubject {}.into());
            }
            // §4.3.3: it is good for this as it is for a refresh, so that its key and instance are asked for.
            let policy = cx.tenant.policy(asked.client, terms.granted());
            asked.evidence.bound_again(&terms.binding, asked.client, &policy.token)?;
            Ok((BroughtToken { kind: what.kind, value: what.value.clone(), known: Some(known) }, None))
        }
        _ => Ok((brought(cx, what).await?, None)),
    }
}

/// Whom an ID token of ours speaks of, as the authorization server knows them; of somebody whose access stands.
async fn user(
    cx: &Cx<'_>,
    what: &Presented,
    client: &Client,
    wanted: &RequestedIdJag,
) -> Result<String, Fault> {
    let KeysOf::Us = token_exchange::issuer_of(what, &cx.tenant, cx.now)? else {
        return Err(Reason::IdJagSubject {}.into());
    };
    let token_exchange::Judged::IdToken(token) = id_token(cx, what).await? else {
        return Err(Reason::IdJagSubject {}.into());
    };
    let sub = wanted.sub(&token, &cx.tenant, client)?;
    let user = sub_mapping::subject_of(cx, client, sub).await?;
    let subject = Subject::parse(&user).map_err(|_| Reason::IdJagSubject {})?;
    let made = Timestamp::from_secs(token.times().iat.unwrap_or_default());
    match cx.is_revoked_of(made, client, &subject).await? {
        true => Err(Reason::IdJagRevoked {}.into()),
        false => Ok(user),
    }
}

/// What is verified of a token depends on what it says to be.
async fn brought(cx: &Cx<'_>, what: &Presented) -> Result<BroughtToken, Fault> {
    let known = match what.kind {
        TokenType::AccessToken => Some(known(cx, what, TokenValue::Access).await?),
        TokenType::RefreshToken => Some(known(cx, what, TokenValue::Refresh).await?),
        TokenType::Jwt => {
            token_exchange::jwt(what, &cx.tenant, cx.now)?;
            None
        }
        TokenType::IdToken => {
            id_token(cx, what).await?;
            None
        }
        // Assertions of SAML are for the authorization server to read.
        TokenType::Saml1 | TokenType::Saml2 => None,
        TokenType::DeviceSecret | TokenType::IdJag | TokenType::TxnToken => return Err(unknown(what)),
    };
    Ok(BroughtToken { kind: what.kind, value: what.value.clone(), known })
}

fn unknown(what: &Presented) -> Fault {
    Reason::ExchangeTokenUnknown { token: what.parameter.to_owned() }.into()
}

async fn known(cx: &Cx<'_>, what: &Presented, which: TokenValue) -> Result<KnownToken, Fault> {
    let live = cx.token(which, &what.value).await?.ok_or_else(|| unknown(what))?;
    let end = match which {
        TokenValue::Access => Some(live.token.access.expires_at),
        TokenValue::Refresh => live.token.refresh.map(|refresh| refresh.expires_at),
    };
    if end.is_none_or(|end| end.is_past(cx.now)) {
        return Err(Reason::ExchangeTokenExpired { token: what.parameter.to_owned() }.into());
    }
    Ok(KnownToken { which, token: live.token.into_value(), client: live.client })
}

/// Of another issuer, too: its keys are where its discovery document says.
pub(super) async fn id_token(cx: &Cx<'_>, what: &Presented) -> Result<token_exchange::Judged, Fault> {
    let tenant = &cx.tenant;
    match token_exchange::issuer_of(what, tenant, cx.now)? {
        KeysOf::Nobody => Ok(token_exchange::Judged::Encrypted),
        KeysOf::Us => token_exchange::id_token(what, tenant, cx.now, |found| {
            tenant.keys.verifying(found.alg, found.kid).collect::<Vec<_>>()
        }),
        KeysOf::Issuer(issuer) => {
            let otherwise = Reason::ExchangeIssuerUnavailable { token: what.parameter.to_owned() };
            let keys = cx.keys_of_issuer(&issuer, &what.value, otherwise).await?;
            token_exchange::id_token(what, tenant, cx.now, |found| {
                keys.verifying(found.alg, found.kid).collect::<Vec<_>>()
            })
        }
    }
}
