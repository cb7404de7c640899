//! Which members are secrets, wholly or in part; what of them may be read by everybody, and how both come together again.

use std::collections::BTreeMap;

use placet_jose::{Jwk, JwkSet};
use placet_sdk::Secret;
use serde_json::{Map, Value};

use crate::bundle::Members;
use crate::path::Path;

/// Secret members by where they are: the whole member, as JSON text.
pub type Secrets = BTreeMap<Path, Secret<String>>;

/// What of a member is secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// All of it.
    Whole,
    /// Private and symmetric keys of a JWK Set, as JSON text.
    KeySet,
    /// The member `apiSecret` of each entry.
    Accounts,
    /// The key set in a credential issuer's metadata.
    Metadata,
}

const OF_SERVICE: &[(&str, Kind)] = &[
    ("authenticationCallbackApiSecret", Kind::Whole),
    ("developerAuthenticationCallbackApiSecret", Kind::Whole),
    ("formerIntrospectionClientSecret", Kind::Whole),
    ("snsCredentials", Kind::Accounts),
    ("developerSnsCredentials", Kind::Accounts),
    ("jwks", Kind::KeySet),
    ("federationJwks", Kind::KeySet),
    ("credentialJwks", Kind::KeySet),
    ("credentialIssuerMetadata", Kind::Metadata),
];

const OF_CLIENT: &[(&str, Kind)] =
    &[(CLIENT_SECRET, Kind::Whole), ("registrationAccessTokenHash", Kind::Whole), ("jwks", Kind::KeySet)];

pub(crate) const CLIENT_SECRET: &str = "clientSecret";
const METADATA_KEYS: &str = "credentialRequestEncryptionJwks";

/// What of the member at `path` is secret, if anything is.
pub(crate) fn kind(path: &Path) -> Option<Kind> {
    let (table, member) = match path {
        Path::Service(member) => (OF_SERVICE, member),
        Path::Client(_, Some(member)) => (OF_CLIENT, member),
        Path::Scope(..) | Path::Client(_, None) => return None,
    };
    table.iter().find(|(name, _)| name == member).map(|(_, kind)| *kind)
}

/// Takes what is secret out of members, to where it belongs.
pub(crate) fn split(members: &mut Members, place: impl Fn(&str) -> Path, secrets: &mut Secrets) {
    let names: Vec<String> = members.keys().cloned().collect();
    for name in names {
        let path = place(&name);
        let Some(kind) = kind(&path) else { continue };
        let Some(whole) = members.get(&name) else { continue };
        let public = public(kind, whole);
        if public.as_ref() == Some(whole) {
            continue;
        }
        secrets.insert(path, Secret::new(whole.to_string()));
        match public {
            Some(public) => members.insert(name, public),
            None => members.remove(&name),
        };
    }
}

/// What of a member everybody may read; `None` for none of it.
pub(crate) fn public(kind: Kind, whole: &Value) -> Option<Value> {
    match kind {
        Kind::Whole => None,
        Kind::KeySet => Some(public_keys(whole)),
        Kind::Accounts => Some(without_secrets(whole)),
        Kind::Metadata => {
            let mut whole = whole.clone();
            if let Some(keys) = whole.get_mut(METADATA_KEYS) {
                *keys = public_keys(keys);
            }
            Some(whole)
        }
    }
}

/// A set that cannot be read is kept: the API refuses it by name.
fn public_keys(text: &Value) -> Value {
    match text.as_str().and_then(|text| JwkSet::parse(text).ok()) {
        Some(set) if set.keys().iter().any(|key| key.is_private() || key.is_symmetric()) => {
            crate::documents::readable(Value::from(set.published().to_string()))
        }
        Some(_) | None => text.clone(),
    }
}

fn without_secrets(accounts: &Value) -> Value {
    let mut accounts = accounts.clone();
    for account in accounts.as_array_mut().into_iter().flatten() {
        if let Some(account) = account.as_object_mut() {
            account.remove("apiSecret");
        }
    }
    accounts
}

/// A member that is wanted with what is secret of the one that is there: a key that the set goes on having stays a
/// private one, and an account keeps its secret.
pub(crate) fn completed(kind: Kind, wanted: &Value, there: Option<&Value>) -> Value {
    let Some(there) = there else { return wanted.clone() };
    match kind {
        Kind::Whole => wanted.clone(),
        Kind::KeySet => completed_keys(wanted, there),
        Kind::Accounts => completed_accounts(wanted, there),
        Kind::Metadata => {
            let mut wanted = wanted.clone();
            if let (Some(keys), Some(there)) = (wanted.get_mut(METADATA_KEYS), there.get(METADATA_KEYS)) {
                *keys = completed_keys(keys, there);
            }
            wanted
        }
    }
}

fn completed_keys(wanted: &Value, there: &Value) -> Value {
    let parsed = |text: &Value| text.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    let (Some(mut set), Some(there)) = (parsed(wanted), parsed(there)) else { return wanted.clone() };
    let private = by_public(there["keys"].as_array().map(Vec::as_slice).unwrap_or_default());
    for key in set.get_mut("keys").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some((_, whole)) = private.iter().find(|(public, _)| public == key) {
            *key = whole.clone();
        }
    }
    crate::documents::readable(Value::from(set.to_string()))
}

/// Keys by what is public of them.
fn by_public(keys: &[Value]) -> Vec<(Value, Value)> {
    let parsed = keys.iter().filter_map(|key| Some((Jwk::parse(key)?, key)));
    parsed.filter(|(jwk, _)| !jwk.is_symmetric()).map(|(jwk, key)| (jwk.public(), key.clone())).collect()
}

fn completed_accounts(wanted: &Value, there: &Value) -> Value {
    let mut wanted = wanted.clone();
    let there: Vec<&Map<String, Value>> =
        there.as_array().into_iter().flatten().filter_map(Value::as_object).collect();
    for account in wanted.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let same = there.iter().find(|one| one.get("sns") == account.get("sns"));
        if let Some(secret) = same.and_then(|one| one.get("apiSecret")) {
            account.entry("apiSecret").or_insert_with(|| secret.clone());
        }
    }
    wanted
}

/// The ids of keys in a set whose private half is not there.
pub(crate) fn public_only(set: &Value) -> Vec<String> {
    let set = set.as_str().and_then(|text| JwkSet::parse(text).ok()).unwrap_or_default();
    let public = set.keys().iter().filter(|key| !key.is_private() && !key.is_symmetric());
    public.map(|key| key.kid().unwrap_or_default().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use placet_api::settings::{CLIENT, SERVICE, Setting};

    use super::*;

    #[test]
    fn every_secret_setting_is_left_out() {
        // What the server says and takes from nobody is in no file.
        let left_out = |setting: &&Setting| setting.is_secret && !setting.is_output;
        for setting in SERVICE.iter().filter(left_out) {
            assert!(kind(&Path::Service(setting.member.to_owned())).is_some(), "{}", setting.member);
        }
        for setting in CLIENT.iter().filter(left_out) {
            let path = Path::Client("c".to_owned(), Some(setting.member.to_owned()));
            assert!(kind(&path).is_some(), "{}", setting.member);
        }
    }
}
