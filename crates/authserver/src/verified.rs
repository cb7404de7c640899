//! Verified claims (OpenID Connect for Identity Assurance 1.0): what a request asks for, for the page where the person
//! consents, and what the person has of it. The API gives of that what was asked for and agreed to.

use std::collections::BTreeSet;

use placet_sdk::types::AuthorizationResponse;
use serde_json::{Map, Value};

use crate::users::User;

/// The claim that holds them.
pub(crate) const VERIFIED_CLAIMS: &str = "verified_claims";

/// One set of verified claims that a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Set {
    /// The trust frameworks that will do; none for any.
    pub(crate) frameworks: Vec<String>,
    /// The types of evidence that go along.
    pub(crate) evidence: Vec<String>,
    /// Files go along.
    pub(crate) attachments: bool,
    claims: Vec<(String, Option<String>)>,
}

/// The sets that the client asks for, in the ID token and at the userinfo endpoint.
pub(crate) fn asked(request: &AuthorizationResponse) -> Vec<Set> {
    let parts = [&request.id_token_claims, &request.user_info_claims];
    let requests = parts.into_iter().flatten().filter_map(|text| in_part(text));
    let sets = requests.flat_map(|request| match request {
        Value::Array(sets) => sets,
        set => vec![set],
    });
    sets.filter_map(|set| Set::read(&set)).collect()
}

/// What part of a request (`idTokenClaims`, `userInfoClaims`) says of them.
fn in_part(text: &str) -> Option<Value> {
    serde_json::from_str::<Map<String, Value>>(text).ok()?.remove(VERIFIED_CLAIMS)
}

/// What the person has, if this part of a request asks for it and the person agrees to some of it.
pub(crate) fn of_user(user: &User, part: Option<&str>, consented: Option<&[String]>) -> Option<Value> {
    part.and_then(in_part)?;
    let agreed = consented.is_none_or(|names| names.iter().any(|name| name.starts_with(VERIFIED_CLAIMS)));
    user.claims.get(VERIFIED_CLAIMS).filter(|_| agreed).cloned()
}

/// The names that a consent knows verified claims by.
pub(crate) fn names(sets: &[Set]) -> Vec<String> {
    let names: BTreeSet<_> =
        sets.iter().flat_map(|set| &set.claims).map(|(name, _)| consent_name(name)).collect();
    names.into_iter().collect()
}

fn consent_name(claim: &str) -> String {
    format!("{VERIFIED_CLAIMS}.{claim}")
}

/// The claim of such a name.
pub(crate) fn claim(name: &str) -> &str {
    name.strip_prefix(VERIFIED_CLAIMS).and_then(|name| name.strip_prefix('.')).unwrap_or(name)
}

/// Why the client wants a claim (§5.3): it is to be shown.
pub(crate) fn purposes(sets: &[Set], claim: &str) -> Vec<String> {
    let wanted = sets.iter().flat_map(|set| &set.claims).filter(|(name, _)| name == claim);
    let purposes: BTreeSet<_> = wanted.filter_map(|(_, purpose)| purpose.clone()).collect();
    purposes.into_iter().collect()
}

/// What the person's verified claims say, in the first set that has it.
pub(crate) fn value<'a>(user: &'a User, claim: &str) -> Option<&'a Value> {
    let sets = match user.claims.get(VERIFIED_CLAIMS)? {
        Value::Array(sets) => sets.as_slice(),
        set => std::slice::from_ref(set),
    };
    sets.iter().find_map(|set| set.get("claims")?.get(claim))
}

impl Set {
    fn read(set: &Value) -> Option<Self> {
        let claims = set.get("claims")?.as_object()?.iter();
        let purpose = |request: &Value| request.get("purpose").and_then(Value::as_str).map(str::to_owned);
        let verification = set.get("verification")?;
        let entries = verification.get("evidence").and_then(Value::as_array);
        let entries = entries.map(Vec::as_slice).unwrap_or_default();
        Some(Self {
            frameworks: verification.get("trust_framework").map(values).unwrap_or_default(),
            evidence: entries.iter().filter_map(|entry| entry.get("type")).flat_map(values).collect(),
            attachments: entries.iter().any(|entry| entry.get("attachments").is_some()),
            claims: claims.map(|(name, request)| (name.clone(), purpose(request))).collect(),
        })
    }
}

/// The texts that a request admits.
fn values(request: &Value) -> Vec<String> {
    let several = request.get("values").and_then(Value::as_array).into_iter().flatten();
    several.chain(request.get("value")).filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(id_token: Value) -> AuthorizationResponse {
        AuthorizationResponse { id_token_claims: Some(id_token.to_string()), ..Default::default() }
    }

    #[test]
    fn a_set_says_what_goes_along_and_why() {
        let sets = asked(&request(json!({ "verified_claims": [
            {
                "verification": {
                    "trust_framework": { "values": ["gold", "silver"] },
                    "evidence": [{ "type": { "value": "document" }, "attachments": null }],
                },
                "claims": { "given_name": { "purpose": "To write to you" }, "birthdate": null },
            },
            { "verification": { "trust_framework": null }, "claims": { "given_name": { "purpose": "Billing" } } },
            { "claims": 1 },
        ] })));
        assert_eq!(sets.len(), 2);
        assert_eq!(
            (sets[0].frameworks.join(" "), sets[0].evidence.join(" ")),
            ("gold silver".into(), "document".into())
        );
        assert!(sets[0].attachments && !sets[1].attachments && sets[1].frameworks.is_empty());
        assert_eq!(names(&sets), ["verified_claims.birthdate", "verified_claims.given_name"]);
        assert_eq!(purposes(&sets, "given_name"), ["Billing", "To write to you"]);
        assert_eq!(claim("verified_claims.given_name"), "given_name");
        for none in [json!({}), json!({ "verified_claims": null }), json!([])] {
            assert!(asked(&request(none)).is_empty());
        }
    }

    #[test]
    fn they_are_given_where_they_are_asked_for_and_agreed_to() {
        let own = json!({ "verification": { "trust_framework": "gold" }, "claims": { "given_name": "Max" } });
        let claims = json!({ "verified_claims": [own] });
        let user = User { claims: claims.as_object().unwrap().clone(), ..User::default() };
        let part = Some(r#"{"verified_claims":{}}"#);
        let consented = |name: &str| of_user(&user, part, Some(&[name.to_owned()])).is_some();
        assert!(of_user(&user, part, None).is_some() && consented("verified_claims.given_name"));
        assert!(consented("verified_claims") && !consented("given_name"));
        assert_eq!(of_user(&user, Some(r#"{"given_name":null}"#), None), None);
        assert_eq!(of_user(&user, None, None), None);
        assert_eq!(of_user(&User::default(), part, None), None);
        assert_eq!(value(&user, "given_name"), Some(&json!("Max")));
    }
}
