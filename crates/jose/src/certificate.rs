//! RFC 5280, RFC 8705 §2 – X.509 certificates of TLS clients: what they say, and who vouches for it.

use aws_lc_rs::digest;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_base::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The largest certificate that is read, in bytes of PEM.
const LARGEST: usize = 32 * 1024;

/// A certificate that could be read; nothing about it is proven.
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
}

/// The names of a certificate's subject, as RFC 8705 §2.1.2 compares them.
pub enum SubjectName<'a> {
    /// A distinguished name in the form of RFC 4514.
    Dn(&'a str),
    Dns(&'a str),
    Uri(&'a str),
    Ip(&'a str),
    Email(&'a str),
}

impl Certificate {
    /// Reads PEM, or the base64 of DER alone. Header lines may have been folded into spaces, as proxies
    /// do to carry a certificate in one header.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LARGEST {
            return None;
        }
        let body = match text.split_once("-----BEGIN CERTIFICATE-----") {
            Some((_, rest)) => rest.split_once("-----END CERTIFICATE-----")?.0,
            None => text,
        };
        let packed: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        Self::from_der(BASE64.decode(packed.as_bytes()).ok()?)
    }

    pub fn from_der(der: Vec<u8>) -> Option<Self> {
        let (rest, _) = X509Certificate::from_der(&der).ok()?;
        rest.is_empty().then_some(())?;
        Some(Self { der })
    }

    /// RFC 8705 §3.1: the SHA-256 of the DER form, base64url.
    pub fn thumbprint(&self) -> String {
        BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, &self.der).as_ref())
    }

    /// Whether both are the same certificate.
    pub fn is(&self, other: &Certificate) -> bool {
        self.der == other.der
    }

    /// Whether the public key of the certificate is this one, by its `SubjectPublicKeyInfo` parts.
    pub fn carries(&self, name: &SubjectName<'_>) -> bool {
        let Ok((_, certificate)) = X509Certificate::from_der(&self.der) else { return false };
        if let SubjectName::Dn(expected) = name {
            return same_dn(&certificate, expected);
        }
        let Ok(Some(names)) = certificate.subject_alternative_name() else { return false };
        names.value.general_names.iter().any(|found| match (found, name) {
            (GeneralName::DNSName(found), SubjectName::Dns(expected)) => found.eq_ignore_ascii_case(expected),
            (GeneralName::URI(found), SubjectName::Uri(expected)) => found == expected,
            (GeneralName::RFC822Name(found), SubjectName::Email(expected)) => found == expected,
            (GeneralName::IPAddress(found), SubjectName::Ip(expected)) => same_ip(found, expected),
            _ => false,
        })
    }

    /// Whether the time lies within the certificate's validity.
    pub fn is_current(&self, now: Timestamp) -> bool {
        let Ok((_, certificate)) = X509Certificate::from_der(&self.der) else { return false };
        let validity = certificate.validity();
        (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now.as_secs())
    }

    /// Whether a chain for client authentication leads from this certificate over `path` to one of
    /// `roots` (RFC 5280 §6).
    pub fn is_vouched_for(&self, path: &[Certificate], roots: &[Certificate], now: Timestamp) -> bool {
        let ders: Vec<_> = roots.iter().map(|root| CertificateDer::from(root.der.as_slice())).collect();
        let anchors: Vec<TrustAnchor<'_>> =
            ders.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
        let path: Vec<_> = path.iter().map(|link| CertificateDer::from(link.der.as_slice())).collect();
        let own = CertificateDer::from(self.der.as_slice());
        let Ok(certificate) = EndEntityCert::try_from(&own) else { return false };
        let seconds = u64::try_from(now.as_secs()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let usage = KeyUsage::client_auth();
        let algorithms = ALL_VERIFICATION_ALGS;
        certificate.verify_for_usage(algorithms, &anchors, &path, now, usage, None, None).is_ok()
    }
}

/// RFC 4514 writes a name from its last part to its first; some tools write it the other way round, so
/// both orders are taken, and nothing else is loosened but white space around separators.
fn same_dn(certificate: &X509Certificate<'_>, expected: &str) -> bool {
    let mut found = Vec::new();
    for rdn in certificate.subject().iter_rdn() {
        for attribute in rdn.iter() {
            let Ok(value) = attribute.as_str() else { return false };
            found.push((attribute.attr_type().to_id_string(), value.to_owned()));
        }
    }
    let Some(expected) = parse_dn(expected) else { return false };
    let reversed: Vec<_> = expected.iter().rev().cloned().collect();
    !found.is_empty() && (found == expected || found == reversed)
}

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

/// `type=value` parts, each type as its object identifier. `None` for what RFC 4514 does not write.
fn parse_dn(text: &str) -> Option<Vec<(String, String)>> {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            c if escaped => {
                part.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            ',' | '+' => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    if escaped {
        return None;
    }
    let typed = |part: &String| {
        let (name, value) = part.split_once('=')?;
        let name = name.trim().to_ascii_uppercase();
        let known = TYPES.iter().find(|(known, _)| *known == name).map(|(_, oid)| (*oid).to_owned());
        let oid = known.or_else(|| name.starts_with(|c: char| c.is_ascii_digit()).then_some(name))?;
        Some((oid, value.trim().to_owned()))
    };
    parts.iter().map(typed).collect()
}

fn same_ip(bytes: &[u8], expected: &str) -> bool {
    match expected.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(ip)) => bytes == ip.octets(),
        Ok(std::net::IpAddr::V6(ip)) => bytes == ip.octets(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguished_names_are_read_with_their_escapes() {
        let parts = parse_dn(r"CN=a\,b, O = Example ,1.2.3=x").unwrap();
        assert_eq!(parts[0], ("2.5.4.3".to_owned(), "a,b".to_owned()));
        assert_eq!(parts[1], ("2.5.4.10".to_owned(), "Example".to_owned()));
        assert_eq!(parts[2], ("1.2.3".to_owned(), "x".to_owned()));
        assert!(parse_dn("CN").is_none() && parse_dn("XX=1").is_none() && parse_dn("CN=a\\").is_none());
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        for text in [
            "",
            "-----BEGIN CERTIFICATE-----",
            "MIIB",
            "-----BEGIN CERTIFICATE-----x-----END CERTIFICATE-----",
        ] {
            assert!(Certificate::parse(text).is_none(), "{text}");
        }
        assert!(Certificate::parse(&"A".repeat(LARGEST + 1)).is_none());
    }
}
