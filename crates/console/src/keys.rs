//! The keys of a service: what each is there for, and how one takes the place of another without a token that fails.

use minijinja::{Value as Shown, context};
use placet_base::registry::{JweAlg, JwsAlg};
use placet_jose::{Jwk, JwkSet, KeyUse, generate_named};
use serde_json::{Map, Value, json};

use crate::fields::moment;

/// The algorithms that keys are made for.
pub(crate) const ALGORITHMS: [&str; 9] =
    ["ES256", "RS256", "PS256", "EdDSA", "ES384", "ES512", "RSA-OAEP-256", "ECDH-ES", "ECDH-ES+A256KW"];

/// The settings that name a key.
pub(crate) const NAMES: [&str; 6] = [
    "idTokenSignatureKeyId",
    "accessTokenSignatureKeyId",
    "userInfoSignatureKeyId",
    "authorizationSignatureKeyId",
    "introspectionSignatureKeyId",
    "resourceSignatureKeyId",
];

/// When a key was made, in seconds since the epoch (OpenID Federation 1.0 §8.7.2). Whoever does not know the member ignores it
/// (RFC 7517 §4).
const MADE: &str = "iat";

/// What a key is there for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It signs, or others encrypt to it.
    Active,
    /// It is published, and has signed nothing yet.
    Next,
    /// It signs no more; what it has signed is still good.
    Retired,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Next => "next",
            Self::Retired => "retired",
        }
    }
}

/// A key of the set, and what it is there for.
pub(crate) struct Key {
    pub(crate) kid: String,
    pub(crate) alg: String,
    pub(crate) state: State,
    is_encryption: bool,
    made: Option<i64>,
    public: Value,
    is_private: bool,
}

/// A set as text.
pub(crate) fn text(keys: &[Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// The keys of a document.
pub(crate) fn of(document: &Value) -> Vec<Value> {
    let set: Option<Value> = document["jwks"].as_str().and_then(|text| serde_json::from_str(text).ok());
    set.and_then(|set| set["keys"].as_array().cloned()).unwrap_or_default()
}

fn texts<'a>(key: &'a Value, member: &str) -> &'a str {
    key[member].as_str().unwrap_or_default()
}

/// What every key is there for. The first of an algorithm signs, unless a setting names another; one behind it that is younger is
/// the next, one that is older has had its time.
pub(crate) fn states(document: &Value) -> Vec<Key> {
    let keys = of(document);
    let active = |alg: &str, is_encryption: bool| {
        let fits = |key: &&Value| texts(key, "alg") == alg && (texts(key, "use") == "enc") == is_encryption;
        let named = |key: &&Value| {
            NAMES.iter().any(|name| !texts(key, "kid").is_empty() && document[*name] == key["kid"])
        };
        keys.iter().filter(fits).find(named).or_else(|| keys.iter().find(fits))
    };
    let one = |key: &Value| {
        let jwk = Jwk::parse(key);
        let (alg, is_encryption) = (texts(key, "alg").to_owned(), texts(key, "use") == "enc");
        let present = active(&alg, is_encryption);
        let made = key[MADE].as_i64();
        let is_younger = present.is_none_or(|present| made >= present[MADE].as_i64());
        let state = match present {
            Some(present) if present["kid"] != key["kid"] => {
                if is_younger {
                    State::Next
                } else {
                    State::Retired
                }
            }
            _ => State::Active,
        };
        let is_private = jwk.as_ref().is_some_and(Jwk::is_private);
        let public = jwk.map(|jwk| jwk.public()).unwrap_or_default();
        Key { kid: texts(key, "kid").to_owned(), alg, state, is_encryption, made, public, is_private }
    };
    keys.iter().map(one).collect()
}

impl Key {
    pub(crate) fn shown(&self) -> Shown {
        let kind = [texts(&self.public, "kty"), texts(&self.public, "crv")].join(" ");
        let made = self.made.map(|made| moment(made.saturating_mul(1000)));
        context! {
            kid => &self.kid, alg => &self.alg, state => self.state.name(), use => if self.is_encryption { "enc" } else { "sig" },
            kind => kind.trim(), made, private => self.is_private,
            public => serde_json::to_string_pretty(&self.public).unwrap_or_default(),
        }
    }
}

/// A new key for this algorithm, made now.
pub(crate) fn fresh(alg: &str, now: i64) -> Option<Value> {
    let mut key = generate_named(alg)?;
    key[MADE] = now.into();
    Some(key)
}

/// Why a key that somebody brings is not taken; the name of a text.
pub(crate) type Refused = &'static str;

/// A private key as a JWK, the only one of a set, or in PEM. `alg`: what it is for, where it does not say so itself.
pub(crate) fn imported(text: &str, alg: Option<&str>, now: i64) -> Result<Value, Refused> {
    let mut value = brought(text)?;
    if let (None, Some(alg)) = (value["alg"].as_str(), alg) {
        value["alg"] = alg.into();
    }
    let jwk = Jwk::parse(&value).ok_or("wrong.jwk")?;
    if !jwk.is_private() || jwk.is_symmetric() {
        return Err("wrong.not_private");
    }
    let alg = jwk.alg().ok_or("wrong.no_alg")?;
    let signs = JwsAlg::from_protocol(alg).is_some_and(|alg| jwk.signing_key(alg).is_some());
    let decrypts = JweAlg::from_protocol(alg).is_some_and(|alg| jwk.decryption_key(alg).is_some());
    if !signs && !decrypts {
        return Err("wrong.jwk");
    }
    let kid = jwk.kid().map(str::to_owned).or_else(|| jwk.thumbprint()).ok_or("wrong.jwk")?;
    let purpose = match jwk.key_use() {
        Some(KeyUse::Encryption) => "enc",
        Some(KeyUse::Signature) => "sig",
        None if signs => "sig",
        None => "enc",
    };
    let mut key = value;
    (key["kid"], key["use"]) = (kid.into(), purpose.into());
    if key[MADE].is_null() {
        key[MADE] = now.into();
    }
    Ok(key)
}

fn brought(text: &str) -> Result<Value, Refused> {
    if text.trim_start().starts_with("-----") {
        return placet_jose::private_key_from_pem(text).ok_or("wrong.pem");
    }
    let value: Value = serde_json::from_str(text).map_err(|_| "wrong.json")?;
    match value["keys"].as_array() {
        Some(keys) if keys.len() == 1 => Ok(keys[0].clone()),
        Some(_) => Err("wrong.one_key"),
        None => Ok(value),
    }
}

/// What a change of keys makes of a document.
pub(crate) fn added(document: &Value, key: Value) -> Result<Map<String, Value>, Refused> {
    let mut keys = of(document);
    if keys.iter().any(|known| known["kid"] == key["kid"]) {
        return Err("wrong.known_key");
    }
    keys.push(key);
    set(&keys)
}

/// The key signs from now on: it goes before the others, and takes the place of those that settings name.
pub(crate) fn activated(document: &Value, kid: &str) -> Result<Map<String, Value>, Refused> {
    let states = states(document);
    let next = states
        .iter()
        .find(|key| key.kid == kid)
        .filter(|key| key.state != State::Active)
        .ok_or("wrong.no_key")?;
    let former = states.iter().find(|key| {
        key.state == State::Active && key.alg == next.alg && key.is_encryption == next.is_encryption
    });
    let mut keys = of(document);
    let at = keys.iter().position(|key| texts(key, "kid") == kid).ok_or("wrong.no_key")?;
    let key = keys.remove(at);
    keys.insert(0, key);
    let mut changes = set(&keys)?;
    for name in NAMES {
        if former.is_some_and(|former| document[name] == former.kid.as_str()) {
            changes.insert(name.to_owned(), kid.into());
        }
    }
    Ok(changes)
}

pub(crate) fn removed(document: &Value, kid: &str) -> Result<Map<String, Value>, Refused> {
    let mut keys = of(document);
    let before = keys.len();
    keys.retain(|key| texts(key, "kid") != kid);
    if keys.len() == before {
        return Err("wrong.no_key");
    }
    let mut changes = set(&keys)?;
    // A setting that names what is gone would stop every request.
    for name in NAMES.into_iter().filter(|name| document[*name] == kid) {
        changes.insert(name.to_owned(), Value::Null);
    }
    Ok(changes)
}

fn set(keys: &[Value]) -> Result<Map<String, Value>, Refused> {
    let text = text(keys);
    JwkSet::parse(&text).map_err(|_| "wrong.too_many_keys")?;
    Ok(Map::from_iter([("jwks".to_owned(), Value::from(text))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(document: &Value, changes: Map<String, Value>) -> Value {
        let mut document = document.clone();
        document.as_object_mut().unwrap().extend(changes);
        document
    }

    fn named(document: &Value) -> Vec<(String, State)> {
        states(document).into_iter().map(|key| (key.kid, key.state)).collect()
    }

    #[test]
    fn a_key_takes_the_place_of_another_step_by_step() {
        let (old, new) = (fresh("ES256", 100).unwrap(), fresh("ES256", 200).unwrap());
        let (old_kid, new_kid) = (texts(&old, "kid").to_owned(), texts(&new, "kid").to_owned());
        let document = json!({ "jwks": text(&[old]), "idTokenSignatureKeyId": old_kid });
        let document = with(&document, added(&document, new.clone()).unwrap());
        assert_eq!(named(&document), [(old_kid.clone(), State::Active), (new_kid.clone(), State::Next)]);
        assert_eq!(added(&document, new), Err("wrong.known_key"));
        let document = with(&document, activated(&document, &new_kid).unwrap());
        assert_eq!(document["idTokenSignatureKeyId"], new_kid.as_str());
        assert_eq!(named(&document), [(new_kid.clone(), State::Active), (old_kid.clone(), State::Retired)]);
        assert_eq!(activated(&document, &new_kid), Err("wrong.no_key"));
        let document = with(&document, removed(&document, &old_kid).unwrap());
        assert_eq!(named(&document), [(new_kid.clone(), State::Active)]);
        let changes = removed(&document, &new_kid).unwrap();
        assert_eq!(changes["idTokenSignatureKeyId"], Value::Null);
        assert_eq!(removed(&document, "none"), Err("wrong.no_key"));
    }

    #[test]
    fn a_key_that_is_brought_is_private_and_fits_its_algorithm() {
        for alg in ALGORITHMS {
            let key = fresh(alg, 1).unwrap();
            let mut bare = key.clone();
            bare.as_object_mut().unwrap().retain(|name, _| !["kid", "use", "iat"].contains(&name.as_str()));
            assert_eq!(imported(&bare.to_string(), None, 1).unwrap()["kid"], key["kid"], "{alg}");
            assert_eq!(imported(&text(std::slice::from_ref(&key)), Some("RS256"), 9), Ok(key));
        }
        let mut key = fresh("ES256", 1).unwrap();
        key["alg"] = "RS256".into();
        assert_eq!(imported(&key.to_string(), None, 1), Err("wrong.jwk"));
        key.as_object_mut().unwrap().remove("d");
        assert_eq!(imported(&key.to_string(), None, 1), Err("wrong.not_private"));
        assert_eq!(imported("{", None, 1), Err("wrong.json"));
        assert_eq!(imported(r#"{"keys":[]}"#, None, 1), Err("wrong.one_key"));
        assert_eq!(imported("-----BEGIN EC PRIVATE KEY-----", None, 1), Err("wrong.pem"));
        assert!(fresh("HS256", 1).is_none() && fresh("none", 1).is_none() && fresh("x", 1).is_none());
    }
}
