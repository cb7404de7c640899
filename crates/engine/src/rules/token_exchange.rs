//! RFC 8693 §2.1 – a request to exchange tokens: who may make it, what it has to say, and what is verified of the
//! tokens that it brings. Whether the exchange is granted is for the authorization server to decide.

use placet_api::Reason;
use placet_base::registry::{GrantType, JwsAlg, TokenType};
use placet_base::url::Issuer;
use placet_base::{Scopes, Timestamp};
use placet_jose::claims::Untimely;
use placet_jose::jwt::{
    self, Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
    Verified,
};
use placet_jose::{VerifyingKey, is_encrypted};

use crate::budgets::AUDIENCES;
use crate::fault::Fault;
use crate::rules::admission::admitted;
use crate::rules::id_jag::RequestedIdJag;
use crate::rules::params::Params;
use crate::rules::txn_token::RequestedTxnToken;
use crate::rules::{id_jag, resource, scope, txn_token};
use crate::tenant::{Client, Tenant};

/// What is asked for, and what is brought.
pub struct ExchangeRequest {
    pub scopes: Scopes,
    pub resources: Vec<String>,
    pub audiences: Vec<String>,
    pub requested: Option<TokenType>,
    pub subject: Presented,
    pub actor: Option<Presented>,
}

/// What is asked for: a token of this service, or a JWT for somewhere else.
pub enum Wanted {
    Token,
    IdJag(RequestedIdJag),
    TxnToken(RequestedTxnToken),
}

/// One of the two tokens.
#[derive(Clone)]
pub struct Presented {
    /// The parameter that brought it.
    pub parameter: &'static str,
    pub kind: TokenType,
    pub value: String,
}

const SUBJECT: &str = "subject_token";
const ACTOR: &str = "actor_token";

impl ExchangeRequest {
    /// `client`: who asks; `None` for a request that names nobody.
    pub fn build(params: &Params, tenant: &Tenant, client: Option<&Client>) -> Result<Self, Fault> {
        let requested = requested_type(params, tenant)?;
        let scopes = match (client, requested) {
            (Some(client), Some(TokenType::IdJag | TokenType::TxnToken)) => {
                elsewhere(tenant, client, params)?
            }
            (Some(client), _) => permitted(tenant, client, params)?,
            (None, Some(TokenType::IdJag | TokenType::TxnToken)) => {
                return Err(Reason::ExchangeUnidentified {}.into());
            }
            (None, _) => unidentified(tenant, params)?,
        };
        let subject = presented(params, tenant, SUBJECT)?.ok_or(Reason::SubjectTokenMissing {})?;
        let audiences: Vec<_> = params.all("audience").map(str::to_owned).collect();
        if audiences.len() > AUDIENCES {
            return Err(Reason::ExchangeAudiencesExcessive {}.into());
        }
        Ok(Self {
            scopes,
            resources: resource::resources(params)?,
            audiences,
            requested,
            subject,
            actor: presented(params, tenant, ACTOR)?,
        })
    }
}

impl ExchangeRequest {
    /// What is asked for, which says what it has to where it is for somewhere else.
    pub fn wanted(&self, params: &Params, tenant: &Tenant, client: Option<&Client>) -> Result<Wanted, Fault> {
        Ok(match self.requested {
            Some(TokenType::IdJag) => Wanted::IdJag(id_jag::requested(self, tenant, client)?),
            Some(TokenType::TxnToken) => Wanted::TxnToken(txn_token::requested(self, params, tenant)?),
            _ => Wanted::Token,
        })
    }

    /// The secret of a device, where that is what acts for the subject.
    pub fn device_secret(&self) -> Option<&str> {
        let actor = self.actor.as_ref().filter(|actor| actor.kind == TokenType::DeviceSecret)?;
        Some(&actor.value)
    }
}

/// The types of drafts are known where the service has switched them on.
fn requested_type(params: &Params, tenant: &Tenant) -> Result<Option<TokenType>, Fault> {
    let Some(text) = params.one("requested_token_type")? else { return Ok(None) };
    let rules = &tenant.token_exchange;
    let kind = TokenType::from_protocol(text).filter(|kind| match kind {
        TokenType::IdJag => rules.id_jag.is_some(),
        TokenType::TxnToken => rules.transactions.is_some(),
        _ => true,
    });
    Ok(Some(kind.ok_or(Reason::ExchangeRequestedTypeUnknown {})?))
}

/// A token and its type, which come together (§2.1).
fn presented(params: &Params, tenant: &Tenant, parameter: &'static str) -> Result<Option<Presented>, Fault> {
    let name = || parameter.to_owned();
    let kind = match parameter {
        ACTOR => params.one("actor_token_type")?,
        _ => params.one("subject_token_type")?,
    };
    match (params.one(parameter)?, kind) {
        (None, None) => Ok(None),
        (None, Some(_)) if parameter == SUBJECT => Ok(None),
        (None, Some(_)) => Err(Reason::ExchangeTypeUnexpected { token: name() }.into()),
        (Some(_), None) => Err(Reason::ExchangeTypeMissing { token: name() }.into()),
        (Some(value), Some(kind)) => {
            let kind = TokenType::from_protocol(kind);
            // OpenID Connect Native SSO §4.3: the secret of a device acts for the session of an ID token.
            let shared = tenant.tokens.native_sso && parameter == ACTOR;
            let kind = kind.filter(|kind| match kind {
                TokenType::DeviceSecret => shared,
                // Made here for others, and never taken back.
                TokenType::IdJag | TokenType::TxnToken => false,
                _ => true,
            });
            let kind = kind.ok_or_else(|| Reason::ExchangeTypeUnknown { token: name() })?;
            Ok(Some(Presented { parameter, kind, value: value.to_owned() }))
        }
    }
}

/// A client may exchange tokens here.
struct Permitted;

fn permission(tenant: &Tenant, client: &Client) -> Result<Permitted, Fault> {
    let rules = &tenant.token_exchange;
    if rules.confidential_only && client.is_public() {
        return Err(Reason::ExchangeForPublic {}.into());
    }
    if rules.permitted_only && !client.exchange_permitted {
        return Err(Reason::ExchangeNotPermitted {}.into());
    }
    Ok(Permitted)
}

/// The scopes of a JWT for somewhere else, whose meaning is not known here; for clients that authenticate
/// (draft-ietf-oauth-identity-assertion-authz-grant-04 §9.1, draft-ietf-oauth-transaction-tokens-10 §8.5).
fn elsewhere(tenant: &Tenant, client: &Client, params: &Params) -> Result<Scopes, Fault> {
    let Permitted = permission(tenant, client)?;
    if client.is_public() {
        return Err(Reason::ExchangeElsewherePublic {}.into());
    }
    admitted(client, GrantType::TokenExchange, tenant.policy(client, &Scopes::default()))?;
    let scopes = params.one("scope")?.map(Scopes::split).unwrap_or_default();
    Ok(scope::elsewhere(scopes).ok_or(Reason::ScopesExcessive {})?)
}

/// The scopes that a client asks for, once it is one that may exchange tokens here.
fn permitted(tenant: &Tenant, client: &Client, params: &Params) -> Result<Scopes, Fault> {
    let Permitted = permission(tenant, client)?;
    let scopes = scope::requested(params, tenant, client)?.all();
    let admitted = admitted(client, GrantType::TokenExchange, tenant.policy(client, &scopes))?;
    scope::sufficient(scopes, admitted.policy().request.scope, Reason::GrantScopeMissing {})
}

/// The same for somebody who does not say who it is: what is wanted of clients cannot be had of nobody.
fn unidentified(tenant: &Tenant, params: &Params) -> Result<Scopes, Fault> {
    let rules = &tenant.token_exchange;
    if rules.identifiable_only || rules.confidential_only || rules.permitted_only {
        return Err(Reason::ExchangeUnidentified {}.into());
    }
    scope::of_nobody(params, tenant, GrantType::TokenExchange)
}

/// What is known of a JWT that was brought.
pub enum Judged {
    /// It is encrypted: nothing is known, and the authorization server goes on from here.
    Encrypted,
    /// Its times are right; its signature is for the authorization server to judge.
    Timely,
    /// It is an ID token, signed by whom it names as its issuer.
    IdToken(Box<Verified>),
}

/// What is expected of every JWT here.
fn expected<'a>(tenant: &Tenant, now: Timestamp, what: &Presented, issuer: Party<'a>) -> Expected<'a> {
    let id_token = what.kind == TokenType::IdToken;
    let presence = if id_token { Presence::Required } else { Presence::Optional };
    let unsigned = !id_token && !tenant.token_exchange.unsigned_rejected;
    Expected {
        kind: if id_token { Kind::IdToken } else { Kind::SubjectToken },
        signature: if unsigned { Signature::MayBeNone } else { Signature::Required },
        algs: if id_token { jwt::asymmetric() } else { JwsAlg::ALL.iter().copied().collect() },
        issuer,
        audience: Party::Elsewhere("whose tokens may be exchanged is for the authorization server to say"),
        timing: Timing {
            now,
            tolerance: tenant.tolerance,
            exp: presence,
            nbf: Presence::Optional,
            iat: presence,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    }
}

/// A JWT of any issuer. COMPAT: its signature is not verified, since nothing says whose keys to take.
pub fn jwt(what: &Presented, tenant: &Tenant, now: Timestamp) -> Result<Judged, Fault> {
    if is_encrypted(&what.value) {
        return encrypted(what, tenant);
    }
    let anybody = Party::Elsewhere("whom to trust is for the authorization server to say");
    let expected = expected(tenant, now, what, anybody);
    jwt::read_unproven(&what.value, &expected).map_err(|error| refusal(error, what))?;
    Ok(Judged::Timely)
}

fn encrypted(what: &Presented, tenant: &Tenant) -> Result<Judged, Fault> {
    match tenant.token_exchange.encrypted_rejected {
        true => Err(Reason::ExchangeTokenEncrypted { token: what.parameter.to_owned() }.into()),
        false => Ok(Judged::Encrypted),
    }
}

/// Where the keys of an ID token are to be had: of the issuer that it names, once that is one that could have any.
pub enum KeysOf {
    /// It is encrypted, and taken as it is.
    Nobody,
    Us,
    Issuer(Issuer),
}

/// OpenID Connect Core §2: who says to have made an ID token.
pub fn issuer_of(what: &Presented, tenant: &Tenant, now: Timestamp) -> Result<KeysOf, Fault> {
    if is_encrypted(&what.value) {
        return encrypted(what, tenant).map(|_| KeysOf::Nobody);
    }
    let named = |issuer: &str| issuer == tenant.issuer || Issuer::parse(issuer).is_ok();
    let expected = expected(tenant, now, what, Party::Named(&named));
    let token = jwt::read_unproven(&what.value, &expected).map_err(|error| refusal(error, what))?;
    let issuer = token.required("iss").map_err(|error| refusal(error, what))?;
    if issuer == tenant.issuer {
        return Ok(KeysOf::Us);
    }
    let wrong = || claim("iss", what);
    Ok(KeysOf::Issuer(Issuer::parse(issuer).map_err(|_| wrong())?))
}

/// OpenID Connect Core §2, §3.1.3.7: an ID token, verified with the keys of its issuer.
pub fn id_token<K: IntoIterator<Item = VerifyingKey>>(
    what: &Presented,
    tenant: &Tenant,
    now: Timestamp,
    keys: impl FnOnce(&UnverifiedJwt<'_>) -> K,
) -> Result<Judged, Fault> {
    let anybody = Party::Elsewhere("the keys are those of the issuer that it names");
    let token = jwt::read(&what.value, &expected(tenant, now, what, anybody), keys);
    let token = token.map_err(|error| refusal(error, what))?;
    for name in ["sub", "nonce"] {
        token.text(name).map_err(|error| refusal(error, what))?;
    }
    if token.audiences().is_empty() {
        return Err(claim("aud", what).into());
    }
    Ok(Judged::IdToken(Box::new(token)))
}

fn claim(name: &str, what: &Presented) -> Reason {
    Reason::ExchangeTokenClaim { token: what.parameter.to_owned(), claim: name.to_owned() }
}

fn refusal(error: JwtError, what: &Presented) -> Reason {
    let token = what.parameter.to_owned();
    match error {
        JwtError::Malformed | JwtError::Kind => Reason::ExchangeTokenMalformed { token },
        JwtError::Algorithm(JwsAlg::None) => Reason::ExchangeTokenUnsigned { token },
        JwtError::Algorithm(alg) => Reason::ExchangeTokenAlg { token, alg: alg.protocol_name().to_owned() },
        JwtError::NoKey | JwtError::Signature => Reason::ExchangeTokenSignature { token },
        JwtError::Missing(name) | JwtError::Wrong(name) | JwtError::Untimely(Untimely::Malformed(name)) => {
            claim(name, what)
        }
        JwtError::Untimely(Untimely::Expired) | JwtError::TooLong => Reason::ExchangeTokenExpired { token },
        JwtError::Untimely(Untimely::NotYet) => claim("nbf", what),
        JwtError::Untimely(Untimely::FromTheFuture) => claim("iat", what),
    }
}
