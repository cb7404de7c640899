//! What this release can do of what the API has names for. Lists of services and clients may name more;
//! what is beyond them is left out, and whoever asks for it is told.

use placet_api::types::{Client, Service};
use placet_base::registry::ClientAuthMethod;

/// Whether a client can prove itself so; `none` is not a way to.
pub fn authentication(method: ClientAuthMethod) -> bool {
    match method {
        ClientAuthMethod::ClientSecretBasic
        | ClientAuthMethod::ClientSecretPost
        | ClientAuthMethod::ClientSecretJwt
        | ClientAuthMethod::PrivateKeyJwt
        | ClientAuthMethod::TlsClientAuth
        | ClientAuthMethod::SelfSignedTlsClientAuth
        | ClientAuthMethod::AttestJwtClientAuth
        | ClientAuthMethod::SpiffeJwt => true,
        ClientAuthMethod::None => false,
    }
}

fn unproven(methods: Option<&Vec<ClientAuthMethod>>) -> impl Iterator<Item = &'static str> {
    let unable = |method: &&ClientAuthMethod| **method != ClientAuthMethod::None && !authentication(**method);
    methods.into_iter().flatten().filter(unable).map(|method| method.api_name())
}

/// Values that a service lists and this release does nothing about: the setting, the value.
pub fn unsupported_by_service(document: &Service) -> Vec<(&'static str, &'static str)> {
    let token = unproven(document.supported_token_auth_methods.as_ref());
    let revocation = unproven(document.supported_revocation_auth_methods.as_ref());
    let token = token.map(|name| ("supportedTokenAuthMethods", name));
    let revocation = revocation.map(|name| ("supportedRevocationAuthMethods", name));
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
    token.chain(revocation).chain(elsewhere).chain(unanswered(document)).collect()
}

/// Endpoints of a credential issuer that nothing here answers.
fn unanswered(document: &Service) -> impl Iterator<Item = (&'static str, &'static str)> {
    let metadata = document.credential_issuer_metadata.clone().unwrap_or_default();
    let endpoints = [
        ("batchCredentialEndpoint", metadata.batch_credential_endpoint),
        ("deferredCredentialEndpoint", metadata.deferred_credential_endpoint),
        ("notificationEndpoint", metadata.notification_endpoint),
    ];
    let set = endpoints.into_iter().filter(|(_, uri)| uri.as_ref().is_some_and(|uri| !uri.is_empty()));
    set.map(|(name, _)| ("credentialIssuerMetadata", name))
}

/// The same of a client.
pub fn unsupported_by_client(document: &Client) -> Vec<(&'static str, &'static str)> {
    let method = document.token_auth_method.map(|method| vec![method]);
    unproven(method.as_ref()).map(|name| ("tokenAuthMethod", name)).collect()
}
