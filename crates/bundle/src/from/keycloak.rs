//! Keycloak, by the export of a realm (`kc.sh export`, which has everything), or by its admin API (which keeps keys to itself).

mod client;
mod realm;

use std::collections::BTreeMap;

use placet_sdk::Secret;
use serde_json::Value;

use super::{Moving, fetch::Fetch};
use crate::api::Watch;
use crate::bundle::Bundle;
use crate::consents::Consent;
use crate::problem::Problem;

/// Clients of a page.
const PAGE: usize = 100;

/// Reads the admin API: `url` ends with `/admin/realms/NAME`, and the token may view realm and clients.
///
/// # Errors
/// It cannot be reached, refuses, or answers with something else.
pub async fn read(url: &str, token: Secret<String>, watch: &Watch<'_>) -> Result<Bundle, Problem> {
    let fetch = Fetch::new(url, Some(token))?;
    let mut realm = fetch.get("").await?;
    let mut clients = Vec::new();
    loop {
        let page = fetch.get(&format!("/clients?first={}&max={PAGE}", clients.len())).await?;
        let page = page.as_array().cloned().unwrap_or_default();
        let last = page.len() < PAGE;
        clients.extend(page);
        watch(clients.len(), None);
        if last {
            break;
        }
    }
    realm["clients"] = clients.into();
    realm["clientScopes"] = fetch.get("/client-scopes").await?;
    Ok(bundle(&realm))
}

/// Reads an export: of one realm, or a list with the one called `realm`.
///
/// # Errors
/// It is no such JSON, or has several realms and none was named.
pub fn parse(text: &str, realm: Option<&str>) -> Result<Bundle, Problem> {
    let value: Value = serde_json::from_str(text).map_err(|e| Problem::at("the export", e))?;
    one_of(value, realm).map(|realm| bundle(&realm))
}

/// The consents of users in an export.
///
/// # Errors
/// As [`parse`].
pub fn parse_consents(text: &str, realm: Option<&str>) -> Result<Vec<Consent>, Problem> {
    let value: Value = serde_json::from_str(text).map_err(|e| Problem::at("the export", e))?;
    let realm = one_of(value, realm)?;
    let users = realm["users"].as_array().into_iter().flatten();
    Ok(users.flat_map(|user| consents_of(user, &user["clientConsents"])).collect())
}

/// The same by the admin API, user by user; the token may view users too. `watch` hears how many users there have been.
///
/// # Errors
/// As [`read`].
pub async fn read_consents(
    url: &str,
    token: Secret<String>,
    watch: &Watch<'_>,
) -> Result<Vec<Consent>, Problem> {
    let fetch = Fetch::new(url, Some(token))?;
    let (mut consents, mut seen) = (Vec::new(), 0);
    loop {
        let page = fetch.get(&format!("/users?briefRepresentation=true&first={seen}&max={PAGE}")).await?;
        let users = page.as_array().map(Vec::as_slice).unwrap_or_default();
        for user in users {
            let id = user["id"].as_str().unwrap_or_default();
            consents.extend(consents_of(user, &fetch.get(&format!("/users/{id}/consents")).await?));
            seen += 1;
            watch(seen, None);
        }
        if users.len() < PAGE {
            return Ok(consents);
        }
    }
}

/// What a user has agreed to. Who agrees to anything there agrees to be known by an id, of which nothing is said.
fn consents_of(user: &Value, consents: &Value) -> Vec<Consent> {
    let consent = |one: &Value| {
        let scopes = one["grantedClientScopes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let scopes = ["openid"].into_iter().chain(scopes.filter(|scope| *scope != "openid"));
        Some(Consent {
            subject: user["id"].as_str()?.to_owned(),
            client: one["clientId"].as_str()?.to_owned(),
            scopes: scopes.map(str::to_owned).collect(),
        })
    };
    consents.as_array().into_iter().flatten().filter_map(consent).collect()
}

/// The realm of an export that is meant.
fn one_of(value: Value, realm: Option<&str>) -> Result<Value, Problem> {
    let realms = match value {
        Value::Array(realms) => realms,
        one => vec![one],
    };
    let names: Vec<&str> = realms.iter().filter_map(|one| one["realm"].as_str()).collect();
    let wanted = |one: &&Value| realm.is_none_or(|name| one["realm"] == name);
    let found: Vec<&Value> = realms.iter().filter(|one| one["realm"].is_string()).filter(wanted).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(Problem::at("the export", "it has no such realm")),
        _ => Err(Problem::at("the export", format!("name one of its realms: {}", names.join(", ")))),
    }
}

fn bundle(realm: &Value) -> Bundle {
    let mut moving = Moving::default();
    let consents = consents(realm);
    realm::settings(&mut moving, realm);
    realm::scopes(&mut moving, realm);
    realm::keys(&mut moving, realm);
    for one in realm["clients"].as_array().into_iter().flatten() {
        client::client(&mut moving, realm, one);
    }
    for (client, count) in consents {
        let why = "--consents writes them to a file of their own, for `placet grant import`; users are asked again otherwise";
        moving.not(format!("{count} consents of users to {client}"), why);
    }
    moving.done()
}

/// How many users have agreed to something, by client.
fn consents(realm: &Value) -> BTreeMap<String, usize> {
    let users = realm["users"].as_array().into_iter().flatten();
    let consents = users.filter_map(|user| user["clientConsents"].as_array()).flatten();
    let mut counts = BTreeMap::new();
    for client in consents.filter_map(|consent| consent["clientId"].as_str()) {
        *counts.entry(client.to_owned()).or_insert(0) += 1;
    }
    counts
}

/// A setting that is a text there, whatever it is: `attributes` of realms and clients.
fn attribute<'a>(of: &'a Value, name: &str) -> Option<&'a str> {
    of["attributes"][name].as_str().filter(|text| !text.is_empty())
}

fn is_on(of: &Value, name: &str) -> bool {
    attribute(of, name) == Some("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Keycloak 26.5.6 by what `interop/moving/keycloak.mjs` asks of it, and shortened.
    const REALM: &str = include_str!("keycloak/realm.json");

    #[test]
    fn a_realm_moves() {
        let bundle = parse(REALM, None).unwrap();
        let clients: Vec<&str> = bundle.tree.clients.keys().map(String::as_str).collect();
        assert_eq!(clients, ["machine", "shop", "signed", "spa"]);
        assert_eq!(bundle.secrets.len(), 3, "{:?}", bundle.secrets.keys());
        assert_eq!(bundle.tree.service["accessTokenDuration"], 300);
        let set: Value = serde_json::from_str(bundle.tree.service["jwks"].as_str().unwrap()).unwrap();
        assert!(
            set["keys"].as_array().unwrap().iter().any(|key| key["alg"] == "RS256" && key["use"] == "sig")
        );
        assert_eq!(bundle.tree.clients["spa"]["pkceS256Required"], true);
        assert_eq!(bundle.tree.clients["signed"]["tokenAuthMethod"], "PRIVATE_KEY_JWT");
        assert_eq!(bundle.tree.clients["shop"]["redirectUris"], serde_json::json!(["https://shop.test/cb"]));
        // As the realm's own key set says them.
        let known =
            ["CvelvdkiEgEp4FFdBOkyeiN2z4AVxiQIjMC2nX9W3ZA", "j7P3LoaHP41lbHyPrbEqxWerCT7iJoAgGBcmJ0R6-Ps"];
        assert!(known.iter().all(|kid| set["keys"].as_array().unwrap().iter().any(|key| key["kid"] == *kid)));
        let named: Vec<&str> = bundle.not_carried.iter().map(|one| one.what.as_str()).collect();
        for expected in ["clients.shop redirect URI https://shop.test/*", "1 users", "client account"] {
            assert!(named.contains(&expected), "{expected}: {named:#?}");
        }
        let again = Bundle::parse("b", &bundle.written()).map_err(|e| format!("{e:#?}")).unwrap();
        assert_eq!(again.tree, bundle.tree);
    }

    #[test]
    fn consents_are_read_with_whose_they_are() {
        let consents = parse_consents(REALM, None).unwrap();
        let [consent] = consents.as_slice() else { panic!("{consents:?}") };
        assert_eq!((consent.client.as_str(), consent.scopes.join(" ").as_str()), ("shop", "openid email"));
        assert_eq!(consent.subject, "5f3a0c1e-7d5b-4a55-9a1c-0c6a4f1d2b3e");
        assert!(parse_consents("{}", None).is_err());
    }

    #[test]
    fn an_export_of_several_realms_wants_a_name() {
        let text = r#"[{"realm":"a"},{"realm":"b"}]"#;
        assert!(parse(text, None).err().unwrap().what.contains("a, b"));
        assert!(parse(text, Some("b")).is_ok());
        assert!(parse(text, Some("c")).is_err());
        assert!(parse("[", None).is_err());
    }
}
