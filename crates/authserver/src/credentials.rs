//! What goes into a credential: claims of its user, as far as its configuration describes them (OpenID for Verifiable
//! Credential Issuance 1.0 §12.2.4, appendices B and C).

mod later;

use placet_sdk::types::CredentialRequestInfo;
use serde_json::{Map, Value, json};

use crate::users::User;

pub(crate) use later::Later;

/// Where the claims of a `jwt_vc_json` are (Verifiable Credentials Data Model 1.1 §4.4).
const SUBJECT: &str = "credentialSubject";

/// What begins a text that is no text but diagnostic notation, where the API makes an mdoc of it.
const NOTATION: &str = "cbor:";

/// What a configuration is called in a language, or at all: as `credential_metadata` says, or as the draft did.
pub(crate) fn name<'a>(configuration: &'a Value, language: &str) -> Option<&'a str> {
    let metadata = configuration.get("credential_metadata").and_then(|metadata| metadata.get("display"));
    let all = metadata.or_else(|| configuration.get("display"))?.as_array()?;
    let is_of = |one: &&Value| {
        let locale = one.get("locale").and_then(Value::as_str);
        locale.is_some_and(|locale| locale.split('-').next() == Some(language))
    };
    all.iter().find(is_of).or(all.first())?.get("name")?.as_str()
}

/// A kind of credential, as the issuer's metadata describe it.
pub(crate) struct Configuration(Map<String, Value>);

/// What an access token is good for.
pub(crate) struct Issuable(Vec<Configuration>);

impl Issuable {
    /// `issuableCredentials` of the API; nothing where it says nothing.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        let all: Vec<Map<_, _>> = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self(all.into_iter().map(Configuration).collect())
    }

    /// The configuration of what a wallet asks for. The implementer's draft asks by what the credential is.
    pub(crate) fn find(&self, asked: &CredentialRequestInfo) -> Option<&Configuration> {
        let name = asked.credential_configuration_id.as_deref();
        self.0.iter().find(|one| match name {
            Some(name) => one.text("credential_configuration_id") == Some(name),
            None => one.is_what(asked),
        })
    }
}

impl Configuration {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    fn format(&self) -> &str {
        self.text("format").unwrap_or_default()
    }

    fn is_what(&self, asked: &CredentialRequestInfo) -> bool {
        let details = asked.details.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let details: Map<String, Value> = details.unwrap_or_default();
        let types = |of: &Map<String, Value>| of.get("credential_definition")?.get("type").cloned();
        asked.format.as_deref() == Some(self.format())
            && ["vct", "doctype"].iter().all(|name| details.get(*name) == self.0.get(*name))
            && types(&details) == types(&self.0)
    }

    /// The order for a user's credential; `None` where nothing is known of the user that it could say, or not all that it
    /// always says (§12.2.4, `mandatory`).
    pub(crate) fn payload(&self, user: &User) -> Option<Value> {
        let mut claims = Map::new();
        for described in self.described() {
            match self.value(user, &described.path) {
                Some(value) => put(&mut claims, &described.path, value),
                None if described.mandatory => return None,
                None => {}
            }
        }
        if claims.is_empty() {
            return None;
        }
        Some(match self.format() {
            "mso_mdoc" => json!({ "doctype": self.0.get("doctype"), "claims": claims }),
            "jwt_vc_json" => {
                let types = self.0.get("credential_definition").and_then(|one| one.get("type"));
                claims.insert("type".to_owned(), json!(types));
                Value::Object(claims)
            }
            _ => {
                claims.insert("vct".to_owned(), json!(self.0.get("vct")));
                Value::Object(claims)
            }
        })
    }

    /// The claim at a path of the credential. Below a name space, or below the subject, claims have the names that they have
    /// everywhere, unless the user has some of that very name space.
    fn value(&self, user: &User, path: &[String]) -> Option<Value> {
        let own = at(&user.claims, path).cloned();
        match (self.format(), path) {
            ("mso_mdoc", [_, rest @ ..]) => own.or_else(|| at(&user.claims, rest).map(plain)),
            ("jwt_vc_json", [_, rest @ ..]) => own.or_else(|| at(&user.claims, rest).cloned()),
            _ => own,
        }
    }

    /// The claims, as `credential_metadata` describes them, or as the implementer's draft did.
    fn described(&self) -> Vec<Described> {
        let metadata = self.0.get("credential_metadata").and_then(|metadata| metadata.get("claims"));
        let described = metadata.or_else(|| self.0.get("claims"));
        if let Some(Value::Array(all)) = described {
            return all.iter().filter_map(Described::read).collect();
        }
        let named = |value: Option<&Value>, before: &[&str]| {
            let names = value.and_then(Value::as_object).into_iter().flat_map(Map::keys);
            names.map(|name| Described::optional(before, name)).collect::<Vec<_>>()
        };
        match self.format() {
            "mso_mdoc" => {
                let spaces = described.and_then(Value::as_object).into_iter().flatten();
                spaces.flat_map(|(space, names)| named(Some(names), &[space])).collect()
            }
            "jwt_vc_json" => {
                let subject = self.0.get("credential_definition").and_then(|one| one.get(SUBJECT));
                named(subject, &[SUBJECT])
            }
            _ => named(described, &[]),
        }
    }
}

/// A claim of a credential.
struct Described {
    path: Vec<String>,
    /// The issuer says it always.
    mandatory: bool,
}

impl Described {
    /// Appendix C: a path leads through objects by texts. What leads into an array is taken whole.
    fn read(value: &Value) -> Option<Self> {
        let steps = value.get("path")?.as_array()?.iter();
        let path: Vec<_> = steps.map_while(|step| step.as_str().map(str::to_owned)).collect();
        let mandatory = value.get("mandatory") == Some(&Value::Bool(true));
        (!path.is_empty()).then_some(Self { path, mandatory })
    }

    fn optional(before: &[&str], name: &str) -> Self {
        let path = before.iter().copied().chain([name]).map(str::to_owned).collect();
        Self { path, mandatory: false }
    }
}

fn at<'a>(claims: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(claims.get(first)?, |value, step| value.get(step))
}

/// Puts a value where the path leads. What is there already, or no object on the way, stays.
fn put(claims: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        claims.entry(first).or_insert(value);
        return;
    }
    let below = claims.entry(first).or_insert_with(|| Value::Object(Map::new()));
    if let Some(below) = below.as_object_mut() {
        put(below, rest, value);
    }
}

/// Texts that stay texts: people choose their names, and are not to choose what an mdoc is made of.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with(NOTATION) => {
            format!("{NOTATION}{}", Value::from(text.as_str())).into()
        }
        Value::Array(all) => all.iter().map(plain).collect(),
        Value::Object(all) => {
            Value::Object(all.iter().map(|(name, one)| (name.clone(), plain(one))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> User {
        let claims = json!({
            "given_name": "John", "nickname": "cbor:h'00'", "address": { "locality": "Springfield", "country": "US" },
            "nationalities": ["US", "DE"], "org.example": { "birth_date": "cbor:1004(\"1984-02-29\")" },
        });
        User { claims: claims.as_object().unwrap().clone(), ..User::default() }
    }

    fn payload(configuration: Value) -> Option<Value> {
        Configuration(configuration.as_object().unwrap().clone()).payload(&user())
    }

    #[test]
    fn each_format_says_what_its_configuration_describes() {
        let paths = |paths: Value| {
            let all = paths.as_array().unwrap().iter();
            json!({ "claims": all.map(|path| json!({ "path": path })).collect::<Vec<_>>() })
        };
        let of = json!([["given_name"], ["address", "country"], ["nationalities", null], ["none"]]);
        let sd_jwt = json!({ "format": "dc+sd-jwt", "vct": "urn:v", "credential_metadata": paths(of) });
        let said = json!({
            "given_name": "John", "address": { "country": "US" }, "nationalities": ["US", "DE"], "vct": "urn:v",
        });
        assert_eq!(payload(sd_jwt), Some(said));
        let of = json!([["org.example", "given_name"], ["org.example", "birth_date"]]);
        let mdoc = json!({ "format": "mso_mdoc", "doctype": "d", "credential_metadata": paths(of) });
        let said = json!({ "given_name": "John", "birth_date": "cbor:1004(\"1984-02-29\")" });
        assert_eq!(payload(mdoc), Some(json!({ "doctype": "d", "claims": { "org.example": said } })));
        let of = json!([["credentialSubject", "given_name"]]);
        let definition = json!({ "type": ["VerifiableCredential"] });
        let vc = json!({ "format": "jwt_vc_json", "credential_definition": definition, "credential_metadata": paths(of) });
        let said = json!({ "credentialSubject": { "given_name": "John" }, "type": ["VerifiableCredential"] });
        assert_eq!(payload(vc), Some(said));
    }

    /// Draft 13, appendix E.
    #[test]
    fn the_draft_describes_claims_by_names() {
        let sd_jwt =
            json!({ "format": "vc+sd-jwt", "vct": "v", "claims": { "given_name": {}, "address": {} } });
        assert_eq!(payload(sd_jwt).unwrap()["address"]["locality"], "Springfield");
        let mdoc = json!({ "format": "mso_mdoc", "doctype": "d", "claims": { "org.example": { "given_name": {} } } });
        assert_eq!(payload(mdoc).unwrap()["claims"]["org.example"], json!({ "given_name": "John" }));
        let definition = json!({ "type": ["V"], "credentialSubject": { "given_name": {} } });
        let vc = json!({ "format": "jwt_vc_json", "credential_definition": definition });
        assert_eq!(payload(vc).unwrap()["credentialSubject"], json!({ "given_name": "John" }));
    }

    #[test]
    fn there_is_no_credential_without_what_it_always_says() {
        let claims = |claims: Value| json!({ "format": "dc+sd-jwt", "vct": "v", "claims": claims });
        let mandatory = json!({ "path": ["none"], "mandatory": true });
        assert_eq!(payload(claims(json!([{ "path": ["given_name"] }, mandatory]))), None);
        assert_eq!(payload(claims(json!([{ "path": ["none"] }]))), None);
        assert_eq!(payload(claims(json!([]))), None);
        assert_eq!(payload(json!({ "format": "dc+sd-jwt", "vct": "v" })), None);
    }

    #[test]
    fn nobody_chooses_notation_by_a_name() {
        let claims = json!([{ "path": ["org.example", "nickname"] }]);
        let mdoc = json!({ "format": "mso_mdoc", "doctype": "d", "claims": claims });
        let said = payload(mdoc).unwrap()["claims"]["org.example"]["nickname"].clone();
        assert_eq!(said, "cbor:\"cbor:h'00'\"");
    }

    #[test]
    fn a_configuration_has_names_in_languages() {
        let display = json!([{ "name": "Card", "locale": "en-US" }, { "name": "カード", "locale": "ja" }]);
        let one = json!({ "credential_metadata": { "display": display } });
        assert_eq!((name(&one, "ja"), name(&one, "fr")), (Some("カード"), Some("Card")));
        assert_eq!(name(&json!({ "display": [{ "name": "Old" }] }), "en"), Some("Old"));
        assert_eq!(name(&json!({}), "en"), None);
    }

    #[test]
    fn a_configuration_is_found_by_its_name_or_by_what_it_is() {
        let issuable = Issuable::parse(Some(
            r#"[{"format":"dc+sd-jwt","vct":"a","credential_configuration_id":"one"},{"format":"vc+sd-jwt","vct":"b"},
                {"format":"jwt_vc_json","credential_definition":{"type":["V","W"],"credentialSubject":{}}}]"#,
        ));
        let found = |id: Option<&str>, format: &str, details: &str| {
            let asked = CredentialRequestInfo {
                credential_configuration_id: id.map(str::to_owned),
                format: Some(format.to_owned()),
                details: Some(details.to_owned()),
                ..CredentialRequestInfo::default()
            };
            issuable.find(&asked).map(|one| one.text("vct").unwrap_or("vc").to_owned())
        };
        assert_eq!(found(Some("one"), "dc+sd-jwt", "{}").as_deref(), Some("a"));
        assert_eq!(found(Some("two"), "dc+sd-jwt", r#"{"vct":"a"}"#), None);
        assert_eq!(found(None, "vc+sd-jwt", r#"{"vct":"b"}"#).as_deref(), Some("b"));
        assert_eq!(found(None, "vc+sd-jwt", r#"{"vct":"c"}"#), None);
        let definition = r#"{"credential_definition":{"type":["V","W"]}}"#;
        assert_eq!(found(None, "jwt_vc_json", definition).as_deref(), Some("vc"));
        assert!(Issuable::parse(None).0.is_empty() && Issuable::parse(Some("{")).0.is_empty());
    }
}
