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

/// Endpoints of a credential issuer that nothing here answers.
fn unanswered(document: &Service) -> impl Iterator<Item = (&'static str, &'static str)> {
    let metadata = document.credential_issuer_metadata.clone().unwrap_or_default();
    // Batches are of the draft alone.
    let version = Oid4vciVersion::parse(document.oid4vci_version.as_deref());
    let batches = version == Some(Oid4vciVersion::ImplementersDraft1);
    let endpoints = [
        ("batchCredentialEndpoint", metadata.batch_credential_endpoint.filter(|_| !batches)),
        ("notificationEndpoint", metadata.notification_endpoint),
    ];
    let set = endpoints.into_iter().filter(|(_, uri)| uri.as_ref().is_some_and(|uri| !uri.is_empty()));
    set.map(|(name, _)| ("credentialIssuerMetadata", name))
}
