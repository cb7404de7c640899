//! What a credential says, without asking anybody whether it is true: SD-JWT VC (RFC 9901), JWT, and mdoc (ISO/IEC 18013-5).

use std::collections::HashMap;

use aws_lc_rs::digest;
use ciborium::Value as Cbor;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

/// Deeper than this, nothing that is disclosed is put in its place: a credential of a stranger's could go on for ever.
const DEEPEST: usize = 32;

/// RFC 8949 §3.4.5.1: CBOR in a byte string.
const ENCODED: u64 = 24;

/// The members of a credential of this format.
pub(super) fn decoded(format: &str, credential: &str) -> Option<Map<String, Value>> {
    let said = match format {
        "mso_mdoc" => mdoc(credential)?,
        _ => sd_jwt(credential)?,
    };
    said.as_object().cloned()
}

/// A JWT, and what is disclosed beside it in the places of its digests.
fn sd_jwt(credential: &str) -> Option<Value> {
    let mut parts = credential.split('~');
    let (header, claims) = crate::token::parts(parts.next()?)?;
    let disclosures = parts.filter(|part| !part.is_empty()).filter_map(|part| {
        let disclosed: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok()?;
        let hash = digest::digest(&digest::SHA256, part.as_bytes());
        Some((BASE64URL_NOPAD.encode(hash.as_ref()), disclosed))
    });
    let mut disclosed: HashMap<String, Value> = disclosures.collect();
    let count = disclosed.len();
    Some(json!({ "header": header, "claims": revealed(claims, &mut disclosed, 0), "disclosures": count }))
}

/// RFC 9901 §7.1: digests that something stands behind give way to it, once each, and the others stay.
fn revealed(value: Value, disclosed: &mut HashMap<String, Value>, depth: usize) -> Value {
    if depth > DEEPEST {
        return value;
    }
    match value {
        Value::Object(mut members) => {
            let digests = members.shift_remove("_sd");
            let mut known: Map<String, Value> = members
                .into_iter()
                .map(|(name, value)| (name, revealed(value, disclosed, depth + 1)))
                .collect();
            let mut hidden = Vec::new();
            for digest in digests.as_ref().and_then(Value::as_array).into_iter().flatten() {
                match behind(digest, disclosed).as_deref() {
                    Some([_, Value::String(name), value]) => {
                        known.insert(name.clone(), revealed(value.clone(), disclosed, depth + 1));
                    }
                    _ => hidden.push(digest.clone()),
                }
            }
            if !hidden.is_empty() {
                known.insert("_sd".to_owned(), hidden.into());
            }
            Value::Object(known)
        }
        Value::Array(elements) => {
            let mut element = |element: Value| {
                let behind = element.get("...").and_then(|digest| behind(digest, disclosed));
                match behind.as_deref() {
                    Some([_, value]) => revealed(value.clone(), disclosed, depth + 1),
                    _ => revealed(element, disclosed, depth + 1),
                }
            };
            elements.into_iter().map(&mut element).collect()
        }
        other => other,
    }
}

/// What stands behind a digest. It is taken away: a digest that is there twice would double what it hides, level by level (§7.1 step 4).
fn behind(digest: &Value, disclosed: &mut HashMap<String, Value>) -> Option<Vec<Value>> {
    match disclosed.remove(digest.as_str()?)? {
        Value::Array(parts) => Some(parts),
        _ => None,
    }
}

/// The names and values of each space, and what the issuer has signed about them.
fn mdoc(credential: &str) -> Option<Value> {
    let signed: Cbor = read(&BASE64URL_NOPAD.decode(credential.as_bytes()).ok()?)?;
    let cose = member(&signed, "issuerAuth")?.as_array()?;
    let object = encoded(&read(cose.get(2)?.as_bytes()?)?)?;
    let spaces = member(&signed, "nameSpaces").and_then(Cbor::as_map).into_iter().flatten();
    let spaces = spaces.filter_map(|(space, items)| {
        let items = items.as_array()?.iter().filter_map(encoded).filter_map(|item| {
            let name = member(&item, "elementIdentifier")?.as_text()?.to_owned();
            Some((name, shown(member(&item, "elementValue")?)))
        });
        Some((space.as_text()?.to_owned(), Value::Object(items.collect())))
    });
    let of_object = |name: &str| member(&object, name).map(shown);
    Some(json!({
        "docType": of_object("docType"), "validityInfo": of_object("validityInfo"),
        "nameSpaces": spaces.collect::<Map<_, _>>(),
    }))
}

fn read(bytes: &[u8]) -> Option<Cbor> {
    ciborium::from_reader(bytes).ok()
}

/// What is in a byte string of CBOR.
fn encoded(value: &Cbor) -> Option<Cbor> {
    match value {
        Cbor::Tag(ENCODED, bytes) => read(bytes.as_bytes()?),
        _ => None,
    }
}

fn member<'a>(value: &'a Cbor, name: &str) -> Option<&'a Cbor> {
    value.as_map()?.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// As JSON: bytes in base64url, what a tag is about without the tag.
fn shown(value: &Cbor) -> Value {
    match value {
        Cbor::Bool(truth) => (*truth).into(),
        Cbor::Integer(number) => i64::try_from(*number).map_or(Value::Null, Value::from),
        Cbor::Float(number) => (*number).into(),
        Cbor::Text(text) => text.as_str().into(),
        Cbor::Bytes(bytes) => BASE64URL_NOPAD.encode(bytes).into(),
        Cbor::Array(values) => values.iter().map(shown).collect(),
        Cbor::Map(members) => {
            let name = |key: &Cbor| key.as_text().map_or_else(|| shown(key).to_string(), str::to_owned);
            members.iter().map(|(key, value)| (name(key), shown(value))).collect()
        }
        Cbor::Tag(_, value) => shown(value),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(value: &Value) -> String {
        BASE64URL_NOPAD.encode(value.to_string().as_bytes())
    }

    fn hashed(disclosure: &str) -> String {
        BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, disclosure.as_bytes()).as_ref())
    }

    #[test]
    fn what_is_disclosed_stands_in_its_place() {
        let street = part(&json!(["s", "street", "Main"]));
        let address = part(&json!(["s", "address", { "_sd": [hashed(&street)] }]));
        let nation = part(&json!(["s", "JP"]));
        let claims = json!({
            "_sd": [hashed(&address), "of nobody"], "nationalities": [{ "...": hashed(&nation) }, { "...": "hidden" }],
        });
        let jwt = format!("{}.{}.x", part(&json!({ "alg": "ES256" })), part(&claims));
        let said = decoded("dc+sd-jwt", &format!("{jwt}~{address}~{street}~{nation}~not-json~")).unwrap();
        assert_eq!(
            said["claims"],
            json!({
                "nationalities": ["JP", { "...": "hidden" }], "address": { "street": "Main" }, "_sd": ["of nobody"],
            })
        );
        assert_eq!((&said["header"]["alg"], &said["disclosures"]), (&json!("ES256"), &json!(3)));
        for wrong in ["", "~", "a.b.c~", "x"] {
            assert!(decoded("dc+sd-jwt", wrong).is_none() && decoded("mso_mdoc", wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn what_doubles_is_shown_once() {
        let mut inner = part(&json!(["s", "bottom", 1]));
        let mut disclosures = vec![inner.clone()];
        for level in 0..DEEPEST {
            inner = part(
                &json!(["s", format!("level {level}"), { "a": { "_sd": [hashed(&inner)] }, "b": { "_sd": [hashed(&inner)] } }]),
            );
            disclosures.push(inner.clone());
        }
        let jwt = format!("{}.{}.x", part(&json!({})), part(&json!({ "_sd": [hashed(&inner)] })));
        let said = decoded("dc+sd-jwt", &format!("{jwt}~{}~", disclosures.join("~"))).unwrap();
        assert_eq!(said["claims"].to_string().matches("level 20").count(), 1);
    }

    #[test]
    fn what_goes_on_for_ever_ends() {
        let mut inner = "bottom".to_owned();
        let mut disclosures = Vec::new();
        for _ in 0..4 * DEEPEST {
            let disclosure = part(&json!(["s", "deeper", { "_sd": [inner] }]));
            inner = hashed(&disclosure);
            disclosures.push(disclosure);
        }
        let jwt = format!("{}.{}.x", part(&json!({})), part(&json!({ "_sd": [inner] })));
        let said = decoded("dc+sd-jwt", &format!("{jwt}~{}~", disclosures.join("~"))).unwrap();
        assert!(said["claims"].to_string().matches("deeper").count() <= DEEPEST + 1);
    }
}
