//! RFC 7523 §2.2, §3, OpenID Connect Core §9 – `client_secret_jwt` and `private_key_jwt`

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::{ClientAuthMethod, JwsAlg};
use placet_jose::claims::{self as jwt, Claims, Times, Untimely};
use placet_jose::{JwsError, Parsed, VerifyingKey};

use super::secret::misplaced;
use super::{Circumstances, Credentials};
use crate::fault::Fault;
use crate::tenant::Client;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest that an assertion may live, in seconds: its identifier is remembered that long.
const LONGEST: i64 = 60 * 60;

/// A verified assertion, whose identifier is good for one use.
#[derive(Debug, PartialEq, Eq)]
pub struct Assertion {
    pub jti: String,
    /// Until when the identifier must be remembered.
    pub until: Timestamp,
}

/// The client that an assertion says it is from, before any proof.
pub(super) fn named(assertion: &str) -> Option<String> {
    let parsed = Parsed::parse(assertion).ok()?;
    parsed.unproven_claims().get("sub")?.as_str().map(str::to_owned)
}

pub(super) fn verified(
    client: &Client,
    credentials: &Credentials<'_>,
    on: &Circumstances<'_>,
) -> Result<Assertion, Fault> {
    let method = client.authentication.method;
    let params = credentials.params;
    let text = params.one("client_assertion")?.ok_or_else(|| misplaced(method))?;
    match params.one("client_assertion_type")? {
        Some(TYPE) => {}
        Some(_) => return Err(Reason::AssertionTypeUnsupported {}.into()),
        None => return Err(Reason::AssertionTypeMissing {}.into()),
    }
    let parsed = Parsed::parse(text).map_err(|_| Reason::AssertionMalformed {})?;
    let alg = acceptable(parsed.alg(), client, on)?;
    let kid = parsed.kid().map(str::to_owned);
    let claims = match method {
        ClientAuthMethod::ClientSecretJwt => {
            let secret = client.secret().and_then(|s| VerifyingKey::from_secret(s.expose(), alg));
            parsed.verified_by_any(secret)
        }
        _ => {
            let set = on.keys.ok_or(Reason::ClientKeysMissing {})?;
            parsed.verified_by_any(set.verifying(alg, kid.as_deref()))
        }
    };
    judged(&claims.map_err(unverified)?, client, on)
}

fn unverified(error: JwsError) -> Fault {
    match error {
        JwsError::NoKey => Reason::AssertionKeyMissing {}.into(),
        _ => Reason::AssertionSignatureWrong {}.into(),
    }
}

/// The algorithm is of the method's family, the one that the client has registered if any, and one that
/// the policy allows.
fn acceptable(alg: JwsAlg, client: &Client, on: &Circumstances<'_>) -> Result<JwsAlg, Fault> {
    let of_family = match client.authentication.method {
        ClientAuthMethod::ClientSecretJwt => alg.is_symmetric(),
        _ => alg.is_asymmetric(),
    };
    let registered = client.authentication.alg.is_none_or(|registered| registered == alg);
    if !of_family || !registered || !on.policy.algs.contains(alg) {
        return Err(Reason::AssertionAlgUnacceptable { alg: alg.protocol_name().to_owned() }.into());
    }
    Ok(alg)
}

/// RFC 7523 §3.
fn judged(claims: &Claims, client: &Client, on: &Circumstances<'_>) -> Result<Assertion, Fault> {
    let says = |name| jwt::text(claims, name).ok().flatten();
    if !says("iss").is_some_and(|iss| client.names(iss)) {
        return Err(Reason::AssertionIssuerWrong {}.into());
    }
    if !says("sub").is_some_and(|sub| client.names(sub)) {
        return Err(Reason::AssertionSubjectWrong {}.into());
    }
    audience(claims, on)?;
    let times = Times::read(claims).and_then(|times| times.current(on.now, on.tenant.tolerance));
    let times = times.map_err(untimely)?;
    let exp = times.exp.ok_or(Reason::AssertionExpMissing {})?;
    if exp - on.now.as_secs() > LONGEST + on.tenant.tolerance.late {
        return Err(Reason::AssertionTooLong {}.into());
    }
    // §3-7 leaves `jti` to the server; without it a stolen assertion could be used again.
    let jti = says("jti").ok_or(Reason::AssertionJtiMissing {})?.to_owned();
    Ok(Assertion { jti, until: Timestamp::from_secs(exp.saturating_add(on.tenant.tolerance.late)) })
}

fn untimely(what: Untimely) -> Fault {
    match what {
        Untimely::Malformed(_) => Reason::AssertionMalformed {}.into(),
        Untimely::Expired => Reason::AssertionExpired {}.into(),
        Untimely::NotYet => Reason::AssertionNotYet {}.into(),
        Untimely::FromTheFuture => Reason::AssertionFromTheFuture {}.into(),
    }
}

/// §3-3: the assertion is for us. The issuer always counts; the endpoints do where neither the service
/// nor a profile asks for the issuer alone, as one text: an assertion meant for an endpoint can be used
/// by a hostile server that names the same endpoint as its own.
fn audience(claims: &Claims, on: &Circumstances<'_>) -> Result<(), Fault> {
    let issuer = on.tenant.issuer.as_str();
    let strict = on.policy.assertion_for_issuer;
    let fits = match claims.get("aud") {
        Some(serde_json::Value::String(one)) if strict => one == issuer && !issuer.is_empty(),
        _ if strict => false,
        _ => jwt::audiences(claims).is_some_and(|all| {
            let known = |aud: &&str| *aud == issuer || on.tenant.sender.audiences.iter().any(|a| a == aud);
            all.iter().any(|aud| !aud.is_empty() && known(aud))
        }),
    };
    if fits { Ok(()) } else { Err(Reason::AssertionAudienceWrong {}.into()) }
}
