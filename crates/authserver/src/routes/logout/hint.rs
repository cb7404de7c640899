//! `id_token_hint` (OpenID Connect RP-Initiated Logout 1.0 §2): an ID token of ours, and no other JWT.

use data_encoding::BASE64URL_NOPAD;
use placet_sdk::Transport;
use placet_sdk::types::JoseVerifyRequest;
use serde_json::{Map, Value};

use super::Refused;
use crate::AuthServer;

const WRONG: Refused = Refused::Wrong("'id_token_hint' is no ID token of this server.");

/// The claims of an ID token. One that has expired is still a hint, and so is one of an algorithm that the client has
/// given up since.
pub(super) async fn verified<T: Transport + 'static>(
    server: &AuthServer<T>,
    hint: String,
) -> Result<Map<String, Value>, Refused> {
    let (header, claims) = parts(&hint).ok_or(WRONG)?;
    if !is_id_token(&header, &claims, server.settings.issuer.url()) {
        return Err(WRONG);
    }
    // With a secret the client alone shares one with the service (OpenID Connect Core §10.1).
    let symmetric = header.get("alg").and_then(Value::as_str).is_some_and(|alg| alg.starts_with("HS"));
    let client = audience(&claims).into_iter().next().filter(|_| symmetric);
    let call = JoseVerifyRequest {
        jose: Some(hint),
        signed_by_client: client.is_some().then_some(true),
        client_identifier: client,
        ..JoseVerifyRequest::default()
    };
    let found = server.api.jose_verify(call).await?;
    if found.signature_valid == Some(true) { Ok(claims) } else { Err(WRONG) }
}

/// Whom a token is for.
pub(super) fn audience(claims: &Map<String, Value>) -> Vec<String> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn parts(jwt: &str) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let [header, claims, _] = jwt.split('.').collect::<Vec<_>>().try_into().ok()?;
    let object = |part: &str| serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok();
    Some((object(header)?, object(claims)?))
}

/// OpenID Connect Core §2, RFC 8725 §3.11, §3.12: what an ID token always has, and what others of our JWTs have: an access
/// token its `typ` (RFC 9068 §2.1), a logout token its events, a userinfo answer no end, an introspection answer and
/// an authorization response no user.
fn is_id_token(header: &Map<String, Value>, claims: &Map<String, Value>, issuer: &str) -> bool {
    let kind = header.get("typ").map(Value::as_str);
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let time = |name: &str| claims.get(name).is_some_and(Value::is_number);
    let foreign = ["events", "token_introspection", "scope", "client_id"];
    kind.is_none_or(|kind| kind.is_some_and(|kind| kind.eq_ignore_ascii_case("jwt")))
        && text("iss") == Some(issuer)
        && text("sub").is_some_and(|sub| !sub.is_empty())
        && !audience(claims).is_empty()
        && time("exp")
        && time("iat")
        && !foreign.iter().any(|name| claims.contains_key(*name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(header: Value, more: Value) -> bool {
        let mut claims =
            json!({ "iss": "https://as.example", "sub": "john", "aud": "7", "exp": 2, "iat": 1 });
        for (name, value) in more.as_object().unwrap() {
            match value.is_null() {
                true => drop(claims.as_object_mut().unwrap().remove(name)),
                false => claims[name] = value.clone(),
            }
        }
        let object = |value: &Value| value.as_object().unwrap().clone();
        is_id_token(&object(&header), &object(&claims), "https://as.example")
    }

    #[test]
    fn a_jwt_is_taken_for_what_it_is() {
        let plain = || json!({ "alg": "ES256" });
        assert!(judged(plain(), json!({})) && judged(json!({ "typ": "JWT" }), json!({ "aud": ["7"] })));
        assert!(judged(plain(), json!({ "nonce": "n", "sid": "s", "name": "John" })));
        for typ in ["at+jwt", "logout+jwt", "token-introspection+jwt", "oauth-authz-req+jwt"] {
            assert!(!judged(json!({ "typ": typ }), json!({})), "{typ}");
        }
        assert!(!judged(json!({ "typ": 1 }), json!({})));
        for more in [
            json!({ "exp": null }),
            json!({ "iat": null }),
            json!({ "sub": null }),
            json!({ "sub": "" }),
            json!({ "aud": null }),
            json!({ "iss": "https://other.example" }),
            json!({ "events": {} }),
            json!({ "scope": "openid", "client_id": "7" }),
        ] {
            assert!(!judged(plain(), more.clone()), "{more}");
        }
        assert!(parts("a.b").is_none() && parts("a.b.c.d.e").is_none() && parts("e30.e30.").is_some());
    }
}
