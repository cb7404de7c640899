//! Token Status List §5.1, §8.3 – the signed list.

use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_base::{Timestamp, Ttl};
use placet_jose::claims::Tolerance;
use placet_jose::jwt::{
    self, Expired, JwtError, Kind, MaxLifetime, Party, Presence, Signature, Timing, UnverifiedJwt,
};
use placet_jose::{Unsigned, VerifyingKey};
use serde_json::{Map, Value};

use super::{StatusError, StatusList};

/// A Status List Token.
pub struct Token<'a> {
    /// Where it is found: `uri` of the credentials.
    pub uri: &'a str,
    /// When it is issued.
    pub at: Timestamp,
    /// Until when it counts.
    pub until: Option<Timestamp>,
    /// How long it may be kept before it is fetched anew.
    pub ttl: Option<Ttl>,
    /// Where all lists of an issuer are named (§9).
    pub aggregation_uri: Option<&'a str>,
}

impl Token<'_> {
    /// The token before its signature.
    pub fn of(&self, list: &StatusList) -> Unsigned {
        self.of_claim(list.claim(self.aggregation_uri))
    }

    /// The same of a claim that has been made before: compressing a list is what a token costs.
    pub fn of_claim(&self, status_list: Value) -> Unsigned {
        let claims: [(&str, Option<Value>); 5] = [
            ("sub", Some(self.uri.into())),
            ("iat", Some(self.at.as_secs().into())),
            ("exp", self.until.map(|until| until.as_secs().into())),
            ("ttl", self.ttl.map(|ttl| ttl.as_secs().into())),
            ("status_list", Some(status_list)),
        ];
        let claims = claims.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let header = Map::from_iter([("typ".to_owned(), "statuslist+jwt".into())]);
        Unsigned { header, claims: claims.collect() }
    }
}

/// What a Status List Token must be.
pub struct Expected<'a> {
    /// Where it was fetched from: `uri` of the credential.
    pub uri: &'a str,
    /// The algorithms that are taken.
    pub algs: Set<JwsAlg>,
    /// The time.
    pub now: Timestamp,
    /// How far the clocks of others may be off.
    pub tolerance: Tolerance,
}

/// A list that is what was expected.
#[derive(Debug)]
pub struct Verified {
    /// The list.
    pub list: StatusList,
    /// How long it may be kept.
    pub ttl: Option<Ttl>,
    /// Until when it counts.
    pub until: Option<Timestamp>,
}

/// What is wrong with a Status List Token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The JWT is not what it must be.
    Jwt(JwtError),
    /// `sub` is another list (§8.3-4).
    Subject,
    /// `ttl` is no positive number (§5.1).
    Ttl,
    /// `status_list` is no list.
    List(StatusError),
}

/// Judges a Status List Token. `keys` gives those that it may have been signed with.
///
/// # Errors
///
/// What is wrong with it, as [`TokenError`] has it.
pub fn verified<K: IntoIterator<Item = VerifyingKey>>(
    text: &str,
    expected: &Expected<'_>,
    keys: impl FnOnce(&UnverifiedJwt<'_>) -> K,
) -> Result<Verified, TokenError> {
    let read = jwt::read(text, &judged(expected), keys).map_err(TokenError::Jwt)?;
    if read.required("sub").map_err(TokenError::Jwt)? != expected.uri {
        return Err(TokenError::Subject);
    }
    let ttl = match read.claims().get("ttl") {
        None => None,
        Some(ttl) => Some(Ttl::specified(ttl.as_i64()).ok_or(TokenError::Ttl)?),
    };
    let list = read.claims().get("status_list").ok_or(TokenError::Jwt(JwtError::Missing("status_list")))?;
    let until = read.times().exp.map(Timestamp::from_secs);
    Ok(Verified { list: StatusList::read(list).map_err(TokenError::List)?, ttl, until })
}

fn judged(expected: &Expected<'_>) -> jwt::Expected<'static> {
    jwt::Expected {
        kind: Kind::StatusList,
        signature: Signature::Required,
        algs: expected.algs.meet(jwt::asymmetric()),
        issuer: Party::Elsewhere("whoever is trusted with the list has its key"),
        audience: Party::Elsewhere("a list is for everybody"),
        timing: Timing {
            now: expected.now,
            tolerance: expected.tolerance,
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Required,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    }
}
