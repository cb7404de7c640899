//! Credentials of each format, made and signed, beside the bare signature. No HTTP: what a format costs is to be seen.

use placet_ambient::Entropy;
use placet_base::registry::JwsAlg;
use placet_base::{Timestamp, Ttl};
use placet_jose::{Jwk, SigningKey, Unsigned};
use placet_vc::sd_jwt::{Frame, Typ};
use placet_vc::{jwt_vc, mdoc, sd_jwt};
use serde_json::{Map, Value, json};

use super::Options;
use super::report::Report;
use super::signatures::{Work, key, per_second};

const ISSUER: &str = "https://issuer.example";
/// As many claims as the identity of a person has.
const CLAIMS: [&str; 10] = [
    "given_name",
    "family_name",
    "birth_date",
    "nationality",
    "resident_street",
    "resident_city",
    "resident_postal_code",
    "resident_country",
    "age_over_18",
    "document_number",
];
/// About as long as the certificate of an issuer.
const CERTIFICATE: [u8; 500] = [0x30; 500];

struct Issuer {
    key: SigningKey,
    holder: Jwk,
    claims: Map<String, Value>,
    now: Timestamp,
}

pub(super) fn measured(report: &mut Report, bare: f64, options: &Options) -> Result<(), String> {
    let issuer = Issuer::new()?;
    type Make = fn(&Issuer) -> Option<String>;
    let formats: [(&str, Make); 3] =
        [("dc+sd-jwt", Issuer::sd_jwt), ("mso_mdoc", Issuer::mdoc), ("jwt_vc_json", Issuer::jwt_vc)];
    for (format, make) in formats {
        make(&issuer).ok_or_else(|| format!("no {format}"))?;
        let made = per_second(options.round(), || assert!(make(&issuer).is_some(), "{format} has failed"));
        let name = format!("{format} of ten claims, {}, all cores", Work::Es256.name());
        report.bare(&name, made);
        report.figure(
            &format!("{name}: to the bare signature"),
            &format!("{:.2}", made / bare),
            "0.8 or more",
        );
    }
    Ok(())
}

impl Issuer {
    fn new() -> Result<Self, String> {
        let signing = Jwk::parse(&key(JwsAlg::Es256)?).and_then(|jwk| jwk.signing_key(JwsAlg::Es256));
        let holder = Jwk::parse(&key(JwsAlg::Es256)?).and_then(|jwk| Jwk::parse(&jwk.public()));
        let claims = CLAIMS.iter().map(|name| ((*name).to_owned(), json!(format!("of {name}"))));
        Ok(Self {
            key: signing.ok_or("no key")?,
            holder: holder.ok_or("no key")?,
            claims: claims.collect(),
            now: Timestamp::from_secs(1_800_000_000),
        })
    }

    fn until(&self) -> Timestamp {
        self.now + Ttl::secs(365 * 24 * 60 * 60)
    }

    fn signed(&self, unsigned: Unsigned) -> Option<String> {
        let input = unsigned.signing_input(&self.key);
        let signature = self.key.sign(input.as_bytes())?;
        Some(Unsigned::compact(input, &signature))
    }

    fn sd_jwt(&self) -> Option<String> {
        let mut payload = self.claims.clone();
        payload.insert("iss".to_owned(), ISSUER.into());
        payload.insert("vct".to_owned(), "https://issuer.example/identity".into());
        payload.insert("iat".to_owned(), self.now.as_secs().into());
        payload.insert("exp".to_owned(), self.until().as_secs().into());
        payload.insert("cnf".to_owned(), sd_jwt::confirmation(&self.holder));
        let entropy = Entropy::system();
        let made = sd_jwt::issue(payload, Typ::DcSdJwt, &Frame::leaves(), &mut |bytes| entropy.fill(bytes));
        let made = made.ok()?;
        Some(made.disclosures.attached_to(&self.signed(made.unsigned)?))
    }

    fn mdoc(&self) -> Option<String> {
        let claims =
            Map::from_iter([("org.example.identity".to_owned(), Value::Object(self.claims.clone()))]);
        let validity = mdoc::Validity {
            signed: self.now,
            valid_from: self.now,
            valid_until: self.until(),
            expected_update: None,
        };
        let document = mdoc::Document {
            doctype: "org.example.identity",
            claims: &claims,
            validity,
            device_key: &self.holder,
            status: None,
        };
        let entropy = Entropy::system();
        let made =
            mdoc::issue(&document, JwsAlg::Es256, &[CERTIFICATE.to_vec()], &mut |bytes| entropy.fill(bytes));
        let made = made.ok()?;
        let signature = self.key.sign(&made.signing_input())?;
        made.issued(&signature).ok()
    }

    fn jwt_vc(&self) -> Option<String> {
        let subject = Value::Object(self.claims.clone());
        let vc = Map::from_iter([
            ("type".to_owned(), json!(["VerifiableCredential", "Identity"])),
            ("credentialSubject".to_owned(), subject),
        ]);
        let issued = jwt_vc::Issued {
            issuer: ISSUER,
            at: self.now,
            until: Some(self.until()),
            holder: Some(&self.holder),
            status: None,
        };
        self.signed(jwt_vc::issue(vc, &issued).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_made() {
        let issuer = Issuer::new().unwrap();
        assert_eq!(issuer.sd_jwt().map(|text| text.split('~').count()), Some(CLAIMS.len() + 2));
        assert!(issuer.mdoc().is_some());
        assert_eq!(issuer.jwt_vc().map(|text| text.split('.').count()), Some(3));
    }
}
