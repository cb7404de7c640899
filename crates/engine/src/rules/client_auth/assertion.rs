//! RFC 7523 §2.2, §3, OpenID Connect Core §9 – `client_secret_jwt` and `private_key_jwt`

use placet_api::Reason;
use placet_base::Timestamp;
use placet_base::registry::{ClientAuthMethod, JwsAlg};
use placet_base::set::Set;
use placet_jose::claims::Untimely;
use placet_jose::jwt::{
    self, Expected, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
};
use placet_jose::{Parsed, VerifyingKey};

use super::secret::misplaced;
use super::{AuthenticationContext, Credentials};
use crate::fault::Fault;
use crate::tenant::Client;

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest that an assertion may live, in seconds: its identifier is remembered that long.
const LONGEST: i64 = 60 * 60;

/// A verified assertion or proof, whose identifier is good for one use.
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
    on: &AuthenticationContext<'_>,
) -> Result<Assertion, Fault> {
    let method = client.authentication.method;
    let params = credentials.params;
    let text = params.one("client_assertion")?.ok_or_else(|| misplaced(method))?;
    match params.one("client_assertion_type")? {
        Some(TYPE) => {}
        Some(_) => return Err(Reason::AssertionTypeUnsupported {}.into()),
        None => return Err(Reason::AssertionTypeMissing {}.into()),
    }
    let from_client = |name: &str| client.names(name);
    let for_us = |name: &str| meant_for_us(name, on);
    let expected = Expected {
        kind: Kind::ClientAssertion,
        signature: Signature::Required,
        algs: acceptable(client, on),
        issuer: Party::Named(&from_client),
        audience: match on.policy.assertion_for_issuer {
            true => Party::Alone(&for_us),
            false => Party::Named(&for_us),
        },
        timing: timing(on),
    };
    let keys = |found: &UnverifiedJwt<'_>| keys(client, on, found);
    // Without any key of the client there is nothing to choose from, whatever the assertion says.
    if method == ClientAuthMethod::PrivateKeyJwt && on.keys.is_none() {
        return Err(Reason::ClientKeysMissing {}.into());
    }
    let claims = jwt::read(text, &expected, keys).map_err(reason)?;
    if !claims.required("sub").is_ok_and(|sub| client.names(sub)) {
        return Err(Reason::AssertionSubjectWrong {}.into());
    }
    let exp = claims.times().exp.ok_or(Reason::AssertionExpMissing {})?;
    // §3-7 leaves `jti` to the server; without it a stolen assertion could be used again.
    let jti = claims.required("jti").map_err(|_| Reason::AssertionJtiMissing {})?.to_owned();
    Ok(Assertion { jti, until: Timestamp::from_secs(exp.saturating_add(on.tenant.tolerance.late)) })
}

pub(super) fn timing(on: &AuthenticationContext<'_>) -> Timing {
    Timing {
        now: on.now,
        tolerance: on.tenant.tolerance,
        exp: Presence::Required,
        nbf: Presence::Optional,
        iat: Presence::Optional,
        expired: Expired::Refused,
        longest: MaxLifetime::FromNow(LONGEST + on.tenant.tolerance.late),
    }
}

/// The secret of the client or its key set, as its method says; never both.
fn keys(client: &Client, on: &AuthenticationContext<'_>, found: &UnverifiedJwt<'_>) -> Vec<VerifyingKey> {
    match found.alg.is_symmetric() {
        true => {
            let secret = client.secret().and_then(|s| VerifyingKey::from_secret(s.expose(), found.alg));
            secret.into_iter().collect()
        }
        false => on.keys.map(|set| set.verifying(found.alg, found.kid).collect()).unwrap_or_default(),
    }
}

/// Algorithms of the method's family, the one that the client has registered if any, and such that the
/// policy allows.
fn acceptable(client: &Client, on: &AuthenticationContext<'_>) -> Set<JwsAlg> {
    let of_family = match client.authentication.method {
        ClientAuthMethod::ClientSecretJwt => jwt::symmetric(),
        ClientAuthMethod::PrivateKeyJwt => jwt::asymmetric(),
        // These bring no assertion.
        ClientAuthMethod::None
        | ClientAuthMethod::ClientSecretBasic
        | ClientAuthMethod::ClientSecretPost
        | ClientAuthMethod::TlsClientAuth
        | ClientAuthMethod::SelfSignedTlsClientAuth
        | ClientAuthMethod::AttestJwtClientAuth
        | ClientAuthMethod::SpiffeJwt => Set::of_bits(0),
    };
    let registered = client.authentication.alg.map_or(Set::EVERY, |alg| [alg].into_iter().collect());
    of_family.meet(registered).meet(on.policy.algs)
}

pub(super) fn reason(error: JwtError) -> Fault {
    match error {
        JwtError::Malformed | JwtError::Untimely(Untimely::Malformed(_)) => Reason::AssertionMalformed {},
        JwtError::Kind => Reason::AssertionKindWrong {},
        JwtError::Algorithm(alg) => Reason::AssertionAlgUnacceptable { alg: alg.protocol_name().to_owned() },
        JwtError::NoKey => Reason::AssertionKeyMissing {},
        JwtError::Signature => Reason::AssertionSignatureWrong {},
        JwtError::Missing("aud") | JwtError::Wrong("aud") => Reason::AssertionAudienceWrong {},
        JwtError::Missing("exp") => Reason::AssertionExpMissing {},
        JwtError::Missing(_) | JwtError::Wrong(_) => Reason::AssertionIssuerWrong {},
        JwtError::Untimely(Untimely::Expired) => Reason::AssertionExpired {},
        JwtError::Untimely(Untimely::NotYet) => Reason::AssertionNotYet {},
        JwtError::Untimely(Untimely::FromTheFuture) => Reason::AssertionFromTheFuture {},
        JwtError::TooLong => Reason::AssertionTooLong {},
    }
    .into()
}

/// §3-3: the assertion is for us. The issuer always counts; the endpoints do where neither the service
/// nor a profile asks for the issuer alone, as one text: an assertion meant for an endpoint can be used
/// by a hostile server that names the same endpoint as its own.
fn meant_for_us(audience: &str, on: &AuthenticationContext<'_>) -> bool {
    let endpoint = || on.tenant.sender.audiences.iter().any(|known| known == audience);
    let ours = audience == on.tenant.issuer || !on.policy.assertion_for_issuer && endpoint();
    ours && !audience.is_empty()
}
