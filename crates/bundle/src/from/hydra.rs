//! Ory Hydra, by what its admin API says: clients, and the keys of ID tokens.

use placet_sdk::form;
use serde_json::Value;

use super::{Moving, fetch::Fetch, registered};
use crate::api::Watch;
use crate::bundle::Bundle;
use crate::consents::Consent;
use crate::problem::Problem;

/// The key sets that Hydra signs with: ID tokens, and access tokens that are JWTs.
const KEY_SETS: &[&str] = &["hydra.openid.id-token", "hydra.jwt.access-token"];

/// Entries of a page.
const PAGE: usize = 250;

/// Reads the admin API below `url`.
///
/// # Errors
/// It cannot be reached, refuses, or answers with something else.
pub async fn read(url: &str, watch: &Watch<'_>) -> Result<Bundle, Problem> {
    let fetch = Fetch::new(url, None)?;
    let mut clients = Vec::new();
    let mut next = format!("/admin/clients?page_size={PAGE}");
    loop {
        let (page, following) = fetch.page(&next).await?;
        clients.extend(
            page.as_array().cloned().ok_or_else(|| Problem::at(&next, "this is no list of clients"))?,
        );
        watch(clients.len(), None);
        match following {
            Some(following) => next = following,
            None => break,
        }
    }
    let mut keys = Vec::new();
    for set in KEY_SETS {
        let found = fetch.optional(&format!("/admin/keys/{set}")).await?.unwrap_or_default();
        keys.extend(found["keys"].as_array().cloned().unwrap_or_default());
    }
    Ok(bundle(&clients, keys))
}

/// The consents of these users, whom the admin API does not list. `watch` hears how many there have been.
///
/// # Errors
/// As [`read`].
pub async fn read_consents(
    url: &str,
    subjects: &[String],
    watch: &Watch<'_>,
) -> Result<Vec<Consent>, Problem> {
    let fetch = Fetch::new(url, None)?;
    let mut consents = Vec::new();
    for (number, subject) in subjects.iter().enumerate() {
        let query = form::encode([("subject", subject.as_str()), ("page_size", &PAGE.to_string())]);
        let mut next = Some(format!("/admin/oauth2/auth/sessions/consent?{query}"));
        while let Some(path) = next {
            let (page, following) = fetch.page(&path).await?;
            consents.extend(page.as_array().into_iter().flatten().filter_map(|one| consent(subject, one)));
            next = following;
        }
        watch(number + 1, Some(subjects.len()));
    }
    Ok(consents)
}

fn consent(subject: &str, session: &Value) -> Option<Consent> {
    let scopes = session["grant_scope"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned);
    let client = session["consent_request"]["client"]["client_id"].as_str()?.to_owned();
    Some(Consent { subject: subject.to_owned(), client, scopes: scopes.collect() })
}

/// The bundle of what was read.
pub fn bundle(clients: &[Value], keys: Vec<Value>) -> Bundle {
    let mut moving = Moving::default();
    moving.set("serviceName", "Moved from Ory Hydra");
    moving.scope("openid", None);
    clients.iter().filter_map(Value::as_object).for_each(|client| registered::client(&mut moving, client));
    if keys.is_empty() {
        moving.not("service.jwks", "no private key could be read; make new ones with `placet generate-keys`");
    } else {
        moving.set("jwks", serde_json::json!({ "keys": keys }).to_string());
    }
    let why =
        "the admin API lists them by user: --consents with --subjects writes them for `placet grant import`";
    moving.not("consent sessions", why);
    moving.not("issuer and endpoints", "they are those of the new server; set them with an overlay");
    moving.done()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_session_of_consent_is_one() {
        let session = json!({
            "consent_request": { "client": { "client_id": "shop" }, "requested_scope": ["openid", "email"] },
            "grant_scope": ["openid"], "handled_at": "2026-01-01T00:00:00Z",
        });
        let read = consent("john", &session).unwrap();
        assert_eq!((read.client.as_str(), read.scopes), ("shop", vec!["openid".to_owned()]));
        assert!(consent("john", &json!({ "grant_scope": [] })).is_none());
    }

    #[test]
    fn clients_and_keys_move_and_the_rest_is_named() {
        let client = json!({
            "client_id": "0f9c", "client_name": "Shop", "redirect_uris": ["https://shop.test/cb"],
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["token code", "code"],
            "scope": "openid offline", "audience": ["https://api.test"], "owner": "", "skip_consent": true,
            "token_endpoint_auth_method": "client_secret_post", "created_at": "2026-01-01T00:00:00Z", "jwks": {},
            "metadata": {}, "subject_type": "public", "userinfo_signed_response_alg": "none",
        });
        let key =
            json!({ "kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "d", "kid": "k", "use": "sig" });
        let bundle = bundle(&[client], vec![key]);
        let moved = &bundle.tree.clients["0f9c"];
        assert_eq!(moved["responseTypes"], json!(["CODE_TOKEN", "CODE"]));
        assert_eq!(moved["tokenAuthMethod"], "CLIENT_SECRET_POST");
        assert_eq!(moved["extension"]["requestableScopes"], json!(["openid", "offline"]));
        let named: Vec<&str> = bundle.not_carried.iter().map(|one| one.what.as_str()).collect();
        let expected = [
            "clients.0f9c audience",
            "clients.0f9c skip_consent",
            "clients.0f9c.clientSecret",
            "consent sessions",
            "issuer and endpoints",
        ];
        assert_eq!(named, expected);
        assert!(!bundle.tree.service["jwks"].to_string().contains("\\\"d\\\""));
        assert_eq!(bundle.secrets.len(), 1);
        Bundle::parse("b", &bundle.written()).map_err(|e| format!("{e:#?}")).unwrap();
    }
}
