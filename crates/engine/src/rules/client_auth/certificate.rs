//! RFC 8705 §2 – `tls_client_auth` and `self_signed_tls_client_auth`

use placet_api::Reason;
use placet_jose::{Certificate, SubjectName};

use super::secret::misplaced;
use super::{Circumstances, Credentials};
use crate::fault::Fault;
use crate::tenant::{CertificateName, Client};

/// The certificate of a connection; `None` when it brought none.
pub(super) fn parse(text: Option<&str>) -> Result<Option<Certificate>, Fault> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => Ok(Some(Certificate::parse(text).ok_or(Reason::CertificateMalformed {})?)),
    }
}

fn presented<'a>(client: &Client, credentials: &'a Credentials<'_>) -> Result<&'a Certificate, Fault> {
    let params = credentials.params;
    let another = credentials.basic.is_some_and(|(_, secret)| !secret.is_empty())
        || params.one("client_secret")?.is_some()
        || params.one("client_assertion")?.is_some();
    if another {
        return Err(misplaced(client.authentication.method));
    }
    Ok(credentials.certificate.as_ref().ok_or(Reason::CertificateMissing {})?)
}

/// §2.1: a certificate that carries the registered name, and a chain to one of the service's roots where
/// the service judges chains. Without that, whoever ends the TLS connection has judged it.
pub(super) fn vouched(
    client: &Client,
    credentials: &Credentials<'_>,
    on: &Circumstances<'_>,
) -> Result<(), Fault> {
    let certificate = presented(client, credentials)?;
    let name = client.authentication.certificate_name.as_ref();
    let (kind, name) = name.ok_or(Reason::CertificateNameUnregistered {})?;
    let sender = &on.tenant.sender;
    if sender.chain_validated && !certificate.is_vouched_for(&credentials.path, &sender.roots, on.now) {
        return Err(Reason::CertificateUntrusted {}.into());
    }
    let expected = match kind {
        CertificateName::Dn => SubjectName::Dn(name),
        CertificateName::Dns => SubjectName::Dns(name),
        CertificateName::Uri => SubjectName::Uri(name),
        CertificateName::Ip => SubjectName::Ip(name),
        CertificateName::Email => SubjectName::Email(name),
    };
    if !certificate.carries(&expected) {
        return Err(Reason::CertificateNameDiffers {}.into());
    }
    Ok(())
}

/// §2.2: the certificate itself is registered, in the `x5c` of one of the client's keys.
pub(super) fn self_signed(
    client: &Client,
    credentials: &Credentials<'_>,
    on: &Circumstances<'_>,
) -> Result<(), Fault> {
    let certificate = presented(client, credentials)?;
    let keys = on.keys.ok_or(Reason::ClientKeysMissing {})?.keys();
    let kid = client.authentication.certificate_key.as_deref();
    let mut candidates = keys.iter().filter(|jwk| kid.is_none_or(|kid| jwk.kid() == Some(kid)));
    if !candidates.any(|jwk| jwk.certificate().is_some_and(|known| known.is(certificate))) {
        return Err(Reason::CertificateUnknown {}.into());
    }
    Ok(())
}
