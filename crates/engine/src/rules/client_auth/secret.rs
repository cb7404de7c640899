//! RFC 6749 §2.3.1 – `client_secret_basic` and `client_secret_post`

use placet_api::Reason;
use placet_base::registry::ClientAuthMethod;

use super::Credentials;
use crate::fault::Fault;

fn misplaced(method: ClientAuthMethod) -> Fault {
    Reason::CredentialsMisplaced { method: method.protocol_name().to_owned() }.into()
}

/// The secret of the header. §2.3: a client must not use more than one method.
pub(super) fn basic<'a>(credentials: &Credentials<'a>) -> Result<&'a str, Fault> {
    let method = ClientAuthMethod::ClientSecretBasic;
    if credentials.params.one("client_secret")?.is_some() {
        return Err(misplaced(method));
    }
    credentials.basic.map(|(_, secret)| secret).ok_or_else(|| misplaced(method))
}

/// The secret of the body.
pub(super) fn post<'a>(credentials: &Credentials<'a>) -> Result<&'a str, Fault> {
    let method = ClientAuthMethod::ClientSecretPost;
    if credentials.basic.is_some() {
        return Err(misplaced(method));
    }
    credentials.params.one("client_secret")?.ok_or_else(|| misplaced(method))
}

/// A public client has nothing to prove and must not pretend to.
pub(super) fn absent(credentials: &Credentials<'_>) -> Result<(), Fault> {
    let secret = credentials.params.one("client_secret")?.is_some();
    if secret || credentials.basic.is_some_and(|(_, secret)| !secret.is_empty()) {
        return Err(Reason::PublicClientWithCredentials {}.into());
    }
    Ok(())
}
