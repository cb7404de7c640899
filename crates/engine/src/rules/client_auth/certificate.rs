//! RFC 8705 §2 – `tls_client_auth` and `self_signed_tls_client_auth`

use placet_api::Reason;
use placet_jose::{Certificate, SubjectName};

use super::secret::misplaced;
use super::{AuthenticationContext, Credentials};
use crate::fault::Fault;
use crate::tenant::{CertificateName, Chain, Client};

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
        || params.one("client_assertion")?.is_some()
        || credentials.is_attested();
    if another {
        return Err(misplaced(client.authentication.method));
    }
    Ok(credentials.certificate.as_ref().ok_or(Reason::CertificateMissing {})?)
}

/// A certificate that proves the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Proven(());

/// §2.1: a certificate that carries the registered name, with a chain to an authority that somebody has
/// validated: the engine, or whatever ends TLS, if the operator says so.
pub(super) fn vouched(
    client: &Client,
    credentials: &Credentials<'_>,
    on: &AuthenticationContext<'_>,
) -> Result<Proven, Fault> {
    let certificate = presented(client, credentials)?;
    let name = client.authentication.certificate_name.as_ref();
    let (kind, name) = name.ok_or(Reason::CertificateNameUnregistered {})?;
    match &on.tenant.sender.chain {
        Chain::Here { roots } if certificate.is_vouched_for(&credentials.path, roots, on.now) => {}
        Chain::Here { .. } => return Err(Reason::CertificateUntrusted {}.into()),
        Chain::WhereTlsEnds => {}
        Chain::Nowhere => return Err(Reason::CertificateChainUnjudged {}.into()),
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
    Ok(Proven(()))
}

/// §2.2: the certificate itself is registered, in the `x5c` of one of the client's keys.
pub(super) fn self_signed(
    client: &Client,
    credentials: &Credentials<'_>,
    on: &AuthenticationContext<'_>,
) -> Result<Proven, Fault> {
    let certificate = presented(client, credentials)?;
    let keys = on.keys.ok_or(Reason::ClientKeysMissing {})?.keys();
    let kid = client.authentication.certificate_key.as_deref();
    let mut candidates = keys.iter().filter(|jwk| kid.is_none_or(|kid| jwk.kid() == Some(kid)));
    if !candidates.any(|jwk| jwk.certificate().is_some_and(|known| known.is(certificate))) {
        return Err(Reason::CertificateUnknown {}.into());
    }
    Ok(Proven(()))
}
