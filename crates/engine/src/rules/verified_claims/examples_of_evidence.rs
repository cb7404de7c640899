//! OpenID Connect for Identity Assurance 1.0, its schema – each kind of evidence of its examples, asked for whole

use serde_json::{Value, json};

use super::examples::{answered, asking, of_a_bank};

/// With members like those of the examples.
fn kinds_of_evidence() -> Vec<(&'static str, Value)> {
    let checks = |method: &str| json!([{ "check_method": method, "organization": "Checkers", "txn": "t-1" }]);
    let verifier = json!({ "organization": "Checkers", "txn": "t-2" });
    let digest = json!({ "alg": "sha-256", "value": "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE=" });
    vec![
        (
            "a document with who verified it and how",
            json!({
                "type": "document", "time": "2025-04-22T11:30Z", "verifier": verifier,
                "check_details": checks("vpip"), "document_details": {
                    "type": "idcard", "issuer": { "name": "City", "country_code": "DEU" }, "document_number": "5",
                    "date_of_issuance": "2020-03-23", "date_of_expiry": "2030-03-22",
                },
            }),
        ),
        (
            "a statement of a utility, embedded",
            json!({
                "type": "document", "document_details": { "type": "utility_statement", "date_of_issuance": "2025-01-31" },
                "attachments": [{ "desc": "scan", "content_type": "image/png", "content": "iVBORw0KGgo=" }],
            }),
        ),
        (
            "a document that lies elsewhere",
            json!({
                "type": "document", "document_details": { "type": "passport" },
                "attachments": [{ "desc": "front", "digest": digest, "url": "https://files.example/1", "exp": 30 }],
            }),
        ),
        (
            "a record that somebody keeps",
            json!({
                "type": "electronic_record", "check_details": checks("kbv"), "record": {
                    "type": "mortgage_account", "personal_number": "1", "created_at": "1979-01-22",
                    "source": { "name": "Bank", "street_address": "1 Way", "country_code": "UTO" },
                    "derived_claims": { "family_name": "Meier" },
                },
            }),
        ),
        (
            "somebody who vouches",
            json!({
                "type": "vouch", "check_details": checks("vpip"), "attestation": {
                    "type": "digital_attestation", "reference_number": "6", "date_of_issuance": "2021-09-09",
                    "voucher": { "name": "V", "birthdate": "1976-03-11", "occupation": "judge" },
                    "derived_claims": { "birthdate": "1956-01-28" },
                },
            }),
        ),
        (
            "a signature",
            json!({
                "type": "electronic_signature", "signature_type": "qes_eidas", "issuer": "https://ca.example",
                "serial_number": "4", "created_at": "2021-03-01T10:00Z", "derived_claims": { "given_name": "Max" },
            }),
        ),
    ]
}

#[test]
fn each_kind_of_evidence_comes_as_it_was_given() {
    for (kind, entry) in kinds_of_evidence() {
        let mut user = of_a_bank();
        user["verification"]["assurance_level"] = json!("high");
        user["verification"]["assurance_process"] = json!({
            "policy": "p", "procedure": "1-2", "assurance_details": [{ "assurance_type": "evidence_validation" }],
        });
        user["verification"]["evidence"] = json!([entry]);
        // All that there is: a member is asked for by null, what is below an object by its own members.
        let mut asked = whole(&user["verification"]);
        asked["evidence"][0]["type"] = json!({ "value": entry["type"] });
        let expected = json!({ "verification": user["verification"], "claims": { "given_name": "Max" } });
        let request = asking(asked, json!({ "given_name": null }));
        assert_eq!(answered(&request, &user), Some(expected), "{kind}");
    }
}

/// What asks for all of a document.
pub(super) fn whole(of: &Value) -> Value {
    match of {
        // In a request, `value` would be what the object has to be (§5.5); a digest is asked for as one.
        Value::Object(members) if !members.contains_key("value") => {
            members.iter().map(|(name, value)| (name.clone(), whole(value))).collect()
        }
        Value::Array(items) if items.iter().any(Value::is_object) => items.iter().map(whole).collect(),
        _ => Value::Null,
    }
}
