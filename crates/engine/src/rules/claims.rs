//! OpenID Connect Core §5.4, §5.5 – which claims the client wants, by scope and by name

use placet_api::Reason;
use placet_base::Scopes;
use placet_base::claims::of_scope;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fault::Fault;
use crate::rules::acr::RequestedAcr;
use crate::rules::params::Params;
use crate::rules::transformed_claims::Definitions;
use crate::rules::verified_claims::VERIFIED_CLAIMS;
use crate::rules::verified_claims::request::{RequestError, Requested, requested};

/// The `claims` parameter, its two known members apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub userinfo: Option<Map<String, Value>>,
    /// Claims that the request defines by functions (OpenID Connect Advanced Syntax for Claims §2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transformed: Option<Map<String, Value>>,
}

pub fn claims(params: &Params) -> Result<ClaimsRequest, Fault> {
    let Some(text) = params.one("claims")? else { return Ok(ClaimsRequest::default()) };
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
    let wish = ClaimsRequest {
        transformed,
        id_token: member(&mut members, "id_token", Reason::ClaimsIdTokenNotObject {})?,
        userinfo: member(&mut members, "userinfo", Reason::ClaimsUserinfoNotObject {})?,
    };
    // An answer is about one user, and has one way to say whom it must be about.
    match wish.subjects().len() {
        0 | 1 => Ok(wish),
        _ => Err(Reason::ClaimSubjectsMany {}.into()),
    }
}

/// One member of the parameter: an object whose values are null or objects (§5.5.1).
fn member(
    members: &mut Map<String, Value>,
    place: &str,
    otherwise: Reason,
) -> Result<Option<Map<String, Value>>, Fault> {
    let requests = match members.remove(place) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(requests)) => requests,
        Some(_) => return Err(otherwise.into()),
    };
    for (name, request) in &requests {
        let claim = || name.clone();
        match request {
            request if name == VERIFIED_CLAIMS => drop(verified_claims(request, place)?),
            Value::Null => {}
            Value::Object(members) => {
                if members.get("essential").is_some_and(|essential| !essential.is_boolean()) {
                    return Err(Reason::ClaimEssentialInvalid { claim: claim() }.into());
                }
                if members.get("values").is_some_and(|values| !values.is_array()) {
                    return Err(Reason::ClaimValuesInvalid { claim: claim() }.into());
                }
                if ["sub", "acr"].contains(&name.as_str()) && texts(members).is_none() {
                    return Err(Reason::ClaimValueImpossible { claim: claim() }.into());
                }
            }
            _ => return Err(Reason::ClaimRequestInvalid { claim: claim() }.into()),
        }
    }
    Ok(Some(requests))
}

/// OpenID Connect for Identity Assurance 1.0 §5.3: a set, or a list of sets.
fn verified_claims(request: &Value, place: &str) -> Result<Vec<Requested>, Fault> {
    let place = place.to_owned();
    requested(request).map_err(|error| match error {
        RequestError::Malformed => Reason::VerifiedClaimsMalformed { place }.into(),
        RequestError::Constraint(member) => Reason::VerifiedClaimsConstraint { place, member }.into(),
        RequestError::Purpose => Reason::VerifiedClaimsPurpose { place }.into(),
        RequestError::Evidence => Reason::VerifiedClaimsEvidence { place }.into(),
        RequestError::Excessive => Reason::VerifiedClaimsExcessive { place }.into(),
    })
}

/// The sets of verified claims that a part of the parameter asks for.
pub fn verified_claims_of(part: Option<&Map<String, Value>>) -> Vec<Requested> {
    let request = part.and_then(|part| part.get(VERIFIED_CLAIMS));
    // What is kept has been read before.
    request.and_then(|request| requested(request).ok()).unwrap_or_default()
}

/// The values that a claim is asked for with, by `value` or `values` (§5.5.1). `None` where one of them is no
/// text or an empty one, or the list is empty: what is asked for then is nothing that such a claim could be.
fn texts(request: &Map<String, Value>) -> Option<Vec<&str>> {
    let values = request.get("values").and_then(Value::as_array);
    if values.is_some_and(Vec::is_empty) {
        return None;
    }
    let values = values.into_iter().flatten().chain(request.get("value"));
    values.map(|value| value.as_str().filter(|text| !text.is_empty())).collect()
}

impl ClaimsRequest {
    pub fn is_empty(&self) -> bool {
        self.id_token.is_none() && self.userinfo.is_none() && self.transformed.is_none()
    }

    /// The authentication context that is asked for by the `acr` claim (§5.5.1.1).
    pub fn acrs(&self) -> RequestedAcr {
        let request = self.asked("acr").next();
        let values = request.and_then(texts).unwrap_or_default();
        RequestedAcr {
            values: values.into_iter().map(str::to_owned).collect(),
            essential: request.is_some_and(is_essential),
        }
    }

    /// Whether the time of the authentication is asked for as essential, which makes it required (§2).
    pub fn auth_time(&self) -> bool {
        self.asked("auth_time").next().is_some_and(is_essential)
    }

    /// The one subject that the client asks for (§5.5.1).
    pub fn subject(&self) -> Option<String> {
        self.subjects().first().map(|sub| (*sub).to_owned())
    }

    fn subjects(&self) -> Vec<&str> {
        let of_userinfo = self.userinfo.as_ref().and_then(|asked| asked.get("sub")?.as_object());
        let mut subjects: Vec<_> = self.asked("sub").chain(of_userinfo).filter_map(texts).flatten().collect();
        subjects.dedup();
        subjects
    }

    pub fn asks_for_verified_claims(&self) -> bool {
        let parts = self.id_token.iter().chain(&self.userinfo);
        parts.into_iter().any(|part| part.contains_key(VERIFIED_CLAIMS))
    }

    /// What is asked of a claim of the ID token.
    fn asked(&self, claim: &str) -> impl Iterator<Item = &Map<String, Value>> {
        self.id_token.as_ref().and_then(|asked| asked.get(claim)?.as_object()).into_iter()
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

fn is_essential(request: &Map<String, Value>) -> bool {
    request.get("essential") == Some(&Value::Bool(true))
}

/// Claims that tokens carry by themselves; nobody has to collect them.
const OWN: [&str; 5] = ["sub", "acr", "auth_time", "amr", VERIFIED_CLAIMS];

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
    for name in by_name.chain(scopes.iter().flat_map(|scope| -> &[&str] { of_scope(scope) }).copied()) {
        let base = name.split('#').next().unwrap_or(name);
        let known = supported.is_none_or(|supported| supported.iter().any(|s| s == base));
        if known && !names.iter().any(|n| n == name) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::params::Request;

    fn wish(json: &str) -> Result<ClaimsRequest, Fault> {
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
    fn an_acr_is_asked_for_by_value_or_by_values() {
        let acrs = |json: &str| {
            let RequestedAcr { values, essential } = wish(json).unwrap().acrs();
            (values.join(" "), essential)
        };
        let of = |values: &str, essential| (values.to_owned(), essential);
        assert_eq!(acrs(r#"{"id_token":{"acr":{"essential":true,"values":["a","b"]}}}"#), of("a b", true));
        assert_eq!(acrs(r#"{"id_token":{"acr":{"essential":true,"value":"a"}}}"#), of("a", true));
        assert_eq!(acrs(r#"{"id_token":{"acr":{"values":["a"]}}}"#), of("a", false));
        assert_eq!(acrs(r#"{"id_token":{"acr":{"essential":true}}}"#), of("", true));
        assert_eq!(acrs(r#"{"userinfo":{"acr":{"values":["a"]}}}"#), of("", false));
    }

    #[test]
    fn a_value_that_a_claim_cannot_have_is_refused() {
        for impossible in [
            r#"{"id_token":{"sub":{"value":5}}}"#,
            r#"{"id_token":{"sub":{"value":null}}}"#,
            r#"{"id_token":{"sub":{"value":""}}}"#,
            r#"{"id_token":{"sub":{"values":["john",5]}}}"#,
            r#"{"userinfo":{"sub":{"values":[]}}}"#,
            r#"{"id_token":{"acr":{"essential":true,"values":[1]}}}"#,
            r#"{"id_token":{"acr":{"value":["a"]}}}"#,
        ] {
            let refused = wish(impossible).unwrap_err().reason;
            assert!(matches!(refused, Reason::ClaimValueImpossible { .. }), "{impossible}");
        }
        for many in [
            r#"{"id_token":{"sub":{"values":["john","jane"]}}}"#,
            r#"{"id_token":{"sub":{"value":"john"}},"userinfo":{"sub":{"value":"jane"}}}"#,
        ] {
            assert_eq!(wish(many).unwrap_err().reason, Reason::ClaimSubjectsMany {}, "{many}");
        }
        for one in [
            r#"{"id_token":{"sub":{"values":["john"]}}}"#,
            r#"{"userinfo":{"sub":{"value":"john"}}}"#,
            r#"{"id_token":{"sub":{"value":"john"}},"userinfo":{"sub":{"value":"john"}}}"#,
        ] {
            assert_eq!(wish(one).unwrap().subject().as_deref(), Some("john"), "{one}");
        }
        assert_eq!(wish(r#"{"id_token":{"sub":{"essential":true}}}"#).unwrap().subject(), None);
    }
}
