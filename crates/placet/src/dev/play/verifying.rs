//! Credentials, verified with other code than they were made with: `jsonwebtoken`, `coset` and `webpki`, which know nothing of
//! placet. `interop/credentials` has more of them verified by more.

mod jwt;
mod mdoc;
mod sd_jwt;
mod status;

pub(super) use status::Reference;

use std::time::Duration;

use rustls_pki_types::{CertificateDer, UnixTime};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use webpki::aws_lc_rs::ECDSA_P256_SHA256;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

/// 1.0.18013.5.1.2: who signs mobile documents (ISO/IEC 18013-5 B.1.4). The demo signs everything as such a one.
const DOCUMENT_SIGNER: &[u8] = &[0x28, 0x81, 0x8c, 0x5d, 0x05, 0x01, 0x02];

/// How far clocks may differ, in seconds.
const SKEW: i64 = 60;

/// What a credential is held against.
pub(super) struct Against<'a> {
    pub(super) issuer: &'a str,
    /// The certificate that the wallet trusts, DER.
    pub(super) root: &'a [u8],
    /// The public key of the wallet, a JWK.
    pub(super) holder: &'a Value,
    /// Seconds since the epoch.
    pub(super) now: i64,
}

/// Something that was looked at.
#[derive(Clone)]
pub(super) struct Check {
    /// The name of a text.
    pub(super) name: &'static str,
    pub(super) right: bool,
    /// What was found, or the name of a text about it.
    pub(super) said: String,
}

impl Check {
    fn new(name: &'static str, right: bool, said: impl Into<String>) -> Self {
        Self { name, right, said: said.into() }
    }
}

/// What a credential says, and what was looked at.
pub(super) struct Verified {
    pub(super) claims: Value,
    pub(super) checks: Vec<Check>,
    /// Where its status is, if it has one.
    status: Option<Value>,
}

impl Verified {
    pub(super) fn is_right(&self) -> bool {
        self.checks.iter().all(|check| check.right)
    }

    /// Where the status of the credential is (Token Status List §6); `None` where it has none that can be read.
    pub(super) fn reference(&self) -> Option<Reference> {
        self.status.as_ref().and_then(Reference::parse)
    }

    /// The same with what the list says, as it was fetched.
    pub(super) fn with_status(mut self, list: Option<&str>, against: &Against<'_>) -> Self {
        let check = match (&self.status, self.reference(), list) {
            (None, ..) => Check::new("check.status", true, "check.no_status"),
            (Some(_), Some(reference), Some(list)) => reference.looked_up(list, against),
            (Some(status), ..) => Check::new("check.status", false, status.to_string()),
        };
        self.checks.push(check);
        self
    }
}

pub(super) fn verified(format: &str, credential: &str, against: &Against<'_>) -> Verified {
    let read = match format {
        "mso_mdoc" => mdoc::read(credential, against),
        "jwt_vc_json" => jwt::read(credential, against),
        _ => sd_jwt::read(credential, against),
    };
    let unread = || Verified {
        claims: Value::Null,
        checks: vec![Check::new("check.form", false, format)],
        status: None,
    };
    read.unwrap_or_else(unread)
}

/// The public key of a certificate, as a point of the curve P-256, and whether the trusted one vouches for it.
fn signer(leaf: &[u8], against: &Against<'_>) -> Option<(Vec<u8>, Check)> {
    let (leaf, root) = (CertificateDer::from(leaf), CertificateDer::from(against.root));
    let certificate = EndEntityCert::try_from(&leaf).ok()?;
    let anchor = [anchor_from_trusted_cert(&root).ok()?];
    let time = UnixTime::since_unix_epoch(Duration::from_secs(against.now.try_into().ok()?));
    let usage = KeyUsage::required(DOCUMENT_SIGNER);
    let chain =
        certificate.verify_for_usage(&[ECDSA_P256_SHA256], &anchor, &[], time, usage, None, None).map(|_| ());
    let said = chain.as_ref().err().map_or_else(|| "check.vouched".to_owned(), ToString::to_string);
    let spki = certificate.subject_public_key_info();
    let point = spki.len().checked_sub(65).and_then(|at| spki.get(at..))?;
    Some((point.to_vec(), Check::new("check.chain", chain.is_ok(), said)))
}

/// It is valid now; both ends in seconds since the epoch.
fn validity(from: Option<i64>, until: Option<i64>, now: i64) -> Check {
    let begun = from.is_none_or(|from| from <= now + SKEW);
    let lasts = until.is_none_or(|until| until > now);
    let said = [from, until].map(|moment| moment.and_then(written).unwrap_or_else(|| "…".to_owned()));
    Check::new("check.validity", begun && lasts, said.join(" – "))
}

fn written(seconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(seconds).ok()?.format(&Rfc3339).ok()
}

/// It is bound to the wallet's key: the coordinates are the same, as base64url.
fn binding(x: Option<&str>, y: Option<&str>, against: &Against<'_>) -> Check {
    let own = |name: &str| against.holder.get(name).and_then(Value::as_str);
    let right = x.is_some() && x == own("x") && y == own("y");
    Check::new("check.binding", right, if right { "check.bound" } else { "check.unbound" })
}

#[cfg(test)]
mod tests {
    use data_encoding::{BASE64, BASE64URL_NOPAD};
    use serde_json::json;

    use super::*;

    const FORMATS: [&str; 3] = ["dc+sd-jwt", "mso_mdoc", "jwt_vc_json"];

    /// Credentials that a run of `interop/credentials` got, with its issuer, its root and its wallet.
    fn fixture() -> Value {
        serde_json::from_str(include_str!("verifying/credentials.json")).unwrap()
    }

    /// The names of the checks that fail.
    fn failed(format: &str, change: impl FnOnce(&mut Value)) -> Vec<&'static str> {
        let mut of = fixture();
        change(&mut of);
        let text = |name: &str| of[name].as_str().unwrap().to_owned();
        let (issuer, root) = (text("issuer"), BASE64.decode(text("root").as_bytes()).unwrap());
        let now = of["now"].as_i64().unwrap();
        let against = Against { issuer: &issuer, root: &root, holder: &of["holder"], now };
        let found = verified(format, &text(format), &against);
        let wrong: Vec<_> =
            found.checks.iter().filter(|check| !check.right).map(|check| check.name).collect();
        assert_eq!(found.is_right(), wrong.is_empty());
        wrong
    }

    #[test]
    fn a_credential_is_right_as_it_came() {
        for format in FORMATS {
            assert!(failed(format, |_| {}).is_empty(), "{format}");
        }
    }

    #[test]
    fn a_credential_has_its_time_its_issuer_and_its_holder() {
        let day = 24 * 3600;
        for format in FORMATS {
            let later = |of: &mut Value| of["now"] = (of["now"].as_i64().unwrap() + 31 * day).into();
            assert_eq!(failed(format, later), ["check.validity"], "{format}");
            let before = |of: &mut Value| of["now"] = (of["now"].as_i64().unwrap() - day / 2).into();
            assert_eq!(failed(format, before), ["check.validity"], "{format}");
            let other = |of: &mut Value| of["holder"]["x"] = of["holder"]["y"].clone();
            assert_eq!(failed(format, other), ["check.binding"], "{format}");
        }
        let other = |of: &mut Value| of["issuer"] = json!("https://other.example");
        assert_eq!(failed("jwt_vc_json", other), ["check.signature"]);
        let unknown = |of: &mut Value| of["dc+sd-jwt"] = json!("a.b.c~");
        assert_eq!(failed("dc+sd-jwt", unknown), ["check.form"]);
    }

    #[test]
    fn another_signature_is_none_and_what_nobody_signed_is_not_disclosed() {
        let signed = |name: &'static str| {
            move |of: &mut Value| {
                let text = of[name].as_str().unwrap().to_owned();
                let (jwt, rest) = text.split_once('~').unwrap_or((&text, ""));
                let (head, _) = jwt.rsplit_once('.').unwrap();
                of[name] = format!("{head}.{}~{rest}", BASE64URL_NOPAD.encode(&[1; 64])).into();
            }
        };
        assert!(failed("dc+sd-jwt", signed("dc+sd-jwt")).contains(&"check.signature"));
        let trimmed = |of: &mut Value| {
            signed("jwt_vc_json")(of);
            let text = of["jwt_vc_json"].as_str().unwrap().trim_end_matches('~').to_owned();
            of["jwt_vc_json"] = text.into();
        };
        assert_eq!(failed("jwt_vc_json", trimmed), ["check.signature"]);
        let disclosed = |of: &mut Value| {
            let more = BASE64URL_NOPAD.encode(br#"["salt","given_name","Jane"]"#);
            of["dc+sd-jwt"] = format!("{}{more}~", of["dc+sd-jwt"].as_str().unwrap()).into();
        };
        assert_eq!(failed("dc+sd-jwt", disclosed), ["check.digests"]);
    }

    #[test]
    fn an_element_of_a_document_is_the_one_that_was_signed() {
        let bytes = |of: &Value| BASE64URL_NOPAD.decode(of["mso_mdoc"].as_str().unwrap().as_bytes()).unwrap();
        let put = |of: &mut Value, bytes: &[u8]| of["mso_mdoc"] = BASE64URL_NOPAD.encode(bytes).into();
        let renamed = |of: &mut Value| {
            let mut all = bytes(of);
            let at = all.windows(5).position(|part| part == b"Smith").unwrap();
            all[at] = b'$';
            put(of, &all);
        };
        assert_eq!(failed("mso_mdoc", renamed), ["check.digests"]);
        let resigned = |of: &mut Value| {
            let mut all = bytes(of);
            let at = all.windows(8).position(|part| part == b"validFro").unwrap();
            // A digit of the date.
            all[at + 14] ^= 1;
            put(of, &all);
        };
        assert!(failed("mso_mdoc", resigned).contains(&"check.signature"));
    }
}
