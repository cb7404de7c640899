//! RFC 8949 – CBOR as credentials need it: written in one way only, read within bounds, made of JSON.

mod diagnostic;

use std::collections::HashSet;

use ciborium::de::from_reader_with_recursion_limit;
use serde_json::Value as Json;

use crate::budgets::{CBOR, DEPTH};

pub use ciborium::Value;
pub use diagnostic::parse as diagnostic;

/// What a text of JSON begins with that holds diagnostic notation.
const NOTATION: &str = "cbor:";

/// How deep ciborium goes: it counts tags and what is in them one by one.
const RECURSION: usize = 4 * DEPTH;

/// Why a value is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CborError {
    /// More than [`CBOR`], or [`crate::budgets::NOTATION`].
    TooLarge,
    /// More than [`DEPTH`].
    TooDeep,
    /// Not CBOR, or something behind it.
    Malformed,
    /// A map has a key twice (RFC 8949 §5.6).
    Repeated,
    /// Not diagnostic notation, as far as that is read here: what is wrong begins at this byte.
    Notation(usize),
}

/// The bytes of a value. Its maps are written in the order in which they are; see [`sorted`].
pub fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing into memory cannot fail, and every value can be written.
    let written = ciborium::into_writer(value, &mut bytes);
    debug_assert!(written.is_ok());
    bytes
}

/// RFC 8949 §4.2.1: the same with the keys of every map in the order of their bytes. Numbers and lengths are written
/// as short as can be in any case.
pub fn sorted(value: Value) -> Value {
    match value {
        Value::Array(elements) => Value::Array(elements.into_iter().map(sorted).collect()),
        Value::Tag(tag, value) => Value::Tag(tag, Box::new(sorted(*value))),
        Value::Map(members) => {
            let members = members.into_iter().map(|(key, value)| (sorted(key), sorted(value)));
            let mut members: Vec<_> = members.map(|member| (encode(&member.0), member)).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Map(members.into_iter().map(|(_, member)| member).collect())
        }
        scalar => scalar,
    }
}

/// Reads one value and nothing behind it.
///
/// # Errors
///
/// [`CborError::TooLarge`], [`CborError::Malformed`], also for what is too deep, and [`CborError::Repeated`].
pub fn decode(bytes: &[u8]) -> Result<Value, CborError> {
    if bytes.len() > CBOR {
        return Err(CborError::TooLarge);
    }
    let mut rest = bytes;
    let value = from_reader_with_recursion_limit(&mut rest, RECURSION);
    let value: Value = value.map_err(|_| CborError::Malformed)?;
    if !rest.is_empty() {
        return Err(CborError::Malformed);
    }
    distinct(value)
}

/// A value none of whose maps has a key twice.
fn distinct(value: Value) -> Result<Value, CborError> {
    match &value {
        Value::Map(members) if !are_distinct(members.iter().map(|(key, _)| key)) => {
            return Err(CborError::Repeated);
        }
        _ => {}
    }
    Ok(match value {
        Value::Array(elements) => Value::Array(elements.into_iter().map(distinct).collect::<Result<_, _>>()?),
        Value::Tag(tag, value) => Value::Tag(tag, Box::new(distinct(*value)?)),
        Value::Map(members) => {
            let members = members.into_iter().map(|(key, value)| Ok((distinct(key)?, distinct(value)?)));
            Value::Map(members.collect::<Result<_, _>>()?)
        }
        scalar => scalar,
    })
}

fn are_distinct<'a>(keys: impl Iterator<Item = &'a Value>) -> bool {
    let mut met = HashSet::new();
    keys.into_iter().all(|key| met.insert(encode(key)))
}

/// A value of JSON (RFC 8949 §6.2): whole numbers stay whole, and a text that begins with `cbor:` says in diagnostic
/// notation what it is, as a date or bytes, which JSON has not.
///
/// # Errors
///
/// When it is deeper than [`DEPTH`], or such a text cannot be read.
pub fn from_json(json: &Json) -> Result<Value, CborError> {
    below(json, DEPTH)
}

fn below(json: &Json, levels: usize) -> Result<Value, CborError> {
    let within = || levels.checked_sub(1).ok_or(CborError::TooDeep);
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(is) => Value::Bool(*is),
        Json::Number(number) => of_number(number),
        Json::String(text) => match text.strip_prefix(NOTATION) {
            Some(notation) => diagnostic(notation)?,
            None => Value::Text(text.clone()),
        },
        Json::Array(elements) => {
            let levels = within()?;
            Value::Array(elements.iter().map(|one| below(one, levels)).collect::<Result<_, _>>()?)
        }
        Json::Object(members) => {
            let levels = within()?;
            let member =
                |(name, value): (&String, &Json)| Ok((Value::Text(name.clone()), below(value, levels)?));
            Value::Map(members.iter().map(member).collect::<Result<_, _>>()?)
        }
    })
}

fn of_number(number: &serde_json::Number) -> Value {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(whole), _, _) => Value::Integer(whole.into()),
        (_, Some(whole), _) => Value::Integer(whole.into()),
        (_, _, real) => Value::Float(real.unwrap_or_default()),
    }
}

/// The value at a text key of a map.
pub(crate) fn member<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    let members = map.as_map()?.iter();
    members.filter(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value).next()
}

/// A map with text keys, in this order.
pub(crate) fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (Value::Text(name.to_owned()), value)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use serde_json::json;

    fn hex(value: &Value) -> String {
        HEXLOWER.encode(&encode(value))
    }

    /// RFC 8949, appendix A: what is written as short as can be.
    #[test]
    fn numbers_are_short() {
        for (json, written) in [
            (json!(0), "00"),
            (json!(23), "17"),
            (json!(24), "1818"),
            (json!(1000), "1903e8"),
            (json!(18_446_744_073_709_551_615_u64), "1bffffffffffffffff"),
            (json!(-1), "20"),
            (json!(-1000), "3903e7"),
            (json!(1.5), "f93e00"),
            (json!(100_000.0), "fa47c35000"),
            (json!(1.1), "fb3ff199999999999a"),
            (json!(false), "f4"),
            (json!(null), "f6"),
            (json!("IETF"), "6449455446"),
            (json!([1, [2, 3], [4, 5]]), "8301820203820405"),
            (json!({ "a": 1, "b": [2, 3] }), "a26161016162820203"),
        ] {
            assert_eq!(hex(&from_json(&json).unwrap()), written, "{json}");
        }
    }

    /// RFC 8949 §4.2.1: the keys of its example, in its order.
    #[test]
    fn maps_are_sorted_by_the_bytes_of_their_keys() {
        let keys = ["false", "[-1]", "\"aa\"", "-1", "\"z\"", "100", "[100]", "10"];
        let map = format!("{{{}}}", keys.map(|key| format!("{key}: 0")).join(", "));
        let Value::Map(members) = sorted(diagnostic(&map).unwrap()) else { panic!() };
        let written: Vec<_> = members.iter().map(|(key, _)| hex(key)).collect();
        assert_eq!(written, ["0a", "1864", "20", "617a", "626161", "811864", "8120", "f4"]);
    }

    #[test]
    fn sorting_goes_through_everything() {
        let value = from_json(&json!([{ "bb": { "d": 1, "c": 2 }, "a": 1 }])).unwrap();
        let same = from_json(&json!([{ "a": 1, "bb": { "c": 2, "d": 1 } }])).unwrap();
        assert_eq!(hex(&sorted(Value::Tag(1, Box::new(value)))), hex(&Value::Tag(1, Box::new(same))));
    }

    #[test]
    fn what_is_no_single_value_is_refused() {
        let decoded = |hex: &str| decode(&HEXLOWER.decode(hex.as_bytes()).unwrap()).err();
        assert_eq!(decoded("a161610161"), Some(CborError::Malformed));
        assert_eq!(decoded("0000"), Some(CborError::Malformed));
        assert_eq!(decoded(""), Some(CborError::Malformed));
        assert_eq!(decoded("9b7fffffffffffffff"), Some(CborError::Malformed));
        assert_eq!(decoded("5b7fffffffffffffff00"), Some(CborError::Malformed));
        assert_eq!(decoded("a2616101616102"), Some(CborError::Repeated));
        assert_eq!(decoded("81a20101180101"), Some(CborError::Repeated));
        assert_eq!(decoded(&"81".repeat(RECURSION + 1)), Some(CborError::Malformed));
        assert_eq!(decode(&vec![0; CBOR + 1]).err(), Some(CborError::TooLarge));
    }

    #[test]
    fn json_is_bounded_and_brings_notation() {
        let deep = (0..=DEPTH).fold(json!(1), |within, _| json!([within]));
        assert_eq!(from_json(&deep).err(), Some(CborError::TooDeep));
        assert_eq!(hex(&from_json(&json!(["cbor:h'00ff'"])).unwrap()), "814200ff");
        assert_eq!(from_json(&json!("cbor:")).err(), Some(CborError::Notation(0)));
    }
}
