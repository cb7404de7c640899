//! RFC 6749 §2.3.1 – `client_secret_basic` and `client_secret_post`

use placet_api::Reason;
use placet_base::Secret;
use placet_base::registry::ClientAuthMethod;

use super::Credentials;
use crate::fault::Fault;

pub(super) fn misplaced(method: ClientAuthMethod) -> Fault {
    Reason::CredentialsMisplaced { method: method.protocol_name().to_owned() }.into()
}

/// The client knows its secret, or has none to know.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proven(());

/// Credentials of one method at most.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OneSecret(());

/// §2.3, §5.2: a client must not use more than one method in a request.
pub(super) fn in_one_way(credentials: &Credentials<'_>) -> Result<OneSecret, Fault> {
    let params = credentials.params;
    let ways = [
        credentials.basic.is_some_and(|(_, secret)| !secret.is_empty()),
        params.one("client_secret")?.is_some(),
        params.one("client_assertion")?.is_some(),
        credentials.is_attested(),
    ];
    match ways.into_iter().filter(|way| *way).count() {
        0 | 1 => Ok(OneSecret(())),
        _ => Err(Reason::CredentialsTwice {}.into()),
    }
}

/// The secret of the header.
pub(super) fn basic(credentials: &Credentials<'_>, expected: &Secret) -> Result<Proven, Fault> {
    let method = ClientAuthMethod::ClientSecretBasic;
    let (_, secret) = credentials.basic.ok_or_else(|| misplaced(method))?;
    same(expected, secret)
}

/// The secret of the body.
pub(super) fn post(credentials: &Credentials<'_>, expected: &Secret) -> Result<Proven, Fault> {
    let method = ClientAuthMethod::ClientSecretPost;
    let secret = credentials.params.one("client_secret")?.ok_or_else(|| misplaced(method))?;
    same(expected, secret)
}

fn same(expected: &Secret, presented: &str) -> Result<Proven, Fault> {
    if expected.matches(presented) { Ok(Proven(())) } else { Err(Reason::SecretWrong {}.into()) }
}

/// A public client has nothing to prove and must not pretend to.
pub(super) fn absent(credentials: &Credentials<'_>) -> Result<Proven, Fault> {
    let params = credentials.params;
    let secret = params.one("client_secret")?.is_some() || params.one("client_assertion")?.is_some();
    if secret || credentials.is_attested() || credentials.basic.is_some_and(|(_, secret)| !secret.is_empty())
    {
        return Err(Reason::PublicClientWithCredentials {}.into());
    }
    Ok(Proven(()))
}
