//! The members that documents may have, and values for them from a command line.

use std::fmt;

use placet_api::documents::ApiDocument;
use serde::de::{self, DeserializeOwned, Visitor};
use serde_json::{Map, Value};

use crate::exit::Failure;

/// What kind of document it is.
pub(crate) trait Document: DeserializeOwned + ApiDocument {
    /// What people call it.
    const KIND: &'static str;
    /// Members that the server assigns: they differ between documents, and nobody changes them.
    const ASSIGNED: &'static [&'static str];
    /// The member that says which document it is.
    const ID: &'static str;
}

impl Document for placet_sdk::types::Service {
    const KIND: &'static str = "service";
    const ASSIGNED: &'static [&'static str] =
        &["number", "apiSecret", "serviceOwnerNumber", "metadata", "createdAt", "modifiedAt", "hsks"];
    const ID: &'static str = "apiKey";
}

impl Document for placet_sdk::types::Client {
    const KIND: &'static str = "client";
    const ASSIGNED: &'static [&'static str] = &[
        "number",
        "serviceNumber",
        "createdAt",
        "modifiedAt",
        "derivedSectorIdentifier",
        "registrationAccessTokenHash",
        "clientSource",
        "dynamicallyRegistered",
        "automaticallyRegistered",
        "explicitlyRegistered",
        "discoveredByMetadataDocument",
        "metadataDocumentExpiresAt",
        "metadataDocumentUpdatedAt",
    ];
    const ID: &'static str = "clientId";
}

/// `NAME=VALUE`, as a patch: a value is read as JSON where the member takes that, else as a text, else as a list
/// with commas. `NAME=` takes the member away; `a.b=` is a member of a member.
pub(crate) fn assigned<D: Document>(assignments: &[String]) -> Result<Map<String, Value>, Failure> {
    let mut patch = Map::new();
    for assignment in assignments {
        let split = assignment.split_once('=');
        let (path, value) =
            split.ok_or_else(|| Failure::usage(format!("{assignment}: expected NAME=VALUE")))?;
        put(&mut patch, path, value_of::<D>(path, value)?);
    }
    Ok(patch)
}

fn value_of<D: Document>(path: &str, text: &str) -> Result<Value, Failure> {
    let list = || text.split(',').map(|part| Value::from(part.trim())).collect::<Value>();
    let json = serde_json::from_str::<Value>(text).ok();
    let candidates = match text {
        "" => vec![Value::Null],
        _ => json.into_iter().chain([Value::from(text), list()]).collect(),
    };
    let mut refusal = None;
    for candidate in candidates {
        let mut document = Map::new();
        put(&mut document, path, candidate.clone());
        match read::<D>(&Value::Object(document)) {
            Ok(()) => return Ok(candidate),
            Err(e) => refusal = refusal.or(Some(e)),
        }
    }
    Err(refusal.unwrap_or_else(|| Failure::usage(format!("{path}: no value"))))
}

fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((outer, inner)) => {
            let within = object.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Some(within) = within.as_object_mut() {
                put(within, inner, value);
            }
        }
    }
}

/// Whether it is a document of this kind: every member known, every value one that the member takes.
pub(crate) fn read<D: Document>(document: &Value) -> Result<(), Failure> {
    if !document.is_object() {
        return Err(Failure::usage(format!("that is no {}: expected an object", D::KIND)));
    }
    let mut unknown = Vec::new();
    let read = D::checked(document, &mut unknown);
    if let Some(name) = unknown.first() {
        let name = name.replace(".?.", ".");
        let meant = nearest(name.rsplit('.').next().unwrap_or_default(), members_of::<D>());
        let meant = meant.map_or_else(String::new, |meant| format!("; is {meant} meant?"));
        return Err(Failure::usage(format!("a {} has no member {name}{meant}", D::KIND)));
    }
    read.map(|_| ()).map_err(|e| Failure::usage(format!("that is no {}: {e}", D::KIND)))
}

/// The name that differs least, if it differs little.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|known| (distance(&name.to_lowercase(), &known.to_lowercase()), *known));
    distances.min().filter(|(distance, _)| *distance <= 1 + name.len() / 4).map(|(_, name)| name)
}

/// How many letters are added, taken away or replaced (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(before + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// The names that a type of the API reads, as serde knows them.
pub(crate) fn members_of<D: DeserializeOwned>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    let _ = D::deserialize(Names(&mut names));
    names
}

/// Asks a type for its members and gives it none.
struct Names<'a>(&'a mut &'static [&'static str]);

#[derive(Debug)]
struct Asked;

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("asked for members only")
    }
}

impl std::error::Error for Asked {}

impl de::Error for Asked {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> de::Deserializer<'de> for Names<'_> {
    type Error = Asked;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Asked> {
        Err(Asked)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Asked> {
        *self.0 = fields;
        Err(Asked)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use placet_sdk::types::{Client, Service};
    use serde_json::json;

    fn set<D: Document>(assignments: &[&str]) -> Result<Value, String> {
        let assignments: Vec<_> = assignments.iter().map(|text| (*text).to_owned()).collect();
        assigned::<D>(&assignments).map(Value::Object).map_err(|e| e.message)
    }

    #[test]
    fn values_are_what_their_members_take() {
        let patch = set::<Service>(&[
            "serviceName=5",
            "pkceRequired=true",
            "accessTokenDuration=60",
            "supportedAcrs=a,b",
            "supportedGrantTypes=AUTHORIZATION_CODE",
            "supportedScopes=[{\"name\":\"x\"}]",
            "description=",
        ]);
        let expected = json!({
            "serviceName": "5", "pkceRequired": true, "accessTokenDuration": 60, "supportedAcrs": ["a", "b"],
            "supportedGrantTypes": ["AUTHORIZATION_CODE"], "supportedScopes": [{ "name": "x" }], "description": null,
        });
        assert_eq!(patch, Ok(expected));
        let patch =
            set::<Client>(&["extension.requestableScopes=a", "extension.requestableScopesEnabled=true"]);
        let expected = json!({ "requestableScopes": ["a"], "requestableScopesEnabled": true });
        assert_eq!(patch, Ok(json!({ "extension": expected })));
    }

    #[test]
    fn what_no_document_has_is_refused_by_name() {
        let refused = set::<Service>(&["pkceRequiredx=true"]).unwrap_err();
        assert_eq!(refused, "a service has no member pkceRequiredx; is pkceRequired meant?");
        let refused = set::<Client>(&["extension.nonsense=1"]).unwrap_err();
        assert!(refused.contains("extension.nonsense"), "{refused}");
        assert!(set::<Service>(&["pkceRequired=maybe"]).unwrap_err().contains("maybe"));
        assert!(set::<Service>(&["supportedGrantTypes=CODE"]).is_err());
        assert!(set::<Service>(&["pkceRequired"]).is_err());
        assert!(members_of::<Client>().contains(&"clientIdAlias"));
    }
}
