//! What comes back from the API, with what this version of the SDK does not know kept beside it.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

use serde::{Serialize, Serializer};
use serde_json::Value;

/// Members and enumeration values that a newer API has sent, under their JSON pointers (RFC 6901). A value
/// of an array stands under the array's pointer and `/-`.
#[derive(Clone, Default)]
pub struct Unknown(BTreeMap<String, Vec<Value>>);

impl Unknown {
    /// The value that stood at the pointer; the first of them where an array had several.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.0.get(pointer)?.first()
    }

    /// All of them, in the order of their pointers.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().flat_map(|(pointer, values)| values.iter().map(move |value| (pointer.as_str(), value)))
    }

    /// Whether everything was known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The document that they were left out of, with them.
    pub(crate) fn put_into(&self, mut document: Value) -> Value {
        self.iter().for_each(|(pointer, value)| put(&mut document, pointer, value));
        document
    }

    pub(crate) fn keep(&mut self, pointer: String, value: Value) {
        self.0.entry(pointer).or_default().push(value);
    }
}

/// The body of an answer. It reads like the body itself; [`Answer::unknown`] has what the body's type has
/// no place for. Given back as a request (read, changed, sent), it carries that along, so that a setting that
/// this SDK does not know survives its update.
#[derive(Clone, Default)]
pub struct Answer<T> {
    /// What the type has a place for.
    pub body: T,
    /// The rest.
    pub unknown: Unknown,
    /// The version of what was read, where the API tells one. Given back with a change, it is meant for this version
    /// alone: where somebody else was faster, the API refuses it with HTTP 412.
    pub version: Option<String>,
}

impl<T> Answer<T> {
    /// The name of an action that this SDK does not know.
    pub fn unknown_action(&self) -> Option<&str> {
        self.unknown.get("/action")?.as_str()
    }
}

impl<T> From<T> for Answer<T> {
    fn from(body: T) -> Self {
        Self { body, unknown: Unknown::default(), version: None }
    }
}

impl<T> Deref for Answer<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.body
    }
}

impl<T> DerefMut for Answer<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.body
    }
}

impl<T: Serialize> Serialize for Answer<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.unknown.is_empty() {
            return self.body.serialize(serializer);
        }
        let document = serde_json::to_value(&self.body).map_err(serde::ser::Error::custom)?;
        self.unknown.put_into(document).serialize(serializer)
    }
}

/// Puts a value where its pointer says. What the caller has taken away since stays away.
fn put(document: &mut Value, pointer: &str, value: &Value) {
    let Some((parent, name)) = pointer.rsplit_once('/') else { return };
    match document.pointer_mut(parent) {
        Some(Value::Object(members)) => {
            members.entry(name.replace("~1", "/").replace("~0", "~")).or_insert_with(|| value.clone());
        }
        Some(Value::Array(values)) => values.push(value.clone()),
        // An array whose values were all unknown is written as absent.
        None if name == "-" => put(document, parent, &Value::Array(vec![value.clone()])),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use placet_api::Json;
    use placet_api::call::Respond;
    use placet_api::types::{Service, TokenResponse};
    use placet_base::registry::GrantType;
    use serde::de::DeserializeOwned;

    use super::*;

    fn read<T: Serialize + DeserializeOwned>(text: &str) -> Option<Answer<T>> {
        let mut unknown = Unknown::default();
        let keep = &mut |pointer, value| unknown.keep(pointer, value);
        let body = Json::<T>::from_reply(200, text.as_bytes(), keep)?;
        Some(Answer { body, unknown, version: None })
    }

    #[test]
    fn an_unknown_action_is_kept() {
        let answer: Answer<TokenResponse> =
            read(r#"{"action":"NEW","responseContent":"{}","later":{"a":1}}"#).unwrap();
        assert!(answer.action.is_none());
        assert_eq!(answer.response_content.as_deref(), Some("{}"));
        assert_eq!(answer.unknown_action(), Some("NEW"));
        assert_eq!(answer.unknown.get("/later"), Some(&serde_json::json!({ "a": 1 })));
    }

    #[test]
    fn a_document_is_sent_back_with_what_is_unknown() {
        let text = r#"{"serviceName":"S","supportedGrantTypes":["AUTHORIZATION_CODE","NEW_A","NEW_B"],
            "supportedScopes":[{"name":"a","colour":"red"}],"newFlag":true,"supportedPromptValues":["NEW"]}"#;
        let mut answer: Answer<Service> = read(text).unwrap();
        assert_eq!(answer.supported_grant_types.as_deref(), Some(&[GrantType::AuthorizationCode][..]));
        answer.service_name = Some("T".to_owned());
        let sent = serde_json::to_value(&answer).unwrap();
        let expected = serde_json::json!({
            "serviceName": "T", "supportedGrantTypes": ["AUTHORIZATION_CODE", "NEW_A", "NEW_B"],
            "supportedScopes": [{ "name": "a", "colour": "red" }], "newFlag": true, "supportedPromptValues": ["NEW"],
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&sent[name], value, "{name}");
        }
    }

    #[test]
    fn what_was_taken_away_stays_away() {
        let mut answer: Answer<Service> =
            read(r#"{"supportedScopes":[{"name":"a","colour":"red"}]}"#).unwrap();
        answer.supported_scopes = None;
        assert!(serde_json::to_value(&answer).unwrap().get("supportedScopes").is_none());
    }

    #[test]
    fn another_format_is_no_answer() {
        assert!(read::<TokenResponse>(r#"{"action":7}"#).is_none());
        assert!(read::<TokenResponse>("<html>").is_none());
        assert!(read::<TokenResponse>(r#"{"scopes":{"a":1}}"#).is_none());
    }
}
