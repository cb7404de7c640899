//! RFC 8259 §4 – JSON objects whose names are unique: of two values of one name, different readers take different ones

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The object that the text is, if no object in it has a name twice.
pub fn object(text: &str) -> Option<Map<String, Value>> {
    match serde_json::from_str(text) {
        Ok(Unrepeated(Value::Object(members))) => Some(members),
        _ => None,
    }
}

/// A JWT whose header and claims are such objects.
pub struct UnrepeatedJwt;

/// RFC 7515 §5.2, RFC 7519 §4: whoever reads a JWT takes the last of several members with one name, or none of it.
pub fn jwt(text: &str) -> Option<UnrepeatedJwt> {
    let mut parts = text.split('.').map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok());
    let mut next = || object(&String::from_utf8(parts.next()??).ok()?);
    next().and_then(|_| next()).map(|_| UnrepeatedJwt)
}

struct Unrepeated(Value);

impl<'de> Deserialize<'de> for Unrepeated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON whose objects have different names")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(Unrepeated(element)) = elements.next_element()? {
            read.push(element);
        }
        Ok(read.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some((name, Unrepeated(value))) = members.next_entry::<String, Unrepeated>()? {
            if read.insert(name, value).is_some() {
                return Err(A::Error::custom("a name stands twice"));
            }
        }
        Ok(read.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unique_is_read_as_it_is() {
        let text = r#"{"a":[1,-1,1.5,"x","\u00e9",true,null,{"b":{}}],"b":{"a":1}}"#;
        let read: Map<String, Value> = serde_json::from_str(text).unwrap();
        assert_eq!(object(text), Some(read));
    }

    #[test]
    fn a_jwt_has_two_such_objects() {
        let part = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        let is_one =
            |header: &str, claims: &str| jwt(&format!("{}.{}.x", part(header), part(claims))).is_some();
        assert!(is_one(r#"{"alg":"ES256"}"#, r#"{"iss":"a"}"#));
        assert!(!is_one(r#"{"alg":"ES256","alg":"ES256"}"#, r#"{"iss":"a"}"#));
        assert!(!is_one(r#"{"alg":"ES256"}"#, r#"{"iss":"a","iss":"b"}"#));
        assert!(jwt("x").is_none() && jwt("").is_none());
    }

    #[test]
    fn what_stands_twice_is_refused_wherever_it_stands() {
        for text in
            [r#"{"a":1,"a":1}"#, r#"{"a":[{"b":1,"b":2}]}"#, r#"{"a":1,"\u0061":2}"#, "[]", "{", "{} x"]
        {
            assert!(object(text).is_none(), "{text}");
        }
    }
}
