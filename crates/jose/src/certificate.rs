//! RFC 5280, RFC 8705 §2 – X.509 certificates of TLS clients: what they say, and who vouches for it.

use aws_lc_rs::digest;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{
    ALL_VERIFICATION_ALGS, EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage,
    anchor_from_trusted_cert,
};
use x509_cert::Certificate as X509;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

use crate::budgets::CERTIFICATE;
use crate::jwk::Jwk;
use crate::key::VerifyingKey;
use crate::name::DistinguishedName;

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
        if text.len() > CERTIFICATE {
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
        X509::from_der(&der).ok()?;
        Some(Self { der })
    }

    /// The certificate itself.
    pub fn into_der(self) -> Vec<u8> {
        self.der
    }

    /// RFC 8705 §3.1: the SHA-256 of the DER form, base64url.
    pub fn thumbprint(&self) -> String {
        BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, &self.der).as_ref())
    }

    /// The key that the certificate is about, for signatures of this algorithm.
    pub fn verifying_key(&self, alg: JwsAlg) -> Option<VerifyingKey> {
        let certificate = X509::from_der(&self.der).ok()?;
        let key = certificate.tbs_certificate().subject_public_key_info().subject_public_key.as_bytes()?;
        VerifyingKey::from_certified(key, alg)
    }

    /// Whether it is about the public half of this key (RFC 7517 §4.7).
    pub fn is_about(&self, jwk: &Jwk) -> bool {
        let Ok(certificate) = X509::from_der(&self.der) else { return false };
        let own = Jwk::of_info(certificate.tbs_certificate().subject_public_key_info());
        let own = own.and_then(|own| own.thumbprint());
        own.is_some() && own == jwk.thumbprint()
    }

    /// From when and until when it says that it is valid (RFC 5280 §4.1.2.5).
    pub fn validity(&self) -> Option<(Timestamp, Timestamp)> {
        let certificate = X509::from_der(&self.der).ok()?;
        let validity = certificate.tbs_certificate().validity();
        let at = |time: Time| i64::try_from(time.to_unix_duration().as_secs()).ok().map(Timestamp::from_secs);
        Some((at(validity.not_before)?, at(validity.not_after)?))
    }

    /// Whether its issuer is its subject: nobody above vouches for it (RFC 5280 §3.2).
    pub fn is_self_issued(&self) -> bool {
        X509::from_der(&self.der).is_ok_and(|certificate| {
            certificate.tbs_certificate().issuer() == certificate.tbs_certificate().subject()
        })
    }

    /// Whether both are the same certificate.
    pub fn is(&self, other: &Certificate) -> bool {
        self.der == other.der
    }

    /// Whether the subject has this name, or one of its alternative names is this.
    pub fn carries(&self, name: &SubjectName<'_>) -> bool {
        let Ok(certificate) = X509::from_der(&self.der) else { return false };
        let certificate = certificate.tbs_certificate();
        let alternative = |is: &dyn Fn(&GeneralName) -> bool| {
            let names = certificate.get_extension::<SubjectAltName>();
            matches!(names, Ok(Some((_, names))) if names.0.iter().any(is))
        };
        match name {
            SubjectName::Dn(expected) => {
                let expected = DistinguishedName::parse(expected);
                expected.is_some_and(|expected| DistinguishedName::of(certificate.subject()).is(&expected))
            }
            SubjectName::Dns(expected) => alternative(
                &|found| matches!(found, GeneralName::DnsName(dns) if dns.as_str().eq_ignore_ascii_case(expected)),
            ),
            SubjectName::Uri(expected) => alternative(
                &|found| matches!(found, GeneralName::UniformResourceIdentifier(uri) if uri.as_str() == *expected),
            ),
            SubjectName::Email(expected) => alternative(
                &|found| matches!(found, GeneralName::Rfc822Name(mail) if mail.as_str() == *expected),
            ),
            SubjectName::Ip(expected) => alternative(
                &|found| matches!(found, GeneralName::IpAddress(ip) if same_ip(ip.as_bytes(), expected)),
            ),
        }
    }

    /// Whether a chain for client authentication leads from this certificate over `path` to one of
    /// `roots` (RFC 5280 §6).
    pub fn is_vouched_for(&self, path: &[Certificate], roots: &[Certificate], now: Timestamp) -> bool {
        self.leads(path, roots, (now, KeyUsage::client_auth()))
    }

    /// The same, whatever the key may be used for (RFC 5280 §4.2.1.12): an attester is no client.
    pub fn leads_to(&self, path: &[Certificate], roots: &[Certificate], now: Timestamp) -> bool {
        self.leads(path, roots, (now, AnyUsage))
    }

    fn leads(
        &self,
        path: &[Certificate],
        roots: &[Certificate],
        (now, usage): (Timestamp, impl ExtendedKeyUsageValidator),
    ) -> bool {
        let ders: Vec<_> = roots.iter().map(|root| CertificateDer::from(root.der.as_slice())).collect();
        let anchors: Vec<TrustAnchor<'_>> =
            ders.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
        let path: Vec<_> = path.iter().map(|link| CertificateDer::from(link.der.as_slice())).collect();
        let own = CertificateDer::from(self.der.as_slice());
        let Ok(certificate) = EndEntityCert::try_from(&own) else { return false };
        let seconds = u64::try_from(now.as_secs()).unwrap_or_default();
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let algorithms = ALL_VERIFICATION_ALGS;
        certificate.verify_for_usage(algorithms, &anchors, &path, now, usage, None, None).is_ok()
    }
}

struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
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

    /// `openssl req -x509 -newkey ed25519 -nodes -subj /CN=a`
    const OF_ED25519: &str = "MIIBLjCB4aADAgECAhR+oOp3wmTjf/L9hqsntRdh6+5w8jAFBgMrZXAwDDEKMAgGA1UEAwwBYTAgFw0yNjExMzAxMTU4MjVaGA8yMTI2MTEwNjExNTgyNVowDDEKMAgGA1UEAwwBYTAqMAUGAytlcAMhANIYVUMkWTlQaXpPtc2YYX83oqnES8OGA+B9BlueS6svo1MwUTAdBgNVHQ4EFgQUTTw3REqMzVd/Pyp5udUGzVSHD8QwHwYDVR0jBBgwFoAUTTw3REqMzVd/Pyp5udUGzVSHD8QwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQD+uh9NL+4wQ6/s2PIQBguRiQ8cnoDsQmTa7cHAXuznxJ0NyAAZhUNkbEH80yNAYfaHXxAv46oOh+KxwlCn+5QF";

    #[test]
    fn a_certificate_is_about_one_key() {
        let certificate = Certificate::parse(OF_ED25519).unwrap();
        let jwk = |x: &str| {
            Jwk::parse(&serde_json::json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": "k" })).unwrap()
        };
        assert!(certificate.is_about(&jwk("0hhVQyRZOVBpek-1zZhhfzeiqcRLw4YD4H0GW55Lqy8")));
        assert!(!certificate.is_about(&jwk("0hhVQyRZOVBpek-1zZhhfzeiqcRLw4YD4H0GW55Lqy9")));
        // A key without a thumbprint is no key.
        assert!(!certificate.is_about(&Jwk::parse(&serde_json::json!({ "kty": "other" })).unwrap()));
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
        assert!(Certificate::parse(&"A".repeat(CERTIFICATE + 1)).is_none());
    }
}
