//! A certificate authority for one machine, made on the spot: for trying TLS without buying anything.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256,
};

/// Where the certificates of a local authority are.
pub struct LocalCa {
    /// The authority's certificate: what browsers and clients have to trust.
    pub authority: PathBuf,
    /// Certificate and key for the names of this machine.
    pub server: (PathBuf, PathBuf),
    /// Certificate and key for a client that proves itself by mutual TLS.
    pub client: (PathBuf, PathBuf),
}

impl LocalCa {
    /// The files in `folder`, made when they are not all there. Private keys are readable by their owner alone.
    ///
    /// # Errors
    /// When files cannot be written, or the cryptographic library refuses.
    pub fn open(folder: &Path) -> Result<Self, String> {
        let at = |name: &str| folder.join(name);
        let ca = Self {
            authority: at("ca.pem"),
            server: (at("server.pem"), at("server.key")),
            client: (at("client.pem"), at("client.key")),
        };
        let all = [&ca.authority, &ca.server.0, &ca.server.1, &ca.client.0, &ca.client.1];
        if !all.iter().all(|path| path.is_file()) {
            fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
            ca.make().map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        Ok(ca)
    }

    fn make(&self) -> Result<(), Box<dyn std::error::Error>> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.distinguished_name.push(DnType::CommonName, "placet local authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let authority = params.self_signed(&key)?;
        let issuer = Issuer::new(params, key);
        write(&self.authority, &authority.pem())?;
        // RSA, because FAPI 1.0 takes no other suites in TLS 1.2 (Part 2 §8.5).
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256)?;
        let usage = ExtendedKeyUsagePurpose::ServerAuth;
        let (certificate, private) = &self.server;
        write(certificate, &issued(&issuer, names, "localhost", usage, &key)?)?;
        write(private, &key.serialize_pem())?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let usage = ExtendedKeyUsagePurpose::ClientAuth;
        let (certificate, private) = &self.client;
        write(certificate, &issued(&issuer, Vec::new(), "placet demo client", usage, &key)?)?;
        Ok(write(private, &key.serialize_pem())?)
    }
}

fn issued(
    issuer: &Issuer<'_, KeyPair>,
    names: Vec<String>,
    common_name: &str,
    usage: ExtendedKeyUsagePurpose,
    key: &KeyPair,
) -> Result<String, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    params.use_authority_key_identifier_extension = true;
    Ok(params.signed_by(key, issuer)?.pem())
}

/// A file that only its owner may read.
fn write(path: &Path, text: &str) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = fs::remove_file(path);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{Tls, TlsOptions};

    #[test]
    fn what_is_made_serves_and_is_kept() {
        let folder = std::env::temp_dir().join(format!("placet-ca-{}", std::process::id()));
        let ca = LocalCa::open(&folder).unwrap();
        let (certificate, key) = &ca.server;
        assert!(Tls::read(certificate, key, &TlsOptions::default()).is_ok());
        assert!(Tls::read(certificate, &ca.client.1, &TlsOptions::default()).is_err());
        let before = fs::read(&ca.authority).unwrap();
        LocalCa::open(&folder).unwrap();
        assert_eq!(fs::read(&ca.authority).unwrap(), before);
        fs::remove_dir_all(&folder).unwrap();
    }
}
