//! RFC 6749 §3.1, §3.2 – parameters: bounded, each at most once, empty ones as if absent.

use placet_api::Reason;
use placet_base::form;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::budgets::{PARAMETERS, PARAMETERS_TEXT};
use crate::fault::Fault;

/// Which request the parameters are those of; it decides the reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    Authorization,
    Pushed,
    Token,
    Introspection,
    Revocation,
    Backchannel,
    Device,
}

/// What a parameter is inside a signed request (RFC 9101 §4): a text as it would stand outside, or JSON where
/// its value is JSON by nature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    /// One text or a list of them.
    Texts,
    Number,
    Json,
    /// Nothing here reads it.
    Unknown,
}

fn form(name: &str) -> Form {
    match name {
        "resource" => Form::Texts,
        "max_age" | "requested_expiry" => Form::Number,
        "claims" | "authorization_details" | "registration" => Form::Json,
        "acr_values"
        | "binding_message"
        | "claims_locales"
        | "client_id"
        | "client_notification_token"
        | "code_challenge"
        | "code_challenge_method"
        | "display"
        | "dpop_jkt"
        | "grant_id"
        | "grant_management_action"
        | "id_token_hint"
        | "login_hint"
        | "login_hint_token"
        | "nonce"
        | "prompt"
        | "purpose"
        | "redirect_uri"
        | "response_mode"
        | "response_type"
        | "scope"
        | "state"
        | "ui_locales"
        | "user_code" => Form::Text,
        _ => Form::Unknown,
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Params {
    request: Request,
    pairs: Vec<(String, String)>,
    repeated: Vec<String>,
}

impl Params {
    /// Reads the text of a query or form. A repeated parameter is remembered and refused where it is
    /// asked for, because at the authorization endpoint the answer depends on which one it is.
    pub fn parse(request: Request, text: &str) -> Result<Self, Fault> {
        let mut params = Self::none(request);
        if text.len() > PARAMETERS_TEXT {
            return Err(params.too_large());
        }
        if text.split('&').count() > PARAMETERS {
            return Err(params.malformed());
        }
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (form::decode(name), form::decode(value)) else {
                return Err(params.malformed());
            };
            params.add(&name, &value);
        }
        if params.pairs.is_empty() {
            return Err(params.empty());
        }
        Ok(params)
    }

    pub fn none(request: Request) -> Self {
        Self { request, pairs: Vec::new(), repeated: Vec::new() }
    }

    pub(super) fn request(&self) -> Request {
        self.request
    }

    pub(super) fn add(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        // RFC 8707 §2, RFC 8693 §2.1: these may stand more than once.
        let list = name == "resource" || name == "audience" && self.request == Request::Token;
        if !list && self.pairs.iter().any(|(known, _)| known == name) {
            self.repeated.push(name.to_owned());
        } else {
            self.pairs.push((name.to_owned(), value.to_owned()));
        }
    }

    /// The parameters inside a signed request; `own` are the claims about the request itself. A parameter of
    /// the wrong type is named.
    pub(super) fn of_claims<'a>(
        request: Request,
        claims: &'a Map<String, Value>,
        own: &[&str],
    ) -> Result<Self, &'a str> {
        let mut params = Self::none(request);
        for (name, value) in claims.iter().filter(|(name, _)| !own.contains(&name.as_str())) {
            match (form(name), value) {
                (Form::Unknown, Value::Null) => {}
                (_, Value::String(text)) => params.add(name, text),
                (Form::Number, Value::Number(number)) => params.add(name, &number.to_string()),
                (Form::Json, Value::Object(_) | Value::Array(_)) | (Form::Unknown, _) => {
                    params.add(name, &value.to_string());
                }
                (Form::Texts, Value::Array(list)) => {
                    for one in list {
                        params.add(name, one.as_str().ok_or(name.as_str())?);
                    }
                }
                (Form::Text | Form::Texts | Form::Number | Form::Json, _) => return Err(name),
            }
        }
        Ok(params)
    }

    /// These parameters, and of `outer` those that do not stand here (OpenID Connect Core §6.3.3).
    pub(super) fn over(mut self, outer: &Params) -> Self {
        let more = outer.pairs.iter().filter(|(name, _)| !self.pairs.iter().any(|(own, _)| own == name));
        let more: Vec<_> = more.cloned().collect();
        self.pairs.extend(more);
        self
    }

    /// The parameters without those that prove the client, which a request must not keep.
    pub fn without_credentials(mut self) -> Self {
        let proofs = ["client_secret", "client_assertion", "client_assertion_type"];
        self.pairs.retain(|(name, _)| !proofs.contains(&name.as_str()));
        self
    }

    /// The value of a parameter that may stand once.
    pub fn one(&self, name: &str) -> Result<Option<&str>, Fault> {
        if self.repeated.iter().any(|repeated| repeated == name) {
            return Err(self.repeated_fault(name));
        }
        Ok(self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()))
    }

    /// The values of a parameter that may stand more than once.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The names that stand here.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(name, _)| name.as_str())
    }

    /// Refuses a request in which any parameter stands twice, known or not (RFC 6749 §3.1).
    pub fn each_once(&self) -> Result<&Self, Fault> {
        match self.repeated.first() {
            Some(name) => Err(self.repeated_fault(name)),
            None => Ok(self),
        }
    }

    fn repeated_fault(&self, name: &str) -> Fault {
        let name = name.to_owned();
        match self.request {
            Request::Authorization => Reason::AuthorizationParameterRepeated { name },
            Request::Pushed => Reason::PushedParameterRepeated { name },
            Request::Token => Reason::TokenParameterRepeated { name },
            Request::Introspection => Reason::StandardParameterRepeated { name },
            Request::Revocation => Reason::RevocationParameterRepeated { name },
            Request::Backchannel => Reason::BackchannelParameterRepeated { name },
            Request::Device => Reason::DeviceParameterRepeated { name },
        }
        .into()
    }

    fn too_large(&self) -> Fault {
        match self.request {
            // RFC 9126 §2.3 has a status of its own for it.
            Request::Pushed => Reason::PushedTooLarge {}.into(),
            Request::Authorization
            | Request::Token
            | Request::Introspection
            | Request::Revocation
            | Request::Backchannel
            | Request::Device => self.malformed(),
        }
    }

    fn malformed(&self) -> Fault {
        match self.request {
            Request::Authorization => Reason::AuthorizationParametersMalformed {},
            Request::Pushed => Reason::PushedParametersMalformed {},
            Request::Token => Reason::TokenParametersMalformed {},
            Request::Introspection => Reason::StandardParametersMalformed {},
            Request::Revocation => Reason::RevocationParametersMalformed {},
            Request::Backchannel => Reason::BackchannelParametersMalformed {},
            Request::Device => Reason::DeviceParametersMalformed {},
        }
        .into()
    }

    fn empty(&self) -> Fault {
        match self.request {
            Request::Authorization => Reason::AuthorizationEmpty {},
            Request::Pushed => Reason::PushedEmpty {},
            Request::Token => Reason::TokenRequestEmpty {},
            Request::Introspection => Reason::StandardRequestEmpty {},
            Request::Revocation => Reason::RevocationRequestEmpty {},
            Request::Backchannel => Reason::BackchannelEmpty {},
            Request::Device => Reason::DeviceEmpty {},
        }
        .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_values_are_as_if_absent() {
        let params = Params::parse(Request::Token, "a=&b=1&&c").unwrap();
        assert_eq!(params.one("a"), Ok(None));
        assert_eq!(params.one("b"), Ok(Some("1")));
        assert_eq!(params.one("c"), Ok(None));
    }

    #[test]
    fn a_repeated_parameter_is_refused_where_it_is_read() {
        let params = Params::parse(Request::Token, "a=1&a=1&b=2&resource=x&resource=y").unwrap();
        assert!(params.one("a").is_err());
        assert_eq!(params.one("b"), Ok(Some("2")));
        assert_eq!(params.all("resource").collect::<Vec<_>>(), ["x", "y"]);
        assert!(params.each_once().is_err());
    }

    #[test]
    fn requests_are_bounded() {
        assert!(Params::parse(Request::Token, &"a=1&".repeat(PARAMETERS + 1)).is_err());
        assert!(Params::parse(Request::Token, &format!("a={}", "x".repeat(PARAMETERS_TEXT))).is_err());
        assert!(Params::parse(Request::Token, "a=%ff").is_err());
        // What is as large as it may be is read.
        assert!(Params::parse(Request::Token, &["a=1"; PARAMETERS].join("&")).is_ok());
        assert!(Params::parse(Request::Token, &["a=1"; PARAMETERS + 1].join("&")).is_err());
        assert!(Params::parse(Request::Token, &format!("a={}", "x".repeat(PARAMETERS_TEXT - 2))).is_ok());
    }
}
