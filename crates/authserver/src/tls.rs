//! TLS: which suites, and which certificates of clients.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};

/// How connections are protected.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    /// Names of cipher suites (`TLS13_AES_256_GCM_SHA384`), the preferred first; empty for the library's choice,
    /// which is TLS 1.2 with forward secrecy and TLS 1.3.
    pub suites: Vec<String>,
    /// Whether clients are asked for a certificate. A browser that has one would ask its person which to send, so
    /// that this is for an address of its own (`mtls_endpoint_aliases`, RFC 8705 §5).
    pub client_certificates: bool,
}

/// A certificate and its key, ready for connections.
#[derive(Clone)]
pub struct Tls(pub(crate) Arc<ServerConfig>);

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
            .with_safe_default_protocol_versions()
            .map_err(|e| e.to_string())?;
        let builder = match options.client_certificates {
            true => {
                let algorithms = provider.signature_verification_algorithms;
                builder.with_client_cert_verifier(Arc::new(Presented(algorithms)))
            }
            false => builder.with_no_client_auth(),
        };
        let config = builder.with_single_cert(chain, private).map_err(|e| at(certificates, &e))?;
        Ok(Self(Arc::new(config)))
    }
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

/// Takes any certificate whose key signs the handshake. Whose it is, and who vouches for it, the API judges by what
/// the client has registered (RFC 8705 §2): self-signed ones are as good as others there.
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
