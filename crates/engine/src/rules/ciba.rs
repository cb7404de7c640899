//! OpenID Connect Client-Initiated Backchannel Authentication Flow §7.1, §7.2 – what a client may ask for
//! where the user is not at its side

use placet_api::Reason;
use placet_base::registry::{DeliveryMode, GrantType};
use placet_base::set::Set;
use placet_base::{Scopes, Timestamp, Ttl};
use placet_jose::JwkSet;
use placet_jose::claims::Untimely;
use placet_jose::jwt::{
    self, Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
    Verified,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::budgets::{BINDING_MESSAGE, NOTIFICATION_TOKEN, REQUESTED_EXPIRY};
use crate::fault::Fault;
use crate::policy::Policy;
use crate::rules::admission::Admitted;
use crate::rules::id_token_hint::{self, ReturnedToken};
use crate::rules::params::{Params, Request};
use crate::rules::requested_access::RequestedAccess;
use crate::rules::scope;
use crate::tenant::{Client, Tenant};

/// The longest that a signed request may live, in seconds.
const LONGEST: i64 = 60 * 60;

#[derive(Clone, Serialize, Deserialize)]
pub struct BackchannelRequest {
    #[serde(flatten)]
    pub access: RequestedAccess,
    pub hint: UserHint,
    /// Only the answer needs it, and it is not stored.
    #[serde(default, skip_serializing)]
    pub hint_value: String,
    /// Whom an ID token given as hint is about.
    pub sub: Option<String>,
    /// For the user's eyes; only the answer needs it, and it is not stored.
    #[serde(default, skip_serializing)]
    pub binding_message: Option<String>,
    /// A secret of the user; only the answer needs it, and it is not stored.
    #[serde(default, skip_serializing)]
    pub user_code: Option<String>,
    /// Seconds.
    pub requested_expiry: Option<i64>,
    pub notification_token: Option<String>,
    /// What a signed request says of its context, as JSON; only the answer needs it, and it is not stored.
    #[serde(default, skip_serializing)]
    pub context: Option<String>,
}

/// Which of the three hints names the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserHint {
    LoginHint,
    LoginHintToken,
    IdTokenHint,
}

/// A request with its parameters in one place.
pub struct AssembledRequest {
    pub params: Params,
    pub signed: Option<Signed>,
    context: Option<String>,
    /// When the request came.
    at: Timestamp,
    /// The token of `id_token_hint`, opened.
    pub hint: Option<ReturnedToken>,
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
) -> Result<AssembledRequest, Fault> {
    params.each_once()?;
    let Some(text) = params.one("request")? else {
        if policy.backchannel.signed || client.backchannel.alg.is_some() {
            return Err(Reason::BackchannelUnsigned {}.into());
        }
        return Ok(AssembledRequest { params, signed: None, context: None, at: now, hint: None });
    };
    if params.names().any(|name| !OUTSIDE.contains(&name)) {
        return Err(Reason::BackchannelParameterOutside {}.into());
    }
    let request = verified(text, &On { tenant, client, policy, keys, now })?;
    let signed = once(&request, tenant)?;
    let claims = request.claims();
    let wrong = |claim: &str| Reason::BackchannelClaimWrong { claim: claim.to_owned() };
    let inner = Params::of_claims(Request::Backchannel, claims, &OWN).map_err(wrong)?;
    let context = match claims.get("request_context") {
        None => None,
        Some(context @ Value::Object(_)) => Some(context.to_string()),
        Some(_) => return Err(Reason::BackchannelContextMalformed {}.into()),
    };
    Ok(AssembledRequest { params: inner, signed: Some(signed), context, at: now, hint: None })
}

/// What a signed request is held against.
struct On<'a> {
    tenant: &'a Tenant,
    client: &'a Client,
    policy: &'a Policy,
    keys: Option<&'a JwkSet>,
    now: Timestamp,
}

/// §7.1.1: every one of the claims is required.
fn verified(text: &str, on: &On<'_>) -> Result<Verified, Fault> {
    let registered = on.client.backchannel.alg.map_or(Set::EVERY, |alg| [alg].into_iter().collect());
    let from_client = |name: &str| on.client.names(name);
    let for_us = |name: &str| name == on.tenant.issuer;
    let expected = Expected {
        kind: Kind::BackchannelRequest,
        signature: Signature::Required,
        algs: jwt::asymmetric().meet(registered).meet(on.policy.client.algs),
        issuer: Party::Named(&from_client),
        audience: Party::Named(&for_us),
        timing: Timing {
            now: on.now,
            tolerance: on.tenant.tolerance,
            exp: Presence::Required,
            nbf: Presence::Required,
            iat: Presence::Required,
            expired: Expired::Refused,
            longest: MaxLifetime::FromBeginning(LONGEST),
        },
    };
    let keys = |found: &UnverifiedJwt<'_>| -> Vec<_> {
        on.keys.map(|set| set.verifying(found.alg, found.kid).collect()).unwrap_or_default()
    };
    jwt::read(text, &expected, keys).map_err(|error| reason(error).into())
}

fn reason(error: JwtError) -> Reason {
    let wrong = |claim: &str| Reason::BackchannelClaimWrong { claim: claim.to_owned() };
    match error {
        JwtError::Malformed | JwtError::Kind => Reason::BackchannelRequestMalformed {},
        JwtError::Algorithm(alg) => Reason::BackchannelRequestAlg { alg: alg.protocol_name().to_owned() },
        JwtError::NoKey | JwtError::Signature => Reason::BackchannelRequestSignature {},
        JwtError::Missing(claim) => Reason::BackchannelClaimMissing { claim: claim.to_owned() },
        JwtError::Wrong(claim) | JwtError::Untimely(Untimely::Malformed(claim)) => wrong(claim),
        JwtError::Untimely(Untimely::Expired) | JwtError::TooLong => wrong("exp"),
        JwtError::Untimely(Untimely::NotYet) => wrong("nbf"),
        JwtError::Untimely(Untimely::FromTheFuture) => wrong("iat"),
    }
}

/// The identifier, which is remembered for as long as the request could be sent again.
fn once(request: &Verified, tenant: &Tenant) -> Result<Signed, Fault> {
    let jti = request.required("jti").map_err(reason)?.to_owned();
    let exp = request.times().exp.ok_or(reason(JwtError::Missing("exp")))?;
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
        gathered: &AssembledRequest,
        tenant: &Tenant,
        client: &Client,
        admitted: &Admitted,
        requested: scope::Requested,
    ) -> Result<Self, Fault> {
        let policy = admitted.policy();
        let params = gathered.params.each_once()?;
        // §7.1: a request for authentication is an OpenID Connect request.
        if !requested.registered.contains(Scopes::OPENID) {
            return Err(Reason::BackchannelOpenidMissing {}.into());
        }
        let (hint, hint_value) = hint(params)?;
        let sub = match hint {
            UserHint::IdTokenHint => {
                let returned = gathered.hint.as_ref();
                let sub = returned.and_then(|hint| id_token_hint::subject(hint, tenant, client, gathered.at));
                Some(sub.ok_or(Reason::BackchannelHintInvalid {})?)
            }
            UserHint::LoginHint | UserHint::LoginHintToken => None,
        };
        Ok(Self {
            access: RequestedAccess::build(params, tenant, client, policy, requested)?,
            hint,
            hint_value,
            sub,
            binding_message: binding_message(params, tenant, policy)?,
            user_code: user_code(params, tenant, client)?,
            requested_expiry: requested_expiry(params)?,
            notification_token: notification_token(params, client)?,
            context: gathered.context.clone(),
        })
    }
}

/// §7.1: exactly one hint.
fn hint(params: &Params) -> Result<(UserHint, String), Fault> {
    let hints = [
        (UserHint::LoginHint, params.one("login_hint")?),
        (UserHint::LoginHintToken, params.one("login_hint_token")?),
        (UserHint::IdTokenHint, params.one("id_token_hint")?),
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
            let shown = message.chars().count() <= BINDING_MESSAGE && !message.chars().any(char::is_control);
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

/// §7.1: how long a request is open. A client may ask for less than the service gives, and for more within reason: what is open
/// waits for its user.
pub fn lifetime(requested: Option<i64>, of_service: Ttl) -> Ttl {
    let most = of_service.max(Ttl::secs(i64::try_from(REQUESTED_EXPIRY).unwrap_or(i64::MAX)));
    Ttl::specified(requested).map_or(of_service, |wanted| wanted.min(most))
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
            Some(DeliveryMode::Ping | DeliveryMode::Push) => Err(Reason::NotificationTokenMissing {}.into()),
        };
    };
    if token.len() > NOTIFICATION_TOKEN {
        return Err(Reason::NotificationTokenTooLong {}.into());
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    if !token.trim_end_matches('=').bytes().all(allowed) {
        return Err(Reason::NotificationTokenMalformed {}.into());
    }
    Ok(Some(token.to_owned()))
}
