//! What is handed on of a client's certificate.

use placet_sdk::presented::Basic;
use placet_sdk::registry::ClientAuthMethod;
use placet_sdk::types::Client;
use placet_sdk::{Answer, Error, Transport};

use crate::AuthServer;
use crate::certificate::Certificates;
use crate::forward::Forwarded;

/// The certificates of a call. A client that is known by what an authority says of it (`tls_client_auth`, RFC 8705 §2.1)
/// proves nothing with a certificate that no authority vouches for: anybody can write its name into one. Either whatever
/// ends TLS has looked at that, or the API does; where neither does, the certificate stays here.
pub(super) async fn certificates<T: Transport + 'static>(
    server: &AuthServer<T>,
    request: &Forwarded,
    basic: &Basic,
) -> Result<Certificates, Error> {
    let found = request.certificates(server.settings.proxy.as_ref());
    if server.settings.any_client_authority {
        return Ok(found);
    }
    let named = basic.id.clone().or_else(|| request.parameter("client_id"));
    let Some(id) = named.filter(|_| found.own.is_some() && !found.vouched_for) else { return Ok(found) };
    let client: Answer<Client> = match server.api.client_get(id).await {
        Ok(client) => client,
        Err(Error::Refused { status: 404, .. }) => return Ok(found),
        Err(Error::Refused { status: 401..=403, .. }) => return Ok(Certificates::default()),
        Err(e) => return Err(e),
    };
    let by_authority = client.token_auth_method == Some(ClientAuthMethod::TlsClientAuth);
    match by_authority && !api_validates(server).await? {
        true => Ok(Certificates::default()),
        false => Ok(found),
    }
}

/// Whether the API holds chains against authorities of the service.
async fn api_validates<T: Transport + 'static>(server: &AuthServer<T>) -> Result<bool, Error> {
    match server.api.service_get().await {
        Ok(service) => Ok(service.mutual_tls_validate_pki_cert_chain == Some(true)),
        Err(Error::Refused { status: 401..=404, .. }) => Ok(false),
        Err(e) => Err(e),
    }
}
