//! OpenID Connect Core §5.4, §5.5 – which claims the client wants, by scope and by name

use placet_api::Reason;
use placet_base::Scopes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::rules::params::Params;
use crate::rules::transformed_claims::Definitions;

/// The `claims` parameter, its two known members apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsWish {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo: Option<Map<String, Value>>,
    /// Claims that the request defines by functions (OpenID Connect Advanced Syntax for Claims §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transformed: Option<Map<String, Value>>,
}

pub fn claims(params: &Params) -> Result<ClaimsWish, Fault> {
    let Some(text) = params.one("claims")? else { return Ok(ClaimsWish::default()) };
    let Ok(Value::Object(mut members)) = serde_json::from_str(text) else {
        return Err(Reason::ClaimsNotObject {}.into());
    };
    let transformed = match members.remove("transformed_claims") {
        None | Some(Value::Null) => None,
        Some(Value::Object(definitions)) => {
            Some(Definitions::of_request(&definitions).map_err(Reason::from)?.into_members())
        }
        Some(_) => return Err(Reason::TransformedClaimsInvalid {}.into()),
    };
    Ok(ClaimsWish {
        transformed,
        id_token: member(members.remove("id_token"), Reason::ClaimsIdTokenNotObject {})?,
        userinfo: member(members.remove("userinfo"), Reason::ClaimsUserinfoNotObject {})?,
    })
}

/// One member of the parameter: an object whose values are null or objects (§5.5.1).
fn member(member: Option<Value>, otherwise: Reason) -> Result<Option<Map<String, Value>>, Fault> {
    let requests = match member {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(requests)) => requests,
        Some(_) => return Err(otherwise.into()),
    };
    for (name, request) in &requests {
        let claim = || name.clone();
        match request {
            Value::Null => {}
            // OpenID Connect for Identity Assurance §6: a list of requests.
            Value::Array(_) if name == "verified_claims" => {}
            Value::Object(members) => {
                if members.get("essential").is_some_and(|essential| !essential.is_boolean()) {
                    return Err(Reason::ClaimEssentialInvalid { claim: claim() }.into());
                }
                if members.get("values").is_some_and(|values| !values.is_array()) {
                    return Err(Reason::ClaimValuesInvalid { claim: claim() }.into());
                }
            }
            _ => return Err(Reason::ClaimRequestInvalid { claim: claim() }.into()),
        }
    }
    Ok(Some(requests))
}

impl ClaimsWish {
    pub fn is_empty(&self) -> bool {
        self.id_token.is_none() && self.userinfo.is_none() && self.transformed.is_none()
    }

    /// The values of an `acr` claim that is asked for as essential (§5.5.1.1).
    pub fn essential_acrs(&self) -> Option<Vec<String>> {
        let request = self.id_token.as_ref()?.get("acr")?.as_object()?;
        if request.get("essential") != Some(&Value::Bool(true)) {
            return None;
        }
        let values = request.get("values").and_then(Value::as_array).cloned();
        let values = values.unwrap_or_else(|| request.get("value").cloned().into_iter().collect());
        let values: Vec<_> = values.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Some(values).filter(|values| !values.is_empty())
    }

    /// The one subject that the client asks for (§5.5.1).
    pub fn subject(&self) -> Option<String> {
        let request = self.id_token.as_ref()?.get("sub")?.as_object()?;
        request.get("value")?.as_str().map(str::to_owned)
    }

    /// Names of the claims wanted in the ID token. Those behind scopes belong there only where
    /// `by_scope` says so (§5.4: with an access token they come from the userinfo endpoint).
    pub fn id_token_names(
        &self,
        scopes: &Scopes,
        by_scope: bool,
        supported: Option<&Vec<String>>,
    ) -> Vec<String> {
        let by_scope = if by_scope { scopes.clone() } else { Scopes::default() };
        names(self.id_token.as_ref(), &by_scope, supported)
    }

    /// Names of the claims wanted from the userinfo endpoint.
    pub fn userinfo_names(&self, scopes: &Scopes, supported: Option<&Vec<String>>) -> Vec<String> {
        names(self.userinfo.as_ref(), scopes, supported)
    }
}

/// Claims that tokens carry by themselves; nobody has to collect them.
const OWN: [&str; 5] = ["sub", "acr", "auth_time", "amr", "verified_claims"];

fn names(
    named: Option<&Map<String, Value>>,
    scopes: &Scopes,
    supported: Option<&Vec<String>>,
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let by_name =
        named.into_iter().flat_map(Map::keys).map(String::as_str).filter(|name| !OWN.contains(name));
    // Claims made of others are asked for by their sources.
    let by_name = by_name.filter(|name| !name.starts_with(':'));
    for name in by_name.chain(scopes.iter().flat_map(behind)) {
        let base = name.split('#').next().unwrap_or(name);
        let known = supported.is_none_or(|supported| supported.iter().any(|s| s == base));
        if known && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

/// OpenID Connect Core §5.4.
fn behind(scope: &str) -> impl Iterator<Item = &str> {
    let claims: &[&str] = match scope {
        "profile" => &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
        "email" => &["email", "email_verified"],
        "address" => &["address"],
        "phone" => &["phone_number", "phone_number_verified"],
        _ => &[],
    };
    claims.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::params::Request;

    fn wish(json: &str) -> Result<ClaimsWish, Fault> {
        let mut text = "claims=".to_owned();
        placet_base::form::encode_into(json, &mut text);
        claims(&Params::parse(Request::Authorization, &text).unwrap())
    }

    #[test]
    fn names_come_from_both_places_once() {
        let wish = wish(r#"{"userinfo":{"email":{"essential":true},"name#ja":null,"sub":null}}"#).unwrap();
        let names = wish.userinfo_names(&Scopes::split("openid email"), None);
        assert_eq!(names, ["email", "name#ja", "email_verified"]);
        let supported = vec!["name".to_owned()];
        assert_eq!(wish.userinfo_names(&Scopes::split("email"), Some(&supported)), ["name#ja"]);
        assert!(wish.id_token_names(&Scopes::split("email"), false, None).is_empty());
    }

    #[test]
    fn an_essential_acr_counts_only_with_values() {
        let acrs = |json: &str| wish(json).unwrap().essential_acrs();
        assert_eq!(
            acrs(r#"{"id_token":{"acr":{"essential":true,"values":["a","b"]}}}"#).unwrap(),
            ["a", "b"]
        );
        assert_eq!(acrs(r#"{"id_token":{"acr":{"essential":true,"value":"a"}}}"#).unwrap(), ["a"]);
        assert_eq!(acrs(r#"{"id_token":{"acr":{"values":["a"]}}}"#), None);
        assert_eq!(acrs(r#"{"id_token":{"acr":{"essential":true}}}"#), None);
    }
}
