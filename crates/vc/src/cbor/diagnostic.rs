//! RFC 8949 §8 – diagnostic notation, as far as it writes values that mdocs have: numbers, texts, bytes (`h'…'` and
//! `b64'…'`), arrays, maps, tags and the simple values. Neither encoding indicators nor comments.

use ciborium::Value;
use ciborium::value::Integer;
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use super::{CborError, are_distinct};
use crate::budgets::{DEPTH, NOTATION};

/// Reads one value.
///
/// # Errors
///
/// [`CborError::TooLarge`], [`CborError::TooDeep`], [`CborError::Repeated`], [`CborError::Notation`].
pub fn parse(text: &str) -> Result<Value, CborError> {
    if text.len() > NOTATION {
        return Err(CborError::TooLarge);
    }
    let mut notation = Notation { text, at: 0 };
    let value = notation.value(DEPTH)?;
    notation.space();
    if notation.rest().is_empty() { Ok(value) } else { Err(notation.wrong()) }
}

struct Notation<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Notation<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn wrong(&self) -> CborError {
        CborError::Notation(self.at)
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    /// Goes past this text, if it is what comes next.
    fn took(&mut self, expected: &str) -> bool {
        self.space();
        let there = self.rest().starts_with(expected);
        self.at += if there { expected.len() } else { 0 };
        there
    }

    fn take(&mut self, expected: &str) -> Result<(), CborError> {
        if self.took(expected) { Ok(()) } else { Err(self.wrong()) }
    }

    /// Goes past all characters of a kind.
    fn run(&mut self, is: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let run = &rest[..rest.find(|c| !is(c)).unwrap_or(rest.len())];
        self.at += run.len();
        run
    }

    fn value(&mut self, levels: usize) -> Result<Value, CborError> {
        self.space();
        match self.rest().chars().next() {
            Some('[') => self.array(levels),
            Some('{') => self.map(levels),
            Some('"') => self.string(),
            Some('h' | 'b') => self.bytes(),
            Some('-' | '0'..='9' | 'N' | 'I') => self.number(levels),
            Some(_) => self.simple(),
            None => Err(self.wrong()),
        }
    }

    fn array(&mut self, levels: usize) -> Result<Value, CborError> {
        let levels = levels.checked_sub(1).ok_or(CborError::TooDeep)?;
        self.take("[")?;
        let mut elements = Vec::new();
        while !self.took("]") {
            if !elements.is_empty() {
                self.take(",")?;
            }
            elements.push(self.value(levels)?);
        }
        Ok(Value::Array(elements))
    }

    fn map(&mut self, levels: usize) -> Result<Value, CborError> {
        let levels = levels.checked_sub(1).ok_or(CborError::TooDeep)?;
        self.take("{")?;
        let mut members = Vec::new();
        while !self.took("}") {
            if !members.is_empty() {
                self.take(",")?;
            }
            let key = self.value(levels)?;
            self.take(":")?;
            members.push((key, self.value(levels)?));
        }
        if are_distinct(members.iter().map(|(key, _)| key)) {
            Ok(Value::Map(members))
        } else {
            Err(CborError::Repeated)
        }
    }

    /// §8: a text is written as in JSON.
    fn string(&mut self) -> Result<Value, CborError> {
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<String>();
        let text = values.next().and_then(Result::ok).ok_or_else(|| self.wrong())?;
        self.at += values.byte_offset();
        Ok(Value::Text(text))
    }

    /// §8: `h'…'` in hexadecimal digits, `b64'…'` in either alphabet. Space within may be there.
    fn bytes(&mut self) -> Result<Value, CborError> {
        let is_hex = self.took("h'");
        if !is_hex {
            self.take("b64'")?;
        }
        let packed: String = self.run(|c| c != '\'').split_ascii_whitespace().collect();
        let bytes = match is_hex {
            true => HEXLOWER_PERMISSIVE.decode(packed.as_bytes()),
            false => base64(packed.as_bytes()),
        };
        let bytes = bytes.map_err(|_| self.wrong())?;
        self.take("'")?;
        Ok(Value::Bytes(bytes))
    }

    /// A number, or a tag and what is in it.
    fn number(&mut self, levels: usize) -> Result<Value, CborError> {
        let wrong = self.wrong();
        let text = self.run(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        if self.rest().starts_with('(') {
            return self.tagged(text.parse().map_err(|_| wrong)?, levels);
        }
        if let Ok(whole) = text.parse::<i128>() {
            return Integer::try_from(whole).map(Value::Integer).map_err(|_| wrong);
        }
        match text {
            "NaN" => Ok(Value::Float(f64::NAN)),
            "Infinity" => Ok(Value::Float(f64::INFINITY)),
            "-Infinity" => Ok(Value::Float(f64::NEG_INFINITY)),
            real => real_number(real).map(Value::Float).ok_or(wrong),
        }
    }

    fn tagged(&mut self, tag: u64, levels: usize) -> Result<Value, CborError> {
        let levels = levels.checked_sub(1).ok_or(CborError::TooDeep)?;
        self.take("(")?;
        let value = self.value(levels)?;
        self.take(")")?;
        Ok(Value::Tag(tag, Box::new(value)))
    }

    fn simple(&mut self) -> Result<Value, CborError> {
        let wrong = self.wrong();
        match self.run(|c| c.is_ascii_alphabetic()) {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            "null" => Ok(Value::Null),
            _ => Err(wrong),
        }
    }
}

/// §8: as in JSON, which knows neither `inf` nor `.5`. Rust reads it exactly, and JSON's reader to the last bit but one.
fn real_number(text: &str) -> Option<f64> {
    serde_json::from_str::<f64>(text).ok()?;
    text.parse().ok()
}

fn base64(packed: &[u8]) -> Result<Vec<u8>, data_encoding::DecodeError> {
    let padded = BASE64.decode(packed).or_else(|_| BASE64_NOPAD.decode(packed));
    padded.or_else(|_| BASE64URL_NOPAD.decode(packed))
}

#[cfg(test)]
mod tests {
    use super::super::encode;
    use super::*;
    use data_encoding::HEXLOWER;

    /// RFC 8949, appendix A: notation, and how it is written.
    #[test]
    fn the_examples_of_the_specification() {
        for (notation, written) in [
            ("0", "00"),
            ("18446744073709551615", "1bffffffffffffffff"),
            ("-18446744073709551616", "3bffffffffffffffff"),
            ("-100", "3863"),
            ("0.0", "f90000"),
            ("-0.0", "f98000"),
            ("65504.0", "f97bff"),
            ("3.4028234663852886e+38", "fa7f7fffff"),
            ("1.0e+300", "fb7e37e43c8800759c"),
            ("-4.1", "fbc010666666666666"),
            ("Infinity", "f97c00"),
            ("-Infinity", "f9fc00"),
            ("NaN", "f97e00"),
            ("true", "f5"),
            ("0(\"2013-03-21T20:04:00Z\")", "c074323031332d30332d32315432303a30343a30305a"),
            ("1(1363896240)", "c11a514b67b0"),
            ("23(h'01020304')", "d74401020304"),
            ("24(h'6449455446')", "d818456449455446"),
            ("h''", "40"),
            ("\"\\\"\\\\\"", "62225c"),
            ("\"\\u00fc\"", "62c3bc"),
            ("\"\\ud800\\udd51\"", "64f0908591"),
            ("[]", "80"),
            ("{}", "a0"),
            ("{1: 2, 3: 4}", "a201020304"),
            ("[\"a\", {\"b\": \"c\"}]", "826161a161626163"),
        ] {
            assert_eq!(HEXLOWER.encode(&encode(&parse(notation).unwrap())), written, "{notation}");
        }
    }

    #[test]
    fn space_and_both_alphabets_are_read() {
        for (notation, same) in [
            (" [ 1 ,\n2 ] ", "[1,2]"),
            ("{ 1 : h'0A 0b' }", "{1:h'0a0b'}"),
            ("1004( \"2024-01-01\" )", "1004(\"2024-01-01\")"),
            ("b64'-_8'", "h'fbff'"),
            ("b64'+/8='", "h'fbff'"),
        ] {
            assert_eq!(parse(notation).unwrap(), parse(same).unwrap());
        }
    }

    #[test]
    fn what_is_no_notation_is_refused() {
        for text in [
            "",
            " ",
            "a",
            "1 2",
            "[1",
            "[1,]",
            "[,1]",
            "{1}",
            "{1:}",
            "{1:2,}",
            "\"a",
            "h'0",
            "h'0g'",
            "h'00",
            "b64'&'",
            "1.",
            ".5",
            "-",
            "--1",
            "1e",
            "inf",
            "nan",
            "01.0",
            "undefined",
            "0x10",
            "1(",
            "1()",
            "1(2",
            "-1(2)",
            "1.0(2)",
            "18446744073709551616",
            "-18446744073709551617",
            "'a'",
            "1_1",
            "()",
            "é",
        ] {
            assert!(matches!(parse(text), Err(CborError::Notation(_))), "{text}");
        }
        assert_eq!(parse("{1:2,1:3}").err(), Some(CborError::Repeated));
        assert_eq!(parse(&"[".repeat(DEPTH + 1)).err(), Some(CborError::TooDeep));
        assert_eq!(parse(&"1(".repeat(DEPTH + 1)).err(), Some(CborError::TooDeep));
        assert_eq!(parse(&" ".repeat(NOTATION + 1)).err(), Some(CborError::TooLarge));
    }
}
