//! OpenID Federation 1.0 §5.2.1.1 – key sets that an entity signs with its Federation Entity Keys

use placet_jose::JwkSet;
use placet_jose::jwt::{
    Expected, Expired, Kind, MaxLifetime, Party, Presence, Signature, Timing, asymmetric, read,
};
use serde_json::{Value, json};

use super::statement::At;

/// The keys of the JWT that `signed_jwks_uri` leads to. `None` for one that is not by the entity, or no such JWT.
pub fn of_entity(text: &str, entity: &str, keys: &JwkSet, at: At) -> Option<JwkSet> {
    let issuer = |name: &str| name == entity;
    let expected = Expected {
        kind: Kind::SignedKeySet,
        signature: Signature::Required,
        algs: asymmetric(),
        issuer: Party::Named(&issuer),
        audience: Party::Elsewhere("the set is for everybody"),
        timing: Timing {
            now: at.now,
            tolerance: at.tolerance,
            exp: Presence::Optional,
            nbf: Presence::Optional,
            iat: Presence::Optional,
            expired: Expired::Refused,
            longest: MaxLifetime::Unlimited,
        },
    };
    let verified = read(text.trim(), &expected, |found| {
        let kid = found.kid.filter(|kid| !kid.is_empty());
        kid.map(|kid| keys.verifying(found.alg, Some(kid)).collect::<Vec<_>>()).unwrap_or_default()
    });
    let claims =
        verified.ok().filter(|set| set.required("sub").is_ok_and(|sub| sub == entity))?.into_claims();
    let keys: &Value = claims.get("keys")?;
    JwkSet::parse(&json!({ "keys": keys }).to_string()).ok()
}
