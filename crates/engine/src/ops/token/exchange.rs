//! POST /api/{serviceId}/auth/token/exchange – what is given in exchange, where that is no access token: a grant for
//! another authorization server (ID-JAG), a token of one transaction (Txn-Token)

use data_encoding::BASE64URL_NOPAD;
use placet_api::Reason;
use placet_api::types::{
    TokenExchangeRequest, TokenExchangeResponse, TokenExchangeResponseAction as Action,
    TokenType as IssuedTokenType,
};
use placet_base::registry::{JwsAlg, TokenType};
use placet_base::{Scopes, Subject, Ttl};
use placet_jose::Unsigned;
use serde_json::json;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::reply::result;
use crate::flow::{clients, subject_info};
use crate::mint::id_jag::{self, IdJag};
use crate::mint::txn_token::{self, TxnToken};
use crate::rules::id_jag::for_another;
use crate::rules::{resource, scope};
use crate::tenant::Tenant;

/// Drafts §4.3.4 and §4: minutes. The longest times bound what a caller may ask for.
const LIFETIME: Ttl = Ttl::secs(300);
const LONGEST_ID_JAG: Ttl = Ttl::secs(3600);
const LONGEST_TXN_TOKEN: Ttl = Ttl::secs(600);

/// A JWT, and the token response that it goes into.
pub struct Exchanged {
    id: String,
    content: String,
}

pub async fn exchange(cx: &mut Cx<'_>, call: &TokenExchangeRequest) -> Result<Exchanged, Fault> {
    let order = Order::parse(cx, call).await?;
    let id = BASE64URL_NOPAD.encode(&cx.random::<16>());
    let (kind, alg, unsigned) = match call.issued_token_type {
        Some(IssuedTokenType::IdJag) => id_jag(cx, call, &order, &id)?,
        Some(IssuedTokenType::TxnToken) => txn_token(cx, call, &order, &id)?,
        _ => return Err(Reason::ExchangeJwtTypeMissing {}.into()),
    };
    let jwt = signed(cx, alg, unsigned).await?;
    // RFC 8693 §2.2.1: what is no access token is said to be none.
    let mut content = json!({
        "access_token": jwt,
        "issued_token_type": kind.protocol_name(),
        "token_type": "N_A",
        "expires_in": order.lifetime.as_secs(),
    });
    if !order.scopes.is_empty() {
        content["scope"] = order.scopes.to_string().into();
    }
    Ok(Exchanged { id, content: content.to_string() })
}

/// What either kind of JWT needs.
struct Order {
    /// The client, as it is called here.
    client_id: String,
    subject: Subject,
    scopes: Scopes,
    lifetime: Ttl,
}

impl Order {
    async fn parse(cx: &Cx<'_>, call: &TokenExchangeRequest) -> Result<Self, Fault> {
        let client_id = client(cx, call).await?;
        let longest = match call.issued_token_type {
            Some(IssuedTokenType::IdJag) => LONGEST_ID_JAG,
            Some(IssuedTokenType::TxnToken) => LONGEST_TXN_TOKEN,
            _ => return Err(Reason::ExchangeJwtTypeMissing {}.into()),
        };
        let lifetime = Ttl::specified(call.duration).unwrap_or(LIFETIME);
        if lifetime > longest {
            return Err(Reason::ExchangeJwtDuration {}.into());
        }
        let scopes = call.scopes.iter().flatten().filter(|scope| !scope.is_empty()).collect();
        Ok(Self {
            client_id,
            subject: Subject::parse(call.subject.as_deref().unwrap_or_default())
                .map_err(|_| Reason::ExchangeJwtSubject {})?,
            scopes: scope::elsewhere(scopes).ok_or(Reason::ExchangeJwtScopes {})?,
            lifetime,
        })
    }
}

/// Only who authenticates can have asked.
async fn client(cx: &Cx<'_>, call: &TokenExchangeRequest) -> Result<String, Fault> {
    let identifier = call.client_identifier.clone().filter(|text| !text.is_empty());
    let identifier = identifier.or_else(|| call.client_id.map(|id| id.to_string()));
    let named = clients::named(cx, &identifier.unwrap_or_default()).await?;
    let client = named.ok_or(Reason::ExchangeJwtClientUnknown {})?.client;
    if client.locked {
        return Err(Reason::ExchangeJwtClientLocked {}.into());
    }
    if client.is_public() {
        return Err(Reason::ExchangeJwtClientPublic {}.into());
    }
    Ok(client.identifier(call.client_id_alias_used == Some(true) || client.has_url_alone()))
}

type Made = (TokenType, JwsAlg, Unsigned);

fn id_jag(cx: &Cx<'_>, call: &TokenExchangeRequest, order: &Order, jti: &str) -> Result<Made, Fault> {
    let tenant = &cx.tenant;
    let off = || Reason::ExchangeJwtOff { setting: "idJagSignAlg".to_owned() };
    let alg = tenant.token_exchange.id_jag.ok_or_else(off)?;
    let Meant = meant(&[
        ("requesterContext", call.requester_context.is_some()),
        ("transactionContext", call.transaction_context.is_some()),
    ])?;
    let audience = for_another(call.audience.as_deref().unwrap_or_default(), tenant);
    let there = call.audience_client_id.as_deref().filter(|id| !id.is_empty());
    let named = call.resources.iter().flatten().map(String::as_str);
    let resources = resource::usable(named).map_err(|_| Reason::ExchangeJwtResources {})?;
    let claims = subject_info::object(call.claims.as_deref(), &member("claims"))?;
    if let Some(claim) = claims.keys().find(|claim| id_jag::OWN.contains(&claim.as_str())) {
        return Err(Reason::ExchangeJwtClaim { claim: claim.clone() }.into());
    }
    let unsigned = id_jag::unsigned(IdJag {
        issuer: &tenant.issuer,
        sub: order.subject.as_str(),
        audience: audience.ok_or(Reason::ExchangeJwtAudience {})?,
        client_id: there.unwrap_or(&order.client_id),
        jti,
        now: cx.now,
        expires_at: cx.now + order.lifetime,
        scopes: &order.scopes,
        resources: &resources,
        claims,
    });
    Ok((TokenType::IdJag, alg, unsigned))
}

fn txn_token(cx: &Cx<'_>, call: &TokenExchangeRequest, order: &Order, txn: &str) -> Result<Made, Fault> {
    let off = || Reason::ExchangeJwtOff { setting: "txnTokenSignAlg".to_owned() };
    let transactions = cx.tenant.token_exchange.transactions.as_ref().ok_or_else(off)?;
    let Meant = meant(&[
        ("audience", call.audience.is_some()),
        ("audienceClientId", call.audience_client_id.is_some()),
        ("resources", call.resources.is_some()),
        ("claims", call.claims.is_some()),
    ])?;
    if order.scopes.is_empty() {
        return Err(Reason::ExchangeJwtScopes {}.into());
    }
    let context =
        |text: &Option<String>, name: &'static str| subject_info::object(text.as_deref(), &member(name));
    let unsigned = txn_token::unsigned(TxnToken {
        issuer: &cx.tenant.issuer,
        trust_domain: &transactions.trust_domain,
        sub: order.subject.as_str(),
        requester: &order.client_id,
        txn,
        now: cx.now,
        expires_at: cx.now + order.lifetime,
        scopes: &order.scopes,
        requester_context: context(&call.requester_context, "requesterContext")?,
        transaction_context: context(&call.transaction_context, "transactionContext")?,
    });
    Ok((TokenType::TxnToken, transactions.alg, unsigned))
}

fn member(name: &str) -> Reason {
    Reason::ExchangeJwtMember { member: name.to_owned() }
}

/// The members that the call brings all have a meaning for the kind of JWT.
struct Meant;

/// What has none is refused by name.
fn meant(others: &[(&'static str, bool)]) -> Result<Meant, Reason> {
    match others.iter().find(|(_, set)| *set) {
        Some((member, _)) => Err(Reason::ExchangeJwtMemberUnfit { member: (*member).to_owned() }),
        None => Ok(Meant),
    }
}

async fn signed(cx: &Cx<'_>, alg: JwsAlg, unsigned: Unsigned) -> Result<String, Fault> {
    let name = || alg.protocol_name().to_owned();
    if !cx.tenant.policy.client.algs.contains(alg) {
        return Err(Reason::ExchangeJwtAlgTooWeak { alg: name() }.into());
    }
    let key = cx.tenant.keys.signing(alg, None);
    let key = key.ok_or_else(|| Reason::ExchangeJwtKeyMissing { alg: name() })?;
    cx.signed(unsigned, &key).await
}

pub fn reply(_: &Tenant, outcome: Result<Exchanged, Fault>) -> TokenExchangeResponse {
    let (reason, action, exchanged) = match outcome {
        Ok(exchanged) => (Reason::ExchangeJwtMade {}, Action::Ok, Some(exchanged)),
        Err(fault) => {
            let server = fault.error() == placet_api::OAuthError::ServerError;
            (fault.reason, if server { Action::InternalServerError } else { Action::CallerError }, None)
        }
    };
    let (result_code, result_message) = result(&reason);
    let (response_content, token_id) = exchanged.map(|made| (made.content, made.id)).unzip();
    TokenExchangeResponse { result_code, result_message, action: Some(action), response_content, token_id }
}
