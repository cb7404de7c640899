//! OpenID Connect Client-Initiated Backchannel Authentication Flow §7.1, §7.2 – what a client may ask for
//! where the user is not at its side

use placet_api::Reason;
use placet_base::registry::{DeliveryMode, GrantType};
use placet_base::{Scopes, Timestamp};
use placet_jose::claims::{self as jwt, Claims, Times, Untimely};
use placet_jose::{JwkSet, Parsed};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::fault::Fault;
use crate::policy::Policy;
use crate::rules::grant_management::{self, GrantWish};
use crate::rules::params::{Params, Request};
use crate::rules::prompt::supported_of;
use crate::rules::rar::{self, Details};
use crate::rules::scope::{self, ParameterisedScope};
use crate::rules::{id_token_hint, resource};
use crate::tenant::{Client, Tenant};

/// The longest that a signed request may live, in seconds.
const LONGEST: i64 = 60 * 60;
/// The longest token for notifying the client, in characters (§7.1).
const LONGEST_TOKEN: usize = 1024;
/// The longest binding message, in characters: it must fit a small screen.
const LONGEST_MESSAGE: usize = 100;

#[derive(Clone, Serialize, Deserialize)]
pub struct BackchannelRequest {
    pub scopes: Scopes,
    pub parameterised: Vec<ParameterisedScope>,
    pub acrs: Vec<String>,
    pub hint: Hint,
    pub hint_value: String,
    /// Whom an ID token given as hint is about.
    pub sub: Option<String>,
    pub binding_message: Option<String>,
    pub user_code: Option<String>,
    /// Seconds.
    pub requested_expiry: Option<i64>,
    pub notification_token: Option<String>,
    pub resources: Vec<String>,
    pub details: Details,
    pub grant: Option<GrantWish>,
    /// What a signed request says of its context, as JSON.
    pub context: Option<String>,
}

/// Which of the three hints names the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hint {
    LoginHint,
    LoginHintToken,
    IdTokenHint,
}

/// A request with its parameters in one place.
pub struct Gathered {
    pub params: Params,
    pub signed: Option<Signed>,
    context: Option<String>,
}

/// A signed request, whose identifier is good for one use.
pub struct Signed {
    pub jti: String,
    pub until: Timestamp,
}

/// What may stand beside a signed request: what proves the client (§7.1.1).
const OUTSIDE: [&str; 5] =
    ["request", "client_id", "client_secret", "client_assertion", "client_assertion_type"];
/// Members of a signed request that are about the request itself.
const OWN: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "jti", "request_context"];

/// The parameters of a request: as they are, or inside a signed one.
#[expect(clippy::too_many_arguments, reason = "what a signed request is held against")]
pub fn gathered(
    params: Params,
    tenant: &Tenant,
    client: &Client,
    policy: &Policy,
    keys: Option<&JwkSet>,
    now: Timestamp,
) -> Result<Gathered, Fault> {
    params.each_once()?;
    let Some(text) = params.one("request")? else {
        if policy.backchannel.signed || client.backchannel.alg.is_some() {
            return Err(Reason::BackchannelUnsigned {}.into());
        }
        return Ok(Gathered { params, signed: None, context: None });
    };
    if params.names().any(|name| !OUTSIDE.contains(&name)) {
        return Err(Reason::BackchannelParameterOutside {}.into());
    }
    let claims = verified(text, client, policy, keys)?;
    let signed = judged(&claims, tenant, client, now)?;
    let mut inner = Params::none(Request::Backchannel);
    for (name, value) in claims.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        match value {
            Value::Null => {}
            Value::String(text) => inner.add(name, text),
            Value::Array(list) if name == "resource" => {
                list.iter().filter_map(Value::as_str).for_each(|one| inner.add(name, one));
            }
            other => inner.add(name, &other.to_string()),
        }
    }
    let context = match claims.get("request_context") {
        None => None,
        Some(context @ Value::Object(_)) => Some(context.to_string()),
        Some(_) => return Err(Reason::BackchannelContextMalformed {}.into()),
    };
    Ok(Gathered { params: inner, signed: Some(signed), context })
}

fn verified(text: &str, client: &Client, policy: &Policy, keys: Option<&JwkSet>) -> Result<Claims, Fault> {
    let parsed = Parsed::parse(text).map_err(|_| Reason::BackchannelRequestMalformed {})?;
    let alg = parsed.alg();
    let registered = client.backchannel.alg.is_none_or(|registered| registered == alg);
    if !alg.is_asymmetric() || !registered || !policy.client.algs.contains(alg) {
        return Err(Reason::BackchannelRequestAlg { alg: alg.protocol_name().to_owned() }.into());
    }
    let kid = parsed.kid().map(str::to_owned);
    let set = keys.ok_or(Reason::BackchannelRequestSignature {})?;
    let claims = parsed.verified_by_any(set.verifying(alg, kid.as_deref()));
    claims.map_err(|_| Reason::BackchannelRequestSignature {}.into())
}

/// §7.1.1: every one of these claims is required.
fn judged(claims: &Claims, tenant: &Tenant, client: &Client, now: Timestamp) -> Result<Signed, Fault> {
    let wrong = |claim: &str| Fault::from(Reason::BackchannelClaimWrong { claim: claim.to_owned() });
    let missing = |claim: &str| Fault::from(Reason::BackchannelClaimMissing { claim: claim.to_owned() });
    let says = |name| jwt::text(claims, name).ok().flatten();
    if !says("iss").ok_or_else(|| missing("iss")).map(|iss| client.names(iss))? {
        return Err(wrong("iss"));
    }
    let audiences = jwt::audiences(claims).ok_or_else(|| missing("aud"))?;
    if !audiences.contains(&tenant.issuer.as_str()) {
        return Err(wrong("aud"));
    }
    let times = Times::read(claims).and_then(|times| times.current(now, tenant.tolerance));
    let times = times.map_err(|what| match what {
        Untimely::Malformed(claim) => wrong(claim),
        Untimely::Expired => wrong("exp"),
        Untimely::NotYet => wrong("nbf"),
        Untimely::FromTheFuture => wrong("iat"),
    })?;
    let exp = times.exp.ok_or_else(|| missing("exp"))?;
    let nbf = times.nbf.ok_or_else(|| missing("nbf"))?;
    times.iat.ok_or_else(|| missing("iat"))?;
    if exp.saturating_sub(nbf) > LONGEST {
        return Err(wrong("exp"));
    }
    let jti = says("jti").ok_or_else(|| missing("jti"))?.to_owned();
    Ok(Signed { jti, until: Timestamp::from_secs(exp.saturating_add(tenant.tolerance.late)) })
}

/// A client that may use this flow, and the way in which it gets its tokens.
pub fn delivery(tenant: &Tenant, client: &Client, policy: &Policy) -> Result<DeliveryMode, Fault> {
    if client.is_public() {
        return Err(Reason::BackchannelForPublic {}.into());
    }
    let grant = GrantType::Ciba;
    if !tenant.grant_types.contains(&grant) || !client.grant_types.contains(&grant) {
        return Err(Reason::BackchannelNotAllowed {}.into());
    }
    let mode = client.backchannel.mode.ok_or(Reason::BackchannelModeMissing {})?;
    if !tenant.backchannel.modes.contains(&mode) {
        return Err(Reason::BackchannelModeUnsupported {}.into());
    }
    if !policy.backchannel.delivery.contains(mode) {
        return Err(Reason::BackchannelModeRefused { mode: mode.protocol_name().to_owned() }.into());
    }
    Ok(mode)
}

impl BackchannelRequest {
    pub fn build(
        gathered: &Gathered,
        tenant: &Tenant,
        client: &Client,
        policy: &Policy,
        requested: scope::Requested,
    ) -> Result<Self, Fault> {
        let params = gathered.params.each_once()?;
        // §7.1: a request for authentication is an OpenID Connect request.
        if !requested.registered.contains(Scopes::OPENID) {
            return Err(Reason::BackchannelOpenidMissing {}.into());
        }
        let (hint, hint_value) = hint(params)?;
        let sub = match hint {
            Hint::IdTokenHint => {
                let sub = id_token_hint::subject(&hint_value, tenant, client);
                Some(sub.ok_or(Reason::BackchannelHintInvalid {})?)
            }
            _ => None,
        };
        let acrs = supported_of(params, "acr_values", &tenant.authorization.acrs)?;
        Ok(Self {
            scopes: requested.registered,
            parameterised: requested.parameterised,
            acrs: if acrs.is_empty() { client.default_acrs.clone() } else { acrs },
            hint,
            hint_value,
            sub,
            binding_message: binding_message(params, tenant, policy)?,
            user_code: user_code(params, tenant, client)?,
            requested_expiry: requested_expiry(params)?,
            notification_token: notification_token(params, client)?,
            resources: resource::resources(params)?,
            details: rar::details(params, tenant, client)?,
            grant: grant_management::grant(params, client, policy.request.grant_action)?,
            context: gathered.context.clone(),
        })
    }
}

/// §7.1: exactly one hint.
fn hint(params: &Params) -> Result<(Hint, String), Fault> {
    let hints = [
        (Hint::LoginHint, params.one("login_hint")?),
        (Hint::LoginHintToken, params.one("login_hint_token")?),
        (Hint::IdTokenHint, params.one("id_token_hint")?),
    ];
    let mut given = hints.into_iter().filter_map(|(hint, value)| Some((hint, value?.to_owned())));
    match (given.next(), given.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Reason::BackchannelHintMissing {}.into()),
        (Some(_), Some(_)) => Err(Reason::BackchannelHintsMany {}.into()),
    }
}

/// §7.1, §13: short, and plain enough to be shown on any device.
fn binding_message(params: &Params, tenant: &Tenant, policy: &Policy) -> Result<Option<String>, Fault> {
    let wanted = policy.backchannel.binding_message
        || policy.backchannel.signed && tenant.backchannel.binding_message_with_signature;
    match params.one("binding_message")? {
        None if wanted => Err(Reason::BindingMessageMissing {}.into()),
        None => Ok(None),
        Some(message) => {
            let shown = message.chars().count() <= LONGEST_MESSAGE && !message.chars().any(char::is_control);
            if shown { Ok(Some(message.to_owned())) } else { Err(Reason::BindingMessageUnfit {}.into()) }
        }
    }
}

fn user_code(params: &Params, tenant: &Tenant, client: &Client) -> Result<Option<String>, Fault> {
    let code = params.one("user_code")?;
    if code.is_none() && client.backchannel.user_code && tenant.backchannel.user_code {
        return Err(Reason::UserCodeMissing {}.into());
    }
    Ok(code.map(str::to_owned))
}

fn requested_expiry(params: &Params) -> Result<Option<i64>, Fault> {
    let Some(text) = params.one("requested_expiry")? else { return Ok(None) };
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let secs = text.parse::<i32>().ok().filter(|secs| digits && *secs > 0);
    Ok(Some(i64::from(secs.ok_or(Reason::RequestedExpiryInvalid {})?)))
}

/// §7.1: needed for ping and push; RFC 6750 §2.1 says what it is made of.
fn notification_token(params: &Params, client: &Client) -> Result<Option<String>, Fault> {
    let Some(token) = params.one("client_notification_token")? else {
        return match client.backchannel.mode {
            Some(DeliveryMode::Poll) | None => Ok(None),
            _ => Err(Reason::NotificationTokenMissing {}.into()),
        };
    };
    if token.len() > LONGEST_TOKEN {
        return Err(Reason::NotificationTokenTooLong {}.into());
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    if !token.trim_end_matches('=').bytes().all(allowed) {
        return Err(Reason::NotificationTokenMalformed {}.into());
    }
    Ok(Some(token.to_owned()))
}
