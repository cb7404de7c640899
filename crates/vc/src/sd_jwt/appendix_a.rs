//! RFC 9901, appendix A: credentials as they are issued or presented there, and what the verifier gets.

use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::claims::{Claims, Tolerance};
use placet_jose::jwt::Party;
use placet_jose::{Jwk, Parsed};
use serde_json::{Value, json};

use super::binding::{BindingError, KeyBinding, When, proven};
use super::read::{SdJwt, SdJwtError};
use super::verify::{Binding, Expected, verified};
use crate::hash::Hash;
use crate::testing::joined;

const FILE: &str = include_str!("appendix_a.txt");

/// When the key binding JWTs were made.
const NOW: i64 = 1_748_537_244;

/// A.5
fn issuer() -> Jwk {
    let key = json!({
        "kty": "EC", "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    });
    Jwk::parse(&key).unwrap()
}

fn cnf() -> Value {
    json!({ "jwk": {
        "kty": "EC", "crv": "P-256",
        "x": "TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc",
        "y": "ZxjiWWbZMQGHVWKVQ4hbSIirsVfuecCE6t4jT9F2HZQ",
    } })
}

/// The claims of the signed JWT, proven.
fn claims(text: &str) -> Claims {
    let key = issuer().verifying_key(JwsAlg::Es256).unwrap();
    Parsed::parse(SdJwt::parse(text).unwrap().jwt()).unwrap().verified(&key).unwrap()
}

fn disclosed(text: &str) -> Value {
    Value::Object(SdJwt::parse(text).unwrap().disclosed(&claims(text)).unwrap())
}

fn proof(text: &str, nonce: &str) -> Result<Jwk, SdJwtError> {
    let (now, tolerance) = (Timestamp::from_secs(NOW), Tolerance::exactly(0));
    let wanted = KeyBinding { nonce, audience: "https://verifier.example.org", oldest: 60 };
    let when = When { now, tolerance, algs: Set::EVERY };
    proven(&SdJwt::parse(text)?, &claims(text), &wanted, when)
}

#[test]
fn a_structured_payload_with_decoys() {
    let text = joined(FILE, "A.1 presented");
    assert_eq!(
        disclosed(&text),
        json!({
            "iss": "https://issuer.example.com", "iat": 1_683_000_000, "exp": 1_883_000_000,
            "address": { "region": "\u{6e2f}\u{533a}", "country": "JP" },
        })
    );
    let claims = claims(&text);
    // Some of both are decoys, which nothing tells apart.
    assert_eq!(claims["_sd"].as_array().unwrap().len(), 8);
    assert_eq!(claims["address"]["_sd"].as_array().unwrap().len(), 8);
    assert!(claims["_sd"].as_array().unwrap().iter().map(Value::as_str).is_sorted());
}

#[test]
fn verified_claims_whose_evidence_is_within_an_element() {
    let text = joined(FILE, "A.2 presented");
    assert_eq!(
        disclosed(&text),
        json!({
            "iss": "https://issuer.example.com", "iat": 1_683_000_000, "exp": 1_883_000_000,
            "verified_claims": {
                "verification": {
                    "trust_framework": "de_aml", "time": "2012-04-23T18:25Z", "evidence": [{ "method": "pipp" }],
                },
                "claims": {
                    "given_name": "Max", "family_name": "M\u{fc}ller",
                    "address": {
                        "locality": "Maxstadt", "postal_code": "12344", "country": "DE",
                        "street_address": "Weidenstra\u{df}e 22",
                    },
                },
            },
        })
    );
    // The method stands within the element, and means nothing without it.
    let sd_jwt = SdJwt::parse(&text).unwrap();
    let orphan = sd_jwt.presenting(|one| one.name() == Some("method"));
    let found = SdJwt::parse(&orphan).unwrap().disclosed(&claims(&text));
    assert_eq!(found.err(), Some(SdJwtError::Unreferenced));
}

fn pid() -> Value {
    json!({
        "vct": "urn:eudi:pid:de:1", "iss": "https://pid-issuer.bund.de.example",
        "iat": 1_683_000_000, "exp": 1_883_000_000,
        "given_name": "Erika", "family_name": "Mustermann", "birthdate": "1963-08-12",
        "address": {
            "street_address": "Heidestra\u{df}e 17", "locality": "K\u{f6}ln", "postal_code": "51147", "country": "DE",
        },
        "nationalities": ["DE"], "sex": 2, "birth_family_name": "Gabler",
        "place_of_birth": { "locality": "Berlin", "country": "DE" },
        "age_equal_or_over": { "12": true, "14": true, "16": true, "18": true, "21": true, "65": false },
        "age_in_years": 62, "age_birth_year": 1963, "issuance_date": "2020-03-11", "expiry_date": "2030-03-12",
        "issuing_authority": "DE", "issuing_country": "DE", "cnf": cnf(),
    })
}

#[test]
fn the_holder_of_a_pid_gets_it_whole() {
    let text = joined(FILE, "A.3 issued");
    assert_eq!(disclosed(&text), pid());
    assert_eq!(SdJwt::parse(&text).unwrap().disclosures().len(), 27);
    let (now, tolerance) = (Timestamp::from_secs(NOW), Tolerance::exactly(0));
    let issued_by = |iss: &str| iss == "https://pid-issuer.bund.de.example";
    let issuer_is = Party::Alone(&issued_by);
    let expected =
        Expected { algs: Set::EVERY, issuer: issuer_is, now, tolerance, binding: Binding::Unasked };
    let found = verified(&text, expected, |found| issuer().verifying_key(found.alg)).unwrap();
    assert_eq!(Value::Object(found.claims), pid());
}

#[test]
fn the_verifier_of_a_pid_gets_age_and_nationality() {
    let whole = joined(FILE, "A.3 issued");
    let sd_jwt = SdJwt::parse(&whole).unwrap();
    let of = |name: &str| sd_jwt.presenting(|one| one.name() == Some(name));
    // In the order of the example, of which the digest of the proof is made.
    let parts = ["age_equal_or_over", "18", "nationalities"].map(of);
    let shown = parts.iter().map(|part| part.split_once('~').unwrap().1).collect::<String>();
    let text = format!("{}~{shown}{}", sd_jwt.jwt(), joined(FILE, "A.3 key binding"));
    assert!(proof(&text, "1234567890").is_ok());
    assert_eq!(proof(&text, "1").err(), Some(SdJwtError::Binding(BindingError::Nonce)));
    assert_eq!(
        disclosed(&text),
        json!({
            "iss": "https://pid-issuer.bund.de.example", "iat": 1_683_000_000, "exp": 1_883_000_000,
            "vct": "urn:eudi:pid:de:1", "cnf": cnf(), "age_equal_or_over": { "18": true },
            "nationalities": ["DE"],
        })
    );
}

#[test]
fn a_credential_of_the_data_model_is_presented() {
    let text = joined(FILE, "A.4 presented");
    assert!(proof(&text, "1234567890").is_ok());
    let certificate = "COVID-19 Vaccination Certificate";
    assert_eq!(
        disclosed(&text),
        json!({
            "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/vaccination/v1"],
            "type": ["VerifiableCredential", "VaccinationCertificate"], "issuer": "https://example.com/issuer",
            "issuanceDate": "2023-02-09T11:01:59Z", "expirationDate": "2028-02-08T11:01:59Z",
            "name": certificate, "description": certificate,
            "credentialSubject": {
                "vaccine": {
                    "type": "Vaccine", "atcCode": "J07BX03", "medicinalProductName": "COVID-19 Vaccine Moderna",
                },
                "recipient": { "type": "VaccineRecipient" }, "type": "VaccinationEvent", "order": "3/3",
                "dateOfVaccination": "2021-06-23T13:40:12Z",
            },
            "cnf": cnf(),
        })
    );
}

/// §4.2.3, with values that the appendix prints beside each other.
#[test]
fn digests_are_those_of_the_appendix() {
    for (contents, digest) in [
        (
            r#"["2GLC42sKQveCfGfryNRN9w", "atcCode", "J07BX03"]"#,
            "1cF5hLwkhMNIaqfWJrXI7NMWedL-9f6Y2PA52yPjSZI",
        ),
        (r#"["Pc33JM2LchcU_lHggv_ufQ", "order", "3/3"]"#, "b0eUsvGP-ODDdFoY4NlzlXc3tDslWJtCJF75Nw8Oj_g"),
        (r#"["G02NSrQfjFXQ7Io09syajA", "gender", "Female"]"#, "3nzLq81M2oN06wdv1shHvOEJVxZ5KLmdDkHEDJABWEI"),
    ] {
        let disclosure = data_encoding::BASE64URL_NOPAD.encode(contents.as_bytes());
        assert_eq!(Hash::SHA256.of_text(&disclosure), digest);
    }
}
