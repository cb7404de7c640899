//! POST /api/{serviceId}/auth/introspection/standard – RFC 7662, RFC 9701

use std::sync::Arc;

use placet_api::types::*;
use placet_api::{OAuthError, Reason};
use placet_base::accept;
use placet_base::registry::{JweAlg, JweEnc, JwsAlg};
use placet_jose::{EncryptionKey, Jwk, SigningKey};
use serde_json::{Map, Value};

use crate::cx::{Cx, LiveToken};
use crate::fault::Fault;
use crate::flow::clients;
use crate::flow::clients::Proving as _;
use crate::flow::reply::result;
use crate::mint::introspection::{self, IntrospectionContext};
use crate::mint::{self, error};
use crate::records::token::TokenValue;
use crate::rules::introspecting::Asking;
use crate::rules::params::{Params, Request};
use crate::tenant::{Signer, Tenant};

const JWT: &str = "application/token-introspection+jwt";

/// The response, and what it is about.
pub struct Answer {
    pub content: String,
    pub kind: &'static str,
    pub active: bool,
    pub jwt: bool,
}

/// What is known of a value.
struct Seeing {
    members: Map<String, Value>,
    kind: &'static str,
    active: bool,
    /// The policy of the token asks for a signed answer.
    signed: bool,
}

pub async fn introspect(cx: &mut Cx<'_>, call: &StandardIntrospectionRequest) -> Result<Answer, Fault> {
    let text = call.parameters.as_deref().ok_or(Reason::StandardParametersMissing {})?;
    let params = Params::parse(Request::Introspection, text)?;
    params.each_once()?;
    let asking = asking(cx, call, &params).await?;
    let value = params.one("token")?.ok_or(Reason::StandardTokenMissing {})?;
    let preferred = accept::preferred(call.http_accept_header.as_deref(), ["application/json", JWT]);
    let wants_jwt = asking.as_server() && preferred == JWT;
    let seeing = seen(cx, (call, &asking), value).await?;
    let (kind, active) = (seeing.kind, seeing.active);
    if !wants_jwt {
        if seeing.signed {
            return Err(Reason::StandardMustBeJwt {}.into());
        }
        let content = mint::json(&seeing.members);
        return Ok(Answer { content, kind, active, jwt: false });
    }
    let server = asking.server().ok_or(Reason::StandardServerMissing {})?;
    let content = as_jwt(cx, (call, server), seeing.members).await?;
    Ok(Answer { content, kind, active, jwt: true })
}

/// §2.1: the API leaves it to its caller who may ask, or is told to have a client prove itself.
async fn asking<'a>(
    cx: &mut Cx<'_>,
    call: &'a StandardIntrospectionRequest,
    params: &Params,
) -> Result<Asking<'a>, Fault> {
    let server = named(&call.rs_uri);
    if call.require_client_authentication != Some(true) {
        return match unasked(call) {
            Some(member) => Err(Reason::StandardCallerUnasked { member: member.to_owned() }.into()),
            None => Ok(Asking::LetIn { server }),
        };
    }
    let (credentials, tenant) = (call.credentials(params)?, cx.tenant.clone());
    let supported = &tenant.introspection_auth_methods;
    let client = clients::authenticated(cx, (&credentials, call.discovery()), supported).await?;
    Asking::client(client, server, call.resource_servers.as_deref().unwrap_or_default())
}

/// What says something about a client that nobody has asked for.
fn unasked(call: &StandardIntrospectionRequest) -> Option<&'static str> {
    let members = [
        ("resourceServers", call.resource_servers.is_some()),
        ("clientId", call.client_id.is_some()),
        ("clientSecret", call.client_secret.is_some()),
        ("clientCertificate", call.client_certificate.is_some()),
        ("clientCertificatePath", call.client_certificate_path.is_some()),
        ("oauthClientAttestation", call.oauth_client_attestation.is_some()),
        ("oauthClientAttestationPop", call.oauth_client_attestation_pop.is_some()),
    ];
    members.into_iter().find(|(_, there)| *there).map(|(name, _)| name)
}

async fn seen(
    cx: &Cx<'_>,
    (call, asking): (&StandardIntrospectionRequest, &Asking<'_>),
    value: &str,
) -> Result<Seeing, Fault> {
    // §2.1: the hint may be wrong; a value says by itself what it is for.
    for which in [TokenValue::Access, TokenValue::Refresh] {
        let live = cx.token(which, value).await?;
        let Some(live) = live.filter(|live| asking.concerned_by(live.token.entitlement.client)) else {
            continue;
        };
        let kind = if which == TokenValue::Access { "access_token" } else { "refresh_token" };
        let scopes = &live.token.entitlement.scopes;
        let signed = cx.tenant.policy(&live.client, scopes).resource.introspection_signed;
        let members = described(cx, (call, asking), &live, which);
        let active = members.is_some();
        return Ok(Seeing { members: members.unwrap_or_else(introspection::inactive), kind, active, signed });
    }
    Ok(Seeing { members: introspection::inactive(), kind: "unknown", active: false, signed: false })
}

/// `None` for a token that is expired, or not for this resource server.
fn described(
    cx: &Cx<'_>,
    (call, asking): (&StandardIntrospectionRequest, &Asking<'_>),
    live: &LiveToken,
    which: TokenValue,
) -> Option<Map<String, Value>> {
    let (token, tenant) = (&live.token, &cx.tenant);
    let end = match which {
        TokenValue::Access => token.access.expires_at,
        TokenValue::Refresh => token.refresh?.expires_at,
    };
    let audience = token.entitlement.audience();
    let server = asking.server();
    // RFC 9701 §5: a token is nothing to a resource server that it is not for.
    let for_another =
        !audience.is_empty() && server.is_some_and(|uri| !audience.iter().any(|one| one == uri));
    if end.is_past(cx.now) || for_another {
        return None;
    }
    let seen = IntrospectionContext {
        which,
        client_id: &live.client.identifier(token.entitlement.alias_used),
        issuer: &tenant.issuer,
        token_type: &tenant.tokens.token_type,
        hidden: call.with_hidden_properties == Some(true),
    };
    let members = introspection::active(token, &seen);
    Some(if asking.knows_users() { members } else { introspection::without_user(members) })
}

/// RFC 9701 §5: signed, and encrypted where the resource server has asked for that.
async fn as_jwt(
    cx: &Cx<'_>,
    (call, server): (&StandardIntrospectionRequest, &str),
    members: Map<String, Value>,
) -> Result<String, Fault> {
    let key = signing_key(&cx.tenant, call)?;
    let unsigned = introspection::unsigned(&cx.tenant.issuer, server, cx.now, members);
    let signed = cx.signed(unsigned, &key).await?;
    let Some((key, enc)) = encryption_key(call)? else { return Ok(signed) };
    let header = Map::from_iter([("cty".to_owned(), "JWT".into())]);
    let encrypted = placet_jose::encrypt(signed.as_bytes(), header, &key, enc);
    encrypted.ok_or_else(|| Fault::server("an encryption could not be made"))
}

fn named(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

fn signing_key(tenant: &Tenant, call: &StandardIntrospectionRequest) -> Result<Signer, Fault> {
    let alg = match named(&call.introspection_sign_alg) {
        None => JwsAlg::Rs256,
        Some(name) => JwsAlg::from_protocol(name)
            .filter(|alg| *alg != JwsAlg::None)
            .ok_or_else(|| Reason::StandardAlgUnknown { alg: name.to_owned() })?,
    };
    let missing = || Reason::StandardKeyMissing { alg: alg.protocol_name().to_owned() };
    if alg.is_symmetric() {
        let shared = named(&call.shared_key_for_sign).ok_or_else(missing)?;
        let key = SigningKey::from_secret(shared, alg).map(Arc::new).map(Signer::Software);
        return Ok(key.ok_or_else(missing)?);
    }
    let key = tenant.keys.signing(alg, tenant.tokens.introspection_key.as_deref());
    Ok(key.ok_or_else(missing)?)
}

fn encryption_key(call: &StandardIntrospectionRequest) -> Result<Option<(EncryptionKey, JweEnc)>, Fault> {
    let Some(name) = named(&call.introspection_encryption_alg) else { return Ok(None) };
    let unknown = |alg: &str| Reason::StandardAlgUnknown { alg: alg.to_owned() };
    let alg = JweAlg::ALL.iter().copied().find(|alg| alg.api_name() == name || alg.protocol_name() == name);
    let alg = alg.ok_or_else(|| unknown(name))?;
    let enc = match named(&call.introspection_encryption_enc) {
        None => JweEnc::A128CbcHs256,
        Some(name) => {
            let mut all = JweEnc::ALL.iter().copied();
            let found = all.find(|enc| enc.api_name() == name || enc.protocol_name() == name);
            found.ok_or_else(|| unknown(name))?
        }
    };
    let missing = || Reason::StandardKeyMissing { alg: alg.protocol_name().to_owned() };
    let key = match placet_jose::is_symmetric(alg) {
        true => named(&call.shared_key_for_encryption)
            .and_then(|shared| EncryptionKey::from_secret(shared, alg, enc)),
        false => named(&call.public_key_for_encryption)
            .and_then(|text| serde_json::from_str::<Value>(text).ok())
            .and_then(|jwk| Jwk::parse(&jwk)?.encryption_key(alg)),
    };
    Ok(Some((key.ok_or_else(missing)?, enc)))
}

pub fn reply(tenant: &Tenant, outcome: Result<Answer, Fault>) -> StandardIntrospectionResponse {
    use StandardIntrospectionResponseAction as Action;
    let (reason, action, content) = match outcome {
        Ok(Answer { content, kind, active, jwt }) => {
            let (kind, active) = (kind.to_owned(), active.to_string());
            let action = if jwt { Action::Jwt } else { Action::Ok };
            (Reason::IntrospectionAnswered { kind, active }, action, content)
        }
        Err(fault) => {
            let action = match fault.error() {
                OAuthError::InvalidClient => Action::InvalidClient,
                OAuthError::ServerError => Action::InternalServerError,
                _ => Action::BadRequest,
            };
            let content = error::json(tenant, &fault);
            (fault.reason, action, content)
        }
    };
    let (result_code, result_message) = result(&reason);
    StandardIntrospectionResponse {
        result_code,
        result_message,
        action: Some(action),
        response_content: Some(content),
        attestation_challenge: None,
    }
}
