//! Documents of the API, and what of them is in a bundle.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::bundle::{Members, NotCarried, Tree};
use crate::path::Path;
use crate::secrets::{self, Secrets};

/// What a server assigns to a service, or tells about it.
const ASSIGNED_TO_SERVICE: &[&str] =
    &["number", "apiKey", "apiSecret", "serviceOwnerNumber", "metadata", "createdAt", "modifiedAt", "hsks"];

/// What a server assigns to a client, or has found out about it. Its names are the name that it has in a bundle.
const ASSIGNED_TO_CLIENT: &[&str] = &[
    "number",
    "serviceNumber",
    "clientId",
    "clientIdAlias",
    "createdAt",
    "modifiedAt",
    "dynamicallyRegistered",
    "automaticallyRegistered",
    "explicitlyRegistered",
    "derivedSectorIdentifier",
    "clientSource",
    "entityId",
    "trustAnchorId",
    "trustChain",
    "trustChainExpiresAt",
    "trustChainUpdatedAt",
    "metadataDocumentLocation",
    "metadataDocumentExpiresAt",
    "metadataDocumentUpdatedAt",
    "discoveredByMetadataDocument",
];

/// Members whose texts are the operator's own, and stay letter for letter.
const VERBATIM: &[&str] = &["attributes", "description", "descriptions"];

/// How an attribute is named that says of a service that its import goes on.
pub(crate) const IMPORT: &str = "placet.import";

/// What a new service or client has although nobody has said so.
fn is_default(path: &Path, value: &Value) -> bool {
    let expected = match path {
        Path::Service(member) if member == "supportedClaimTypes" => serde_json::json!(["NORMAL"]),
        Path::Service(member) if member == "supportedDisplays" => serde_json::json!(["PAGE"]),
        Path::Client(_, Some(member)) if member == "idTokenSignAlg" => "RS256".into(),
        Path::Client(_, Some(member)) if member == "subjectType" => "PUBLIC".into(),
        // Only a lock is a statement.
        Path::Client(_, Some(member)) if member == "locked" => false.into(),
        _ => return value.is_null(),
    };
    *value == expected || value.is_null()
}

/// JSON inside of a text, indented: so that a change of it is a change of few lines.
pub(crate) fn readable(value: Value) -> Value {
    rewritten(value, &|inner| serde_json::to_string_pretty(inner).ok())
}

/// The opposite, for the API.
pub(crate) fn compact(value: Value) -> Value {
    rewritten(value, &|inner| Some(inner.to_string()))
}

fn rewritten(value: Value, write: &impl Fn(&Value) -> Option<String>) -> Value {
    match value {
        Value::String(text) if text.starts_with(['{', '[']) => {
            let inner = serde_json::from_str::<Value>(&text).ok().filter(|v| v.is_object() || v.is_array());
            Value::String(inner.and_then(|inner| write(&inner)).unwrap_or(text))
        }
        Value::Array(values) => values.into_iter().map(|value| rewritten(value, write)).collect(),
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            let one = |(name, value): (String, Value)| match VERBATIM.contains(&name.as_str()) {
                true => (name, value),
                false => (name, rewritten(value, write)),
            };
            Value::Object(members.map(one).collect())
        }
        other => other,
    }
}

/// A document without what a server assigns and what it has by default.
fn members(document: &Value, assigned: &[&str], place: impl Fn(&str) -> Path) -> Members {
    let Value::Object(members) = readable(document.clone()) else { return Members::new() };
    let own = members.into_iter().filter(|(name, _)| !assigned.contains(&name.as_str()));
    own.filter(|(name, value)| !is_default(&place(name), value)).collect()
}

/// A service with its clients as a bundle has them: what everybody may read, and what not.
pub(crate) struct Taken {
    pub(crate) tree: Tree,
    pub(crate) secrets: Secrets,
    pub(crate) not_carried: Vec<NotCarried>,
}

pub(crate) fn taken(service: &Value, clients: &[Value]) -> Taken {
    let mut secrets = Secrets::new();
    let mut own = members(service, ASSIGNED_TO_SERVICE, Path::service);
    secrets::split(&mut own, Path::service, &mut secrets);
    without_mark(&mut own);
    let scopes = own.remove("supportedScopes").map(named_scopes).unwrap_or_default();
    let mut taken = Taken {
        tree: Tree { service: own, scopes, clients: BTreeMap::new() },
        secrets,
        not_carried: hardware_keys(service),
    };
    clients.iter().for_each(|client| take_client(&mut taken, client));
    taken
}

/// The mark of an import says nothing about the service.
fn without_mark(service: &mut Members) {
    let Some(Value::Array(attributes)) = service.get_mut("attributes") else { return };
    attributes.retain(|attribute| attribute["key"] != IMPORT);
    if attributes.is_empty() {
        service.remove("attributes");
    }
}

fn named_scopes(scopes: Value) -> BTreeMap<String, Members> {
    let Value::Array(scopes) = scopes else { return BTreeMap::new() };
    let one = |scope: Value| {
        let Value::Object(mut members) = scope else { return None };
        let name = members.shift_remove("name")?.as_str()?.to_owned();
        // Absent and false are the same here.
        members.retain(|name, value| name != "defaultEntry" || *value == Value::Bool(true));
        Some((name, members.into_iter().collect()))
    };
    scopes.into_iter().filter_map(one).collect()
}

fn hardware_keys(service: &Value) -> Vec<NotCarried> {
    let keys = service["hsks"].as_array().into_iter().flatten();
    let name = |key: &Value| key["kid"].as_str().or(key["handle"].as_str()).unwrap_or_default().to_owned();
    let why = "a key in hardware stays in its module; make one for the other service with hsk/create";
    keys.map(|key| NotCarried::new(format!("service.hsks {}", name(key)), why)).collect()
}

fn take_client(taken: &mut Taken, client: &Value) {
    let Some(name) = name(client) else { return };
    if let Some(why) = is_found(client) {
        taken.not_carried.push(NotCarried::new(Path::whole_client(&name).to_string(), why));
        return;
    }
    let place = |member: &str| Path::client(&name, member);
    let mut own = members(client, ASSIGNED_TO_CLIENT, place);
    secrets::split(&mut own, place, &mut taken.secrets);
    if !uses_secret(client) {
        taken.secrets.remove(&place(secrets::CLIENT_SECRET));
    }
    taken.tree.clients.insert(name, own);
}

/// Alias, or number where there is none.
pub(crate) fn name(client: &Value) -> Option<String> {
    let alias = client["clientIdAlias"].as_str().filter(|alias| !alias.is_empty());
    alias.map(str::to_owned).or_else(|| client["clientId"].as_i64().map(|id| id.to_string()))
}

fn is_found(client: &Value) -> Option<&'static str> {
    let on = |member: &str| client[member] == Value::Bool(true);
    if on("discoveredByMetadataDocument") {
        Some("the client is what its metadata document says; it is fetched again when it comes")
    } else if on("automaticallyRegistered") || on("explicitlyRegistered") {
        Some("the client is what its federation says; it is resolved again when it comes")
    } else {
        None
    }
}

/// Whether the client proves itself by its secret. Every client has one.
pub(crate) fn uses_secret(client: &Value) -> bool {
    let public = client["clientType"] == "PUBLIC";
    match client["tokenAuthMethod"].as_str() {
        Some(method) => {
            !public && ["CLIENT_SECRET_BASIC", "CLIENT_SECRET_POST", "CLIENT_SECRET_JWT"].contains(&method)
        }
        None => !public,
    }
}

pub(crate) fn scopes_of(scopes: &BTreeMap<String, Members>) -> Value {
    let one = |(name, members): (&String, &Members)| {
        let named = [("name".to_owned(), Value::from(name.as_str()))].into_iter();
        Value::Object(named.chain(members.iter().map(|(n, v)| (n.clone(), v.clone()))).collect())
    };
    scopes.iter().map(one).collect()
}

pub(crate) fn compact_member(name: &str, value: &Value) -> Value {
    if VERBATIM.contains(&name) { value.clone() } else { compact(value.clone()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_assigns_and_what_is_secret_is_not_in_the_tree() {
        let service = json!({
            "number": 1, "apiKey": 2, "apiSecret": "s", "serviceName": "A", "supportedDisplays": ["PAGE"],
            "authenticationCallbackApiSecret": "c", "supportedClaimTypes": ["NORMAL", "AGGREGATED"],
            "jwks": "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"x\",\"y\":\"y\",\"d\":\"d\",\"kid\":\"1\"}]}",
            "supportedScopes": [{ "name": "b", "defaultEntry": false }, { "name": "a", "defaultEntry": true }],
            "attributes": [{ "key": "k", "value": "{\"a\":1}" }, { "key": IMPORT, "value": "x" }],
            "hsks": [{ "kid": "h" }],
        });
        let client = json!({
            "clientId": 7, "clientSecret": "w", "clientType": "CONFIDENTIAL", "idTokenSignAlg": "RS256", "locked": false,
            "clientName": "Seven",
        });
        let public =
            json!({ "clientId": 8, "clientIdAlias": "spa", "clientSecret": "w", "clientType": "PUBLIC" });
        let found = json!({ "clientId": 9, "discoveredByMetadataDocument": true });
        let taken = taken(&service, &[client, public, found]);
        let names: Vec<&str> = taken.tree.service.keys().map(String::as_str).collect();
        assert_eq!(names, ["attributes", "jwks", "serviceName", "supportedClaimTypes"]);
        assert!(!taken.tree.service["jwks"].to_string().contains("\\\"d\\\""));
        assert_eq!(taken.tree.service["attributes"], json!([{ "key": "k", "value": "{\"a\":1}" }]));
        assert_eq!(taken.tree.scopes.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert!(taken.tree.scopes["b"].is_empty());
        assert_eq!(taken.tree.clients["7"].keys().collect::<Vec<_>>(), ["clientName", "clientType"]);
        let secrets: Vec<String> = taken.secrets.keys().map(ToString::to_string).collect();
        assert_eq!(
            secrets,
            ["service.authenticationCallbackApiSecret", "service.jwks", "clients.7.clientSecret"]
        );
        let not: Vec<&str> = taken.not_carried.iter().map(|one| one.what.as_str()).collect();
        assert_eq!(not, ["service.hsks h", "clients.9"]);
        assert!(taken.tree.clients.contains_key("spa"));
    }

    #[test]
    fn a_private_key_stays_with_the_set_that_goes_on_having_it() {
        let key = |kid: &str, d: bool| {
            let mut key = json!({ "kty": "EC", "crv": "P-256", "x": kid, "y": "y", "kid": kid });
            if d {
                key["d"] = "d".into();
            }
            key
        };
        let set = |keys: &[Value]| Value::from(json!({ "keys": keys }).to_string());
        let there = set(&[key("a", true), key("b", true)]);
        let wanted = set(&[key("b", false), key("c", false)]);
        let completed = secrets::completed(secrets::Kind::KeySet, &wanted, Some(&there));
        let expected = readable(set(&[key("b", true), key("c", false)]));
        assert_eq!(completed, expected);
    }
}
