//! TLS: which suites, and which certificates of clients.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, ServerConfig, SignatureScheme,
    SupportedProtocolVersion,
};

/// How connections are protected.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    /// Names of cipher suites (`TLS13_AES_256_GCM_SHA384`), the preferred first; empty for the library's choice,
    /// which is TLS 1.2 with forward secrecy and TLS 1.3.
    pub suites: Vec<String>,
    /// Whether clients are asked for a certificate. A browser that has one would ask its person which to send, so
    /// that this is for an address of its own (`mtls_endpoint_aliases`, RFC 8705 §5).
    pub client_certificates: bool,
    /// Versions (`1.2`, `1.3`); empty for both.
    pub versions: Vec<String>,
    /// PEM files with authorities that vouch for clients (RFC 8705 §2.1). Certificates of others are taken too: a client
    /// may have registered its own (§2.2). They are not taken for what these authorities say.
    pub client_authorities: Vec<PathBuf>,
}

/// A certificate and its key, ready for connections.
#[derive(Clone)]
pub struct Tls {
    pub(crate) config: Arc<ServerConfig>,
    authorities: Option<Arc<dyn ClientCertVerifier>>,
}

impl Tls {
    /// Reads a chain of certificates and the private key of the first, PEM.
    ///
    /// # Errors
    /// When a file cannot be read, key and certificate do not fit, or a suite is unknown.
    pub fn read(certificates: &Path, key: &Path, options: &TlsOptions) -> Result<Self, String> {
        let at = |path: &Path, e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let chain = CertificateDer::pem_file_iter(certificates)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|e| at(certificates, &e))?;
        let private = PrivateKeyDer::from_pem_file(key).map_err(|e| at(key, &e))?;
        let provider = Arc::new(provider(&options.suites)?);
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&versions(&options.versions)?)
            .map_err(|e| e.to_string())?;
        let authorities = authorities(&options.client_authorities, &provider)?;
        let builder = match options.client_certificates {
            true => {
                let algorithms = provider.signature_verification_algorithms;
                builder.with_client_cert_verifier(Arc::new(Presented(algorithms)))
            }
            false => builder.with_no_client_auth(),
        };
        let config = builder.with_single_cert(chain, private).map_err(|e| at(certificates, &e))?;
        Ok(Self { config: Arc::new(config), authorities })
    }

    /// Whether an authority that the operator trusts vouches for a client's certificate, the first of these.
    pub(crate) fn vouches(&self, presented: &[CertificateDer<'_>]) -> bool {
        let Some((own, path)) = presented.split_first() else { return false };
        let judged =
            self.authorities.as_ref().map(|trusted| trusted.verify_client_cert(own, path, UnixTime::now()));
        matches!(judged, Some(Ok(_)))
    }
}

fn versions(names: &[String]) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let all = [("1.2", &TLS12), ("1.3", &TLS13)];
    if names.is_empty() {
        return Ok(all.map(|(_, version)| version).to_vec());
    }
    let known = |name: &String| {
        let found = all.iter().find(|(known, _)| known == name).map(|(_, version)| *version);
        found.ok_or_else(|| format!("no TLS version '{name}'; there are 1.2 and 1.3"))
    };
    names.iter().map(known).collect()
}

fn authorities(
    files: &[PathBuf],
    provider: &Arc<CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, String> {
    if files.is_empty() {
        return Ok(None);
    }
    let mut roots = RootCertStore::empty();
    for path in files {
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        for certificate in CertificateDer::pem_file_iter(path).map_err(|e| at(&e))? {
            let added = certificate.map_err(|e| at(&e)).map(|certificate| roots.add(certificate))?;
            added.map_err(|e| at(&e))?;
        }
    }
    let builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    builder.build().map(Some).map_err(|e| format!("authorities of clients: {e}"))
}

fn provider(suites: &[String]) -> Result<CryptoProvider, String> {
    let mut provider = aws_lc_rs::default_provider();
    if suites.is_empty() {
        return Ok(provider);
    }
    let all = std::mem::take(&mut provider.cipher_suites);
    for name in suites {
        let known = all.iter().find(|suite| format!("{:?}", suite.suite()) == *name);
        let known = known.ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|suite| format!("{:?}", suite.suite())).collect();
            format!("no cipher suite '{name}'; there are {}", names.join(", "))
        })?;
        provider.cipher_suites.push(*known);
    }
    Ok(provider)
}

/// Takes any certificate whose key signs the handshake: self-signed ones are as good as others for clients that have
/// registered their own (RFC 8705 §2.2). Who vouches for one is told beside it, and whose it is the API judges.
#[derive(Debug)]
struct Presented(WebPkiSupportedAlgorithms);

impl ClientCertVerifier for Presented {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocalCa;

    #[test]
    fn versions_are_taken_by_name() {
        assert_eq!(versions(&[]).unwrap().len(), 2);
        assert_eq!(versions(&["1.3".to_owned()]).unwrap(), [&TLS13]);
        assert!(versions(&["1.1".to_owned()]).unwrap_err().contains("1.2 and 1.3"));
    }

    #[test]
    fn an_authority_vouches_for_its_own() {
        let folder = std::env::temp_dir().join(format!("placet-vouch-{}", std::process::id()));
        let [ours, theirs] = ["a", "b"].map(|name| LocalCa::open(&folder.join(name)).unwrap());
        let options =
            TlsOptions { client_authorities: vec![ours.authority.clone()], ..TlsOptions::default() };
        let read = |path: &Path| -> Vec<CertificateDer<'static>> {
            CertificateDer::pem_file_iter(path).unwrap().map(Result::unwrap).collect()
        };
        let tls = Tls::read(&ours.server.0, &ours.server.1, &options).unwrap();
        assert!(tls.vouches(&read(&ours.client.0)));
        assert!(!tls.vouches(&read(&theirs.client.0)) && !tls.vouches(&[]));
        // What an authority says of a server says nothing of a client.
        assert!(!tls.vouches(&read(&ours.server.0)));
        let nobody = Tls::read(&ours.server.0, &ours.server.1, &TlsOptions::default()).unwrap();
        assert!(!nobody.vouches(&read(&ours.client.0)));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn suites_are_taken_by_name_and_in_order() {
        let names = ["TLS13_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"].map(str::to_owned);
        let chosen = provider(&names).unwrap().cipher_suites;
        assert_eq!(chosen.iter().map(|suite| format!("{:?}", suite.suite())).collect::<Vec<_>>(), names);
        assert!(
            provider(&["TLS_RSA_WITH_RC4_128_SHA".to_owned()])
                .unwrap_err()
                .contains("TLS13_AES_128_GCM_SHA256")
        );
    }
}
