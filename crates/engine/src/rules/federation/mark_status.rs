//! OpenID Federation 1.0 §8.4 – what the issuer of a trust mark says of it now

use placet_base::form;
use placet_base::url::HttpsUrl;
use placet_jose::JwkSet;
use placet_jose::jwt::Kind;
use serde_json::{Map, Value};

use super::statement::At;
use super::trust_mark::{TrustMark, signed};
use super::unfit;
use crate::fault::Fault;
use crate::rules::unrepeated::{self, UnrepeatedJwt};

/// A question that an issuer answers.
pub struct Question {
    pub url: String,
    pub form: String,
}

/// The issuer says that the mark is good.
#[derive(Debug, PartialEq, Eq)]
pub struct Active;

impl Question {
    /// What is asked of an issuer that is this entity; `None` for one that answers nobody, or none who does not authenticate
    /// (§8.8.1): the status is one way of two to verify a mark (§7.3).
    ///
    /// # Errors
    /// For an endpoint that is none.
    pub fn about(mark: &TrustMark, entity: &Map<String, Value>) -> Result<Option<Self>, Fault> {
        const MEMBER: &str = "federation_trust_mark_status_endpoint";
        let Some(endpoint) = entity.get(MEMBER) else { return Ok(None) };
        if !lets_anybody_ask(entity.get("federation_trust_mark_status_endpoint_auth_methods")) {
            return Ok(None);
        }
        let url = endpoint.as_str().and_then(|text| HttpsUrl::parse(text).ok());
        let url = url.filter(|url| !url.has_fragment()).ok_or_else(|| unfit(MEMBER))?;
        let form = form::encode([("trust_mark", mark.text())]);
        Ok(Some(Self { url: url.as_str().to_owned(), form }))
    }
}

fn lets_anybody_ask(methods: Option<&Value>) -> bool {
    methods.and_then(Value::as_array).is_none_or(|methods| methods.iter().any(|one| one == "none"))
}

/// §8.4.2: the issuer, whose keys these are, says of this very mark that it is active. `None` for any other answer.
pub fn active(answer: &str, (mark, keys): (&TrustMark, &JwkSet), at: At) -> Option<Active> {
    let answer = answer.trim();
    let UnrepeatedJwt = unrepeated::jwt(answer)?;
    let said = signed(answer, Kind::TrustMarkStatus, &mark.iss, (keys, at))?;
    let about = said.required("trust_mark").ok()? == mark.text();
    (about && said.required("status").ok()? == "active").then_some(Active)
}
