//! RFC 4514, RFC 5280 §7.1 – distinguished names: read, and compared as names, not as texts.

use std::str::FromStr;

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::{Encode, Tag, Tagged};
use x509_cert::ext::pkix::name::DirectoryString;
use x509_cert::name::Name;

/// The attribute types of RFC 4514 §3, and those that certificates of banks carry.
const TYPES: [(&str, &str); 16] = [
    ("CN", "2.5.4.3"),
    ("SN", "2.5.4.4"),
    ("SERIALNUMBER", "2.5.4.5"),
    ("C", "2.5.4.6"),
    ("L", "2.5.4.7"),
    ("ST", "2.5.4.8"),
    ("STREET", "2.5.4.9"),
    ("O", "2.5.4.10"),
    ("OU", "2.5.4.11"),
    ("BUSINESSCATEGORY", "2.5.4.15"),
    ("ORGANIZATIONIDENTIFIER", "2.5.4.97"),
    ("UID", "0.9.2342.19200300.100.1.1"),
    ("DC", "0.9.2342.19200300.100.1.25"),
    ("EMAILADDRESS", "1.2.840.113549.1.9.1"),
    ("JURISDICTIONCOUNTRYNAME", "1.3.6.1.4.1.311.60.2.1.3"),
    ("JURISDICTIONC", "1.3.6.1.4.1.311.60.2.1.3"),
];

/// A name in the form in which names are compared: its parts from the first to the last, each a set of
/// attributes in an order of their own.
#[derive(Debug, PartialEq, Eq)]
pub struct DistinguishedName(Vec<Vec<Attribute>>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Attribute {
    /// The object identifier of the type.
    kind: String,
    value: Value,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    /// RFC 5280 §7.1: without regard to case, and with spaces where there are any.
    Text(String),
    /// Something else than text, in DER.
    Other(Vec<u8>),
}

impl DistinguishedName {
    /// The name of a certificate.
    pub(crate) fn of(name: &Name) -> Self {
        let parts = name.iter_rdn().map(|part| sorted(part.iter().map(attribute)));
        Self(parts.collect())
    }

    /// Reads the text of a name, which RFC 4514 §2.1 writes from its last part to its first. `None` for what
    /// it does not write.
    pub fn parse(text: &str) -> Option<Self> {
        let part = |text: &str| -> Option<_> {
            let attributes: Option<Vec<_>> = split(text, &['+'])?.into_iter().map(read).collect();
            Some(sorted(attributes?.into_iter()))
        };
        let parts: Option<Vec<_>> = split(text, &[',', ';'])?.into_iter().map(part).collect();
        Some(Self(parts?.into_iter().rev().collect()))
    }

    /// Whether both are the same name. Some tools write a name from its first part to its last; that is
    /// taken too.
    pub(crate) fn is(&self, written: &DistinguishedName) -> bool {
        !self.0.is_empty() && (self == written || self.0.iter().eq(written.0.iter().rev()))
    }
}

fn sorted(attributes: impl Iterator<Item = Attribute>) -> Vec<Attribute> {
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort();
    attributes
}

fn attribute(found: &AttributeTypeAndValue) -> Attribute {
    let value = match DirectoryString::try_from(&found.value) {
        Ok(text) => Value::Text(folded(&text.value())),
        // IA5 strings, of mail addresses and domain components, are ASCII.
        Err(_) => match found.value.tag() {
            Tag::Ia5String => Value::Text(folded(&String::from_utf8_lossy(found.value.value()))),
            _ => Value::Other(found.value.to_der().unwrap_or_default()),
        },
    };
    Attribute { kind: found.oid.to_string(), value }
}

fn folded(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// One `type=value`. The value's escapes are the library's to read.
fn read(text: &str) -> Option<Attribute> {
    let (kind, value) = text.split_once('=')?;
    let kind = kind.trim().to_ascii_uppercase();
    let kind = kind.strip_prefix("OID.").unwrap_or(&kind);
    let known = TYPES.iter().find(|(known, _)| *known == kind).map(|(_, oid)| *oid);
    let oid = known.or_else(|| kind.starts_with(|c: char| c.is_ascii_digit()).then_some(kind))?;
    // As a text that any type may have, so that the type of the string does not matter.
    let read = AttributeTypeAndValue::from_str(&format!("{oid}={}", unquoted(trimmed(value))?)).ok()?;
    let text = (read.value.tag() != Tag::Utf8String).then(|| attribute(&read));
    let utf8 = || std::str::from_utf8(read.value.value()).ok();
    match text {
        Some(attribute) => Some(attribute),
        None => Some(Attribute { kind: oid.to_owned(), value: Value::Text(folded(utf8()?)) }),
    }
}

/// Without the spaces around, except one that is escaped.
fn trimmed(value: &str) -> &str {
    let value = value.trim_start_matches(' ');
    let short = value.trim_end_matches(' ');
    let escapes = short.bytes().rev().take_while(|b| *b == b'\\').count();
    if escapes % 2 == 1 { value.get(..=short.len()).unwrap_or(short) } else { short }
}

/// RFC 2253 §4: a value may be quoted, as older tools do. `None` for a quote that does not end.
fn unquoted(value: &str) -> Option<String> {
    let Some(inner) = value.strip_prefix('"') else { return Some(value.to_owned()) };
    let inner = inner.strip_suffix('"')?;
    let mut out = String::with_capacity(inner.len());
    let mut escaped = false;
    for c in inner.chars() {
        // What a quote protects, an escape protects as well.
        if !escaped && "+,;<>=#\"".contains(c) {
            out.push('\\');
        }
        escaped = c == '\\' && !escaped;
        out.push(c);
    }
    Some(out)
}

/// The parts between separators that are neither escaped nor quoted. `None` where an escape or a quote does not
/// end.
fn split<'a>(text: &'a str, separators: &[char]) -> Option<Vec<&'a str>> {
    let (mut parts, mut from, mut escaped, mut quoted) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            c if !quoted && separators.contains(&c) => {
                parts.push(&text[from..at]);
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    (!escaped && !quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(a: &str, b: &str) -> bool {
        DistinguishedName::parse(a).unwrap().is(&DistinguishedName::parse(b).unwrap())
    }

    #[test]
    fn names_are_compared_as_names() {
        let name = r"CN=app-1,OU=Zahlungen Ü,O=Bank\, Ltd,C=GB";
        for other in [
            r"cn=app-1, ou = Zahlungen Ü , o=Bank\, Ltd ;c=GB",
            r"CN=app-1,OU=Zahlungen Ü,O=Bank\2C Ltd,C=GB",
            r"CN=app-1,OU=Zahlungen \C3\9C,O=Bank\2c Ltd,C=GB",
            r#"CN=app-1,OU=Zahlungen Ü,O="Bank, Ltd",C=GB"#,
            r"2.5.4.3=app-1,OU=Zahlungen Ü,O=Bank\, Ltd,OID.2.5.4.6=GB",
            r"CN=#0c056170702d31,OU=Zahlungen Ü,O=Bank\, Ltd,C=GB",
            r"CN=APP-1,OU=zahlungen   ü,O=BANK\, LTD,C=gb",
            r"C=GB,O=Bank\, Ltd,OU=Zahlungen Ü,CN=app-1",
        ] {
            assert!(same(name, other), "{other}");
        }
        for other in [
            r"CN=app-1,O=Bank\, Ltd,C=GB",
            r"CN=app-2,OU=Zahlungen Ü,O=Bank\, Ltd,C=GB",
            r"CN=app-1,OU=ZahlungenÜ,O=Bank\, Ltd,C=GB",
            r"OU=Zahlungen Ü,CN=app-1,O=Bank\, Ltd,C=GB",
            r"CN=app-1+OU=Zahlungen Ü,O=Bank\, Ltd,C=GB",
            r"CN=app-1,OU=Zahlungen Ü,OU=x,O=Bank\, Ltd,C=GB",
        ] {
            assert!(!same(name, other), "{other}");
        }
    }

    #[test]
    fn the_attributes_of_one_part_have_no_order() {
        assert!(same("OU=Sales+CN=J. Smith,DC=example,DC=net", "CN=J. Smith+OU=Sales,DC=example,DC=net"));
        assert!(!same("OU=Sales+CN=J. Smith,DC=net", "OU=Sales,CN=J. Smith,DC=net"));
    }

    #[test]
    fn what_the_specification_does_not_write_is_no_name() {
        for text in ["CN", "XX=1", r"CN=a\", r#"CN="a"#, "", "CN=a,,C=b", r"CN=a\zz", "CN=#zz", "=a"] {
            assert_eq!(DistinguishedName::parse(text), None, "{text}");
        }
    }
}
