//! POST /api/{serviceId}/vci/single/parse, /vci/single/issue – OpenID for Verifiable Credential Issuance 1.0 §8

use placet_api::Reason;
use placet_api::types::{CredentialIssuanceOrder, VciSingleIssueRequest, VciSingleParseRequest};
use placet_base::{RecordNumber, Ttl};
use placet_store::Loaded;
use serde_json::{Value, json};

use crate::cx::{Cx, Held, LiveToken};
use crate::fault::Fault;
use crate::flow::access_token::{self, Refusals};
use crate::flow::credential::{self, Order};
use crate::records::credential_request::{CredentialRequestRecord, Waiting};
use crate::rules::credential::granted::{self, Covered, NamedBy};
use crate::rules::credential::proof::{self, Expected, ProvenKeys};
use crate::rules::credential::request::CredentialRequest;
use crate::tenant::credential_issuer::{CredentialIssuer, Oid4vciVersion};

/// How long the authorization server may take to say what goes into a credential.
const ORDER: Ttl = Ttl::secs(10 * 60);

/// A request that is in order.
pub struct Parsed {
    pub identifier: String,
    pub name: String,
    pub by: NamedBy,
    pub format: &'static str,
    /// What the credential is, as its configuration says.
    pub details: Value,
    pub keys: Vec<Value>,
}

/// What goes back to the wallet.
pub struct Credentials {
    pub content: String,
    /// It is encrypted.
    pub encrypted: bool,
}

fn refusals() -> Refusals {
    let expired = || Reason::CredentialTokenExpired {};
    Refusals {
        missing: Reason::CredentialTokenMissing {},
        unknown: Reason::CredentialTokenUnknown {},
        expired: expired(),
        expired_refreshable: expired(),
        both_expired: expired(),
    }
}

async fn token(cx: &Cx<'_>, value: Option<&str>) -> Result<LiveToken, Fault> {
    let token = access_token::known(cx, value, &refusals()).await?;
    token.expiry(cx, refusals())?;
    Ok(token)
}

pub async fn parse(cx: &mut Cx<'_>, call: &VciSingleParseRequest) -> Result<Parsed, Fault> {
    let tenant = cx.tenant.clone();
    let issuer = tenant.credentials.as_ref().ok_or(Reason::CredentialRequestNotAllowed {})?;
    let identifier = issuer.identifier.as_deref().ok_or(Reason::CredentialIssuerUnnamed {})?;
    let token = token(cx, call.access_token.as_deref()).await?;
    let content = call.request_content.as_deref().filter(|text| !text.trim().is_empty());
    let opened = credential::opened(content.ok_or(Reason::CredentialContentMissing {})?, issuer)?;
    let request = CredentialRequest::parse(&opened, issuer, token.client.credentials_encrypted)?;
    let entitlement = &token.token.entitlement;
    let request = granted::covered(request, &entitlement.of_credentials(), issuer)?;
    let client = token.client.identifier(entitlement.alias_used);
    let now = cx.now;
    let ours: &dyn Fn(&str) -> bool = &|nonce| issuer.nonces.accepts(nonce, now);
    let expected = Expected {
        issuer: identifier,
        client: &client,
        now,
        tolerance: tenant.tolerance,
        nonce: Some(ours).filter(|_| issuer.demands_nonce),
        attesters: &issuer.attesters,
        most: issuer.most,
    };
    let keys = proof::proven(&request, &expected)?;
    let identifier = kept(cx, &request, &keys, *token.token.id());
    Ok(Parsed {
        identifier,
        name: request.name.to_owned(),
        by: request.by,
        format: request.configuration.format.name(),
        details: request.details.clone().into(),
        keys: keys.documents(),
    })
}

/// Keeps the request until its order comes; the name by which that finds it.
fn kept(cx: &mut Cx<'_>, request: &Covered<'_>, keys: &ProvenKeys, token: RecordNumber) -> String {
    let number = cx.number();
    let handle = cx.handle::<CredentialRequestRecord>((), number, 0);
    let waiting = Waiting { hash: handle.hash(), token, expires_at: cx.now + ORDER };
    cx.write.insert(cx.tenant.id, &number, &CredentialRequestRecord::new(request, keys, waiting));
    handle.into_value()
}

pub async fn issue(cx: &mut Cx<'_>, call: &VciSingleIssueRequest) -> Result<Credentials, Fault> {
    let tenant = cx.tenant.clone();
    let issuer = tenant.credentials.as_ref().ok_or(Reason::CredentialRequestNotAllowed {})?;
    let token = token(cx, call.access_token.as_deref()).await?;
    let order = call.order.as_deref();
    let request = requested(cx, order, &token).await?;
    if call.denied == Some(true) {
        cx.write.delete_regardless(request);
        return Err(Reason::CredentialDenied {}.into());
    }
    let order = Order::parse(order.ok_or(Reason::CredentialOrderMissing {})?, issuer, cx.now)?;
    let made = credential::issued(cx, issuer, request.value(), &order).await?;
    let content = content(issuer, made, cx).to_string();
    let encrypted = request.encryption.is_some();
    let content = match request.encryption.as_ref() {
        Some(encryption) => credential::sealed(&content, encryption)?,
        None => content,
    };
    cx.write.delete(request);
    Ok(Credentials { content, encrypted })
}

/// The request that an order is for; it was made with the same token.
async fn requested(
    cx: &Cx<'_>,
    order: Option<&CredentialIssuanceOrder>,
    token: &LiveToken,
) -> Result<Loaded<CredentialRequestRecord>, Fault> {
    let identifier = order.and_then(|order| order.request_identifier.as_deref());
    let identifier = identifier.filter(|text| !text.is_empty()).ok_or(Reason::CredentialOrderMissing {})?;
    let found = cx.bearer::<CredentialRequestRecord>((), identifier).await?.and_then(Held::present);
    let found = found.filter(|request| !request.expires_at.is_past(cx.now));
    let found = found.ok_or(Reason::CredentialRequestUnknown {})?;
    match found.token == *token.token.id() {
        true => Ok(found),
        false => Err(Reason::CredentialRequestOfOther {}.into()),
    }
}

/// §8.3: a list, however many there are; the draft has one, and a nonce for the next.
fn content(issuer: &CredentialIssuer, made: Vec<String>, cx: &Cx<'_>) -> Value {
    match issuer.version {
        Oid4vciVersion::Final => {
            let all: Vec<_> =
                made.into_iter().map(|credential| json!({ "credential": credential })).collect();
            json!({ "credentials": all })
        }
        Oid4vciVersion::ImplementersDraft1 => json!({
            "credential": made.into_iter().next(),
            "c_nonce": issuer.nonces.current(cx.now),
            "c_nonce_expires_in": issuer.nonces.window(),
        }),
    }
}
