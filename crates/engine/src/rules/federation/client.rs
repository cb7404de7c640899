//! OpenID Federation 1.0 §5.1.2, §12.1.3 – the metadata of a client that a federation vouches for

use placet_api::Reason;
use placet_base::registry::{ClientAuthMethod, ClientRegistrationType};
use serde_json::Value;

use crate::fault::Fault;
use crate::rules::client_id_metadata_document::without_secrets;
use crate::rules::registration::Metadata;

/// Metadata of a client that may register in this way.
pub fn suited(metadata: Metadata, kind: ClientRegistrationType) -> Result<Metadata, Fault> {
    let wanted = kind.protocol_name();
    let types = metadata.get("client_registration_types").and_then(Value::as_array);
    // A client that does not say leaves it to others.
    if types.is_some_and(|types| !types.iter().any(|one| one == wanted)) {
        return Err(Reason::RegistrationTypeUnwanted { kind: wanted.to_owned() }.into());
    }
    let metadata = in_one_place(vouched_for(metadata));
    match kind {
        ClientRegistrationType::Explicit => Ok(metadata),
        // §12.1: nobody gets a secret, so that keys prove everything.
        ClientRegistrationType::Automatic => without_secrets(proving(metadata)),
    }
}

/// §6.1: superiors have said what the metadata may be. A software statement would go over that, and nobody in the chain has
/// seen it.
fn vouched_for(mut metadata: Metadata) -> Metadata {
    metadata.shift_remove("software_statement");
    metadata
}

/// §5.2.1: keys that stand in several places are the same: those that the chain vouches for go before those that the entity has
/// signed, and these before others.
fn in_one_place(mut metadata: Metadata) -> Metadata {
    let mut places = ["jwks", "signed_jwks_uri", "jwks_uri"].into_iter();
    let chosen = places.find(|place| metadata.contains_key(*place));
    metadata.retain(|name, _| !places.clone().any(|place| Some(place) != chosen && place == name));
    metadata
}

/// OpenID Connect Relying Party Metadata Choices §2: of several ways to authenticate, one that needs no secret.
fn proving(mut metadata: Metadata) -> Metadata {
    use ClientAuthMethod::{PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth};
    let listed = metadata.get("token_endpoint_auth_methods_supported").and_then(Value::as_array);
    let ways = [PrivateKeyJwt, SelfSignedTlsClientAuth, TlsClientAuth].map(ClientAuthMethod::protocol_name);
    let chosen =
        ways.into_iter().find(|way| listed.is_some_and(|listed| listed.iter().any(|one| one == way)));
    let chosen = chosen.unwrap_or(PrivateKeyJwt.protocol_name());
    metadata.entry("token_endpoint_auth_method").or_insert_with(|| chosen.into());
    metadata
}

/// Whether the client proves itself with a secret.
pub fn has_secret(method: Option<ClientAuthMethod>) -> bool {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost};
    matches!(method, None | Some(ClientSecretBasic | ClientSecretPost | ClientSecretJwt))
}
