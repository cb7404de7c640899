//! Keycloak, by the export of a realm (`kc.sh export`, which has everything), or by its admin API (which keeps keys to itself).

mod client;
mod realm;

use std::collections::BTreeMap;

use placet_sdk::Secret;
use serde_json::Value;

use super::{Moving, fetch::Fetch};
use crate::api::Watch;
use crate::bundle::Bundle;
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
    let realms = match value {
        Value::Array(realms) => realms,
        one => vec![one],
    };
    let names: Vec<&str> = realms.iter().filter_map(|one| one["realm"].as_str()).collect();
    let wanted = |one: &&Value| realm.is_none_or(|name| one["realm"] == name);
    let found: Vec<&Value> = realms.iter().filter(|one| one["realm"].is_string()).filter(wanted).collect();
    match found.as_slice() {
        [one] => Ok(bundle(one)),
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
        let why = "placet's API takes no consents over; users are asked again";
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
    fn an_export_of_several_realms_wants_a_name() {
        let text = r#"[{"realm":"a"},{"realm":"b"}]"#;
        assert!(parse(text, None).err().unwrap().what.contains("a, b"));
        assert!(parse(text, Some("b")).is_ok());
        assert!(parse(text, Some("c")).is_err());
        assert!(parse("[", None).is_err());
    }
}
