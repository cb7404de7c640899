//! `application/x-www-form-urlencoded` (WHATWG URL §5), read strictly: what is not a percent-encoding
//! of UTF-8 is refused, because two readers of a sloppy encoding may see two different requests.

use std::borrow::Cow;

/// Decodes one name or value; `None` for a broken escape or bytes that are not UTF-8.
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|b| b == b'%' || b == b'+') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, tail) = rest.split_at_checked(2)?;
                bytes.push(hex(digits[0])? << 4 | hex(digits[1])?);
                rest = tail;
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Encodes one name or value into `out`; spaces become `+`.
pub fn encode_into(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => {
                out.push('%');
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

/// Encodes pairs as one form.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        encode_into(name, &mut out);
        out.push('=');
        encode_into(value, &mut out);
    }
    out
}

/// Name and value of everything that can be decoded.
pub fn pairs(form: &str) -> impl Iterator<Item = (String, String)> + '_ {
    let items = form.split('&').filter(|item| !item.is_empty());
    items.filter_map(|item| {
        let (name, value) = item.split_once('=').unwrap_or((item, ""));
        Some((decode(name)?.into_owned(), decode(value)?.into_owned()))
    })
}

/// All values of a name.
pub fn values(form: &str, name: &str) -> Vec<String> {
    pairs(form).filter(|(known, _)| known == name).map(|(_, value)| value).collect()
}

/// A URI with more of a query.
pub fn with_query(uri: &str, query: &str) -> String {
    if query.is_empty() {
        return uri.to_owned();
    }
    let joint = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{joint}{query}")
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_decodes() {
        let text = "a b+c%&=/é\u{1F600}";
        let mut encoded = String::new();
        encode_into(text, &mut encoded);
        assert_eq!(decode(&encoded).as_deref(), Some(text));
        assert_eq!(encode([("a b", "1"), ("c", "&")]), "a+b=1&c=%26");
    }

    #[test]
    fn pairs_are_read_and_queries_are_added() {
        let form = "a=1&&b&a=%32&%zz=3&c=%";
        let all: Vec<_> = pairs(form).collect();
        let expected = [("a", "1"), ("b", ""), ("a", "2")];
        assert_eq!(all, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(values(form, "a"), ["1", "2"]);
        assert_eq!(with_query("https://a", ""), "https://a");
        assert_eq!(with_query("https://a", "x=1"), "https://a?x=1");
        assert_eq!(with_query("https://a?b", "x=1"), "https://a?b&x=1");
    }

    #[test]
    fn broken_escapes_are_refused() {
        for text in ["%", "%4", "%zz", "%ff", "%+1", "%c3%28"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
