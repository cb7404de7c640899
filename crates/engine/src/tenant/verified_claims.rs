//! What a service says of its verified claims.

use placet_api::types::Service;
use placet_base::registry::{AttachmentType, VerifiedClaimsValidationSchema};

use super::settings::on;

/// What a service says of its verified claims. Without trust frameworks it has none, without attachments none of them;
/// each of the other lists restricts what is given as soon as it has an entry.
#[derive(Clone, Debug, Default)]
pub struct SupportedVerifiedClaims {
    pub trust_frameworks: Vec<String>,
    pub claims: Vec<String>,
    pub evidence: Vec<String>,
    /// Types of documents, those under their older name among them.
    pub documents: Vec<String>,
    pub methods: Vec<String>,
    pub validation_methods: Vec<String>,
    pub verification_methods: Vec<String>,
    pub check_methods: Vec<String>,
    pub records: Vec<String>,
    pub attachments: Vec<AttachmentType>,
    pub digest_algorithms: Vec<String>,
    /// Types of evidence of former drafts are known.
    pub former_evidence: bool,
    /// External attachments get access tokens of their own.
    pub attachment_tokens: bool,
}

/// OpenID Connect for Identity Assurance 1.0 §7: what evidence and attachments do not stand without.
pub(super) fn unusable(document: &Service) -> Option<&'static str> {
    let none = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    let records = document.supported_evidence.iter().flatten().any(|name| name == "electronic_record");
    (records && none(&document.supported_electronic_records)).then_some("supportedElectronicRecords")
}

fn list(values: &Option<Vec<String>>) -> Vec<String> {
    values.clone().unwrap_or_default()
}

/// A list and its namesake of an older draft.
fn either(values: &Option<Vec<String>>, former: &Option<Vec<String>>) -> Vec<String> {
    values.iter().chain(former).flatten().cloned().collect()
}

pub(super) fn compile(document: &Service) -> SupportedVerifiedClaims {
    let former = Some(VerifiedClaimsValidationSchema::StandardAndIdDocument);
    SupportedVerifiedClaims {
        trust_frameworks: list(&document.supported_trust_frameworks),
        claims: list(&document.supported_verified_claims),
        evidence: list(&document.supported_evidence),
        documents: either(&document.supported_documents, &document.supported_identity_documents),
        methods: either(&document.supported_documents_methods, &document.supported_verification_methods),
        validation_methods: list(&document.supported_documents_validation_methods),
        verification_methods: list(&document.supported_documents_verification_methods),
        check_methods: list(&document.supported_documents_check_methods),
        records: list(&document.supported_electronic_records),
        attachments: document.supported_attachments.clone().unwrap_or_default(),
        digest_algorithms: list(&document.supported_digest_algorithms),
        former_evidence: document.verified_claims_validation_schema_set == former,
        attachment_tokens: on(document.access_token_for_external_attachment_embedded),
    }
}
