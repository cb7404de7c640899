//! Values of settings that have no effect in this release, though the settings have one.

use placet_api::types::Service;

use super::credential_issuer::Oid4vciVersion;

/// The setting, and its value or the member of it.
pub fn of_service(document: &Service) -> Vec<(&'static str, &'static str)> {
    // Attesters are trusted through the roots of the service alone, whatever it says.
    let elsewhere = [
        (
            "clientAttesterRootsOnly",
            document.client_attester_roots_enabled,
            document.client_attester_roots_only,
        ),
        ("keyAttesterRootsOnly", document.key_attester_roots_enabled, document.key_attester_roots_only),
    ];
    let elsewhere = elsewhere.into_iter().filter(|(_, on, only)| *on == Some(true) && *only != Some(true));
    let elsewhere = elsewhere.map(|(name, ..)| (name, "false"));
    elsewhere.chain(unanswered(document)).collect()
}

/// An endpoint of a credential issuer that nothing here answers: batches are of the draft alone.
fn unanswered(document: &Service) -> Option<(&'static str, &'static str)> {
    let version = Oid4vciVersion::parse(document.oid4vci_version.as_deref());
    let metadata = document.credential_issuer_metadata.as_ref()?;
    let batches = metadata.batch_credential_endpoint.as_ref()?;
    let unanswered = !batches.is_empty() && version != Some(Oid4vciVersion::ImplementersDraft1);
    unanswered.then_some(("credentialIssuerMetadata", "batchCredentialEndpoint"))
}
