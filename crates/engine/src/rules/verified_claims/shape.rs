//! OpenID Identity Assurance Schema Definition 1.0 §5 – what verified claims look like

use serde_json::Value;

use super::{attachment, moment};

/// What a value must be. Members that are not named here may be anything.
pub enum Shape {
    Text,
    /// A date, or a time of a time zone.
    Moment,
    /// Members, those that must be there among them.
    Object(&'static [(&'static str, &'static Shape)], &'static [&'static str]),
    /// One at least.
    List(&'static Shape),
    Evidence,
    Attachment,
}

use Shape::{Attachment, Evidence, List, Moment, Object, Text};

/// The types of evidence, and those of former drafts, which `standard+id_document` adds.
const EVIDENCE: [&str; 4] = ["document", "electronic_record", "vouch", "electronic_signature"];
const FORMER_EVIDENCE: [&str; 2] = ["id_document", "utility_bill"];

pub static VERIFICATION: Shape = Object(
    &[
        ("trust_framework", &Text),
        ("assurance_level", &Text),
        ("assurance_process", &ASSURANCE_PROCESS),
        ("time", &Moment),
        ("verification_process", &Text),
        ("evidence", &List(&Evidence)),
    ],
    &["trust_framework"],
);

static ASSURANCE_PROCESS: Shape =
    Object(&[("policy", &Text), ("procedure", &Text), ("assurance_details", &List(&ASSURANCE_DETAIL))], &[]);

static ASSURANCE_DETAIL: Shape = Object(
    &[
        ("assurance_type", &Text),
        ("assurance_classification", &Text),
        ("evidence_ref", &List(&EVIDENCE_REFERENCE)),
    ],
    &[],
);

static EVIDENCE_REFERENCE: Shape = Object(
    &[("check_id", &Text), ("evidence_metadata", &Object(&[("evidence_classification", &Text)], &[]))],
    &["check_id"],
);

static ENTRY: Shape = Object(
    &[
        ("type", &Text),
        ("attachments", &List(&Attachment)),
        ("check_details", &List(&CHECK)),
        ("method", &Text),
        ("verifier", &Object(&[("organization", &Text), ("txn", &Text)], &[])),
        ("time", &Moment),
        ("document_details", &DOCUMENT),
        ("record", &RECORD),
        ("attestation", &ATTESTATION),
        ("signature_type", &Text),
        ("serial_number", &Text),
        ("created_at", &Moment),
    ],
    &["type"],
);

static CHECK: Shape = Object(
    &[("check_method", &Text), ("organization", &Text), ("check_id", &Text), ("time", &Moment)],
    &["check_method"],
);

static DOCUMENT: Shape = Object(
    &[
        ("type", &Text),
        ("document_number", &Text),
        ("serial_number", &Text),
        ("personal_number", &Text),
        ("date_of_issuance", &Moment),
        ("date_of_expiry", &Moment),
        ("issuer", &PARTY),
        ("derived_claims", &Object(&[], &[])),
    ],
    &["type"],
);

static RECORD: Shape = Object(
    &[
        ("type", &Text),
        ("created_at", &Moment),
        ("date_of_expiry", &Moment),
        ("source", &PARTY),
        ("derived_claims", &Object(&[], &[])),
    ],
    &["type"],
);

static ATTESTATION: Shape = Object(
    &[
        ("type", &Text),
        ("reference_number", &Text),
        ("date_of_issuance", &Moment),
        ("date_of_expiry", &Moment),
        ("voucher", &PARTY),
        ("derived_claims", &Object(&[], &[])),
    ],
    &["type"],
);

/// Whoever has issued a document, holds a record, or vouches.
static PARTY: Shape = Object(
    &[
        ("name", &Text),
        ("birthdate", &Text),
        ("formatted", &Text),
        ("street_address", &Text),
        ("locality", &Text),
        ("region", &Text),
        ("postal_code", &Text),
        ("country", &Text),
        ("country_code", &Text),
        ("jurisdiction", &Text),
        ("occupation", &Text),
        ("organization", &Text),
    ],
    &[],
);

impl Shape {
    /// What of a value is not what it must be, by its name; `former` where types of former drafts are known.
    pub fn flaw(&'static self, name: &'static str, value: &Value, former: bool) -> Option<&'static str> {
        let sound = match (self, value) {
            (Text, value) => value.is_string(),
            (Moment, value) => value.as_str().and_then(moment::end).is_some(),
            (Attachment, value) => attachment::is_sound(value),
            (Evidence, entry) => match entry.get("type").and_then(Value::as_str) {
                Some(kind) if is_known(kind, former) => return ENTRY.flaw(name, entry, former),
                _ => false,
            },
            (List(of), Value::Array(entries)) if !entries.is_empty() => {
                return entries.iter().find_map(|entry| of.flaw(name, entry, former));
            }
            (Object(members, required), Value::Object(object)) => {
                let missing = required.iter().find(|member| !object.contains_key(**member));
                let mut flaws = members.iter().filter_map(|(member, shape)| {
                    object.get(*member).and_then(|value| shape.flaw(member, value, former))
                });
                return missing.copied().or_else(|| flaws.next());
            }
            _ => false,
        };
        (!sound).then_some(name)
    }
}

fn is_known(kind: &str, former: bool) -> bool {
    EVIDENCE.contains(&kind) || former && FORMER_EVIDENCE.contains(&kind)
}
