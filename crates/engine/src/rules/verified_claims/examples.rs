//! OpenID Connect for Identity Assurance 1.0 §5 – what its examples ask for, and what comes of it, in facts

use std::collections::BTreeMap;

use placet_base::Timestamp;
use placet_base::registry::AttachmentType;
use serde_json::{Value, json};

use super::answer::{Material, answer};
use super::given::{GivenError, given};
use super::request::{RequestError, requested};
use super::shape::VERIFICATION;
use crate::tenant::SupportedVerifiedClaims;

/// 2026-01-01T00:00:00Z
const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn supported() -> SupportedVerifiedClaims {
    let frameworks =
        ["de_aml", "gold", "silver", "bronze", "eidas", "it_spid", "nist_800_63A", "uk_diatf", "se_bankid"];
    SupportedVerifiedClaims {
        trust_frameworks: frameworks.map(str::to_owned).to_vec(),
        attachments: vec![AttachmentType::Embedded, AttachmentType::External],
        ..SupportedVerifiedClaims::default()
    }
}

pub(super) fn answered(request: &Value, user: &Value) -> Option<Value> {
    let supported = supported();
    let material = Material {
        given: given(user, &supported).unwrap(),
        supported: &supported,
        consented: &["verified_claims".to_owned()],
        transformed: &BTreeMap::new(),
        sources: &[],
        now: NOW,
    };
    answer(&requested(request).unwrap(), material)
}

/// A user who was identified in a bank with an identity card.
pub(super) fn of_a_bank() -> Value {
    json!({
        "verification": {
            "trust_framework": "de_aml", "time": "2025-04-23T18:25Z", "verification_process": "f24c6f",
            "evidence": [
                {
                    "type": "document", "method": "pipp", "time": "2025-04-22T11:30Z",
                    "document_details": {
                        "type": "idcard", "document_number": "53554554", "date_of_expiry": "2030-03-22",
                        "date_of_issuance": "2020-03-23", "issuer": { "name": "City", "country": "DE" }
                    }
                },
                { "type": "electronic_signature", "signature_type": "qes", "issuer": "ca", "serial_number": "4" },
            ]
        },
        "claims": { "given_name": "Max", "family_name": "Meier", "birthdate": "1956-01-28" }
    })
}

pub(super) fn asking(verification: Value, claims: Value) -> Value {
    json!({ "verification": verification, "claims": claims })
}

#[test]
fn each_kind_of_request_is_answered() {
    let names = || json!({ "given_name": null, "family_name": null });
    let name = json!({ "given_name": "Max", "family_name": "Meier" });
    let document = |more: Value| {
        let mut entry = json!({ "type": { "value": "document" } });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "trust_framework": { "value": "de_aml" }, "evidence": [entry] })
    };
    let found = |evidence: Value| Some(json!({ "trust_framework": "de_aml", "evidence": [evidence] }));
    let table = [
        (json!({ "trust_framework": null }), Some(json!({ "trust_framework": "de_aml" }))),
        (
            json!({ "trust_framework": null, "time": null }),
            Some(json!({ "trust_framework": "de_aml", "time": "2025-04-23T18:25Z" })),
        ),
        // Evidence of a type, with its method and the type of the document.
        (
            document(json!({ "method": null, "document_details": { "type": null } })),
            found(json!({ "type": "document", "method": "pipp", "document_details": { "type": "idcard" } })),
        ),
        // Members of members.
        (
            document(json!({ "document_details": {
                "type": null, "issuer": { "country": null, "name": null }, "document_number": null,
            } })),
            found(json!({ "type": "document", "document_details": {
                "type": "idcard", "issuer": { "country": "DE", "name": "City" }, "document_number": "53554554",
            } })),
        ),
        // In person, with one of two documents.
        (
            document(json!({
                "method": { "value": "pipp" }, "document_details": { "type": { "values": ["idcard", "passport"] } },
            })),
            found(json!({ "type": "document", "method": "pipp", "document_details": { "type": "idcard" } })),
        ),
        (document(json!({ "method": { "value": "sripp" } })), None),
        // Not older than two years, and than a day.
        (
            json!({ "trust_framework": { "value": "de_aml" }, "time": { "max_age": 63_113_852 } }),
            Some(json!({ "trust_framework": "de_aml", "time": "2025-04-23T18:25Z" })),
        ),
        (json!({ "trust_framework": null, "time": { "max_age": 86_400 } }), None),
        // A date that lies ahead is not old.
        (
            document(json!({ "document_details": { "type": null, "date_of_expiry": { "max_age": 0 } } })),
            found(json!({ "type": "document", "document_details": {
                "type": "idcard", "date_of_expiry": "2030-03-22",
            } })),
        ),
        // One of several frameworks, or none of them.
        (json!({ "trust_framework": { "values": ["gold", "silver"] } }), None),
        // Nothing that was required can be told.
        (json!({ "trust_framework": null, "assurance_level": { "value": "high" } }), None),
        (
            json!({ "trust_framework": null, "assurance_level": null }),
            Some(json!({ "trust_framework": "de_aml" })),
        ),
    ];
    for (verification, expected) in table {
        let expected = expected.map(|verification| json!({ "verification": verification, "claims": name }));
        assert_eq!(
            answered(&asking(verification.clone(), names()), &of_a_bank()),
            expected,
            "{verification}"
        );
    }
}

#[test]
fn sets_under_different_frameworks_are_answered_one_by_one() {
    let user = |framework: &str, evidence: &str| {
        let mut set = of_a_bank();
        set["verification"] = json!({ "trust_framework": framework, "evidence": [{ "type": evidence }] });
        set
    };
    // Gold with a document, or silver or bronze with a record.
    let request = json!([
        asking(
            json!({ "trust_framework": { "value": "gold" }, "evidence": [{ "type": { "value": "document" } }] }),
            json!({ "given_name": null }),
        ),
        asking(
            json!({
                "trust_framework": { "values": ["silver", "bronze"] },
                "evidence": [{ "type": { "value": "electronic_record" } }],
            }),
            json!({ "family_name": null }),
        ),
    ]);
    let gold = json!({
        "verification": { "trust_framework": "gold", "evidence": [{ "type": "document" }] },
        "claims": { "given_name": "Max" },
    });
    let bronze = json!({
        "verification": { "trust_framework": "bronze", "evidence": [{ "type": "electronic_record" }] },
        "claims": { "family_name": "Meier" },
    });
    assert_eq!(answered(&request, &user("gold", "document")), Some(gold.clone()));
    assert_eq!(answered(&request, &user("gold", "electronic_record")), None);
    assert_eq!(answered(&request, &user("bronze", "electronic_record")), Some(bronze.clone()));
    let both = json!([user("bronze", "electronic_record"), user("gold", "document")]);
    assert_eq!(answered(&request, &both), Some(json!([gold, bronze])));
}

/// The cases that the schema's own collection has as wrong, and those that it has as right.
#[test]
fn what_the_schema_refuses_is_refused_by_name() {
    let evidence = |entry: Value| json!({ "trust_framework": "gold", "evidence": [entry] });
    let referring = |reference: Value| {
        let details = json!([{ "assurance_type": "t", "evidence_ref": [reference] }]);
        json!({ "trust_framework": "gold", "assurance_process": { "assurance_details": details } })
    };
    for (flaw, verification) in [
        ("trust_framework", json!({})),
        ("trust_framework", json!({ "trust_framework": null })),
        ("evidence", evidence(json!({ "type": "hearsay" }))),
        ("evidence", evidence(json!({ "method": "pipp" }))),
        ("evidence", json!({ "trust_framework": "gold", "evidence": {} })),
        ("type", evidence(json!({ "type": "document", "document_details": {} }))),
        ("type", evidence(json!({ "type": "electronic_record", "record": {} }))),
        ("type", evidence(json!({ "type": "vouch", "attestation": {} }))),
        ("check_method", evidence(json!({ "type": "vouch", "check_details": [{ "txn": "1" }] }))),
        ("check_details", evidence(json!({ "type": "vouch", "check_details": [] }))),
        ("check_id", referring(json!({ "txn": "1" }))),
        (
            "date_of_expiry",
            evidence(json!({
                "type": "document", "document_details": { "type": "idcard", "date_of_expiry": "soon" },
            })),
        ),
        (
            "country",
            evidence(json!({
                "type": "document", "document_details": { "type": "idcard", "issuer": { "country": 49 } },
            })),
        ),
    ] {
        assert_eq!(VERIFICATION.flaw("verification", &verification, false), Some(flaw), "{verification}");
    }
    for sound in [
        of_a_bank()["verification"].clone(),
        referring(json!({ "check_id": "1", "evidence_metadata": { "evidence_classification": "c" } })),
        evidence(json!({ "type": "vouch", "attestation": { "type": "a", "voucher": { "name": "V" } } })),
        json!({ "trust_framework": "gold", "time": "2021-05-11T14:29+02:00", "anything": [1] }),
    ] {
        assert_eq!(VERIFICATION.flaw("verification", &sound, false), None, "{sound}");
    }
    let former = evidence(json!({ "type": "utility_bill" }));
    assert_eq!(VERIFICATION.flaw("verification", &former, true), None);
}

#[test]
fn both_sides_have_bounds() {
    let one = asking(json!({ "trust_framework": null }), json!({ "name": null }));
    assert!(requested(&json!(vec![one.clone(); crate::budgets::REQUESTED_VERIFIED_CLAIMS])).is_ok());
    let many = json!(vec![one; crate::budgets::REQUESTED_VERIFIED_CLAIMS + 1]);
    assert_eq!(requested(&many), Err(RequestError::Excessive));
    let names = |count: usize| (0..count).map(|index| (format!("n{index}"), Value::Null)).collect::<Value>();
    let wide = |count| requested(&asking(json!({ "trust_framework": null }), names(count)));
    // The set, its two members, the trust framework.
    assert!(wide(crate::budgets::VERIFIED_CLAIMS_REQUEST - 4).is_ok());
    assert_eq!(wide(crate::budgets::VERIFIED_CLAIMS_REQUEST - 3), Err(RequestError::Excessive));
    let user = |count| {
        let set = json!({ "verification": { "trust_framework": "gold" }, "claims": names(count) });
        given(&set, &supported())
    };
    assert!(user(crate::budgets::GIVEN_VERIFIED_CLAIMS - 4).is_ok());
    assert_eq!(user(crate::budgets::GIVEN_VERIFIED_CLAIMS - 3), Err(GivenError::Excessive));
}
