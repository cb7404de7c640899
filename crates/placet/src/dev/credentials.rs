//! The demo service as an issuer of credentials: kinds of them in each format, and a key with certificates to sign them.

use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use placet_sdk::registry::GrantType;
use placet_sdk::types::{self, CredentialIssuerMetadata, Scope, Service, TaggedValue};
use placet_server::keys::key_set;
use placet_server::serve::{StartError, write_private};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// Which of them comes later, and after how many seconds.
pub(crate) const DEFERRED: (&str, i64) = ("diploma", 5);

/// As long as the certificates last, and the credentials: seconds.
const CREDENTIAL: i64 = 30 * 24 * 3600;
const CERTIFICATE: Duration = Duration::days(3650);

/// ISO/IEC 18013-5 B.1.4: who signs mobile documents.
const DOCUMENT_SIGNER: [u64; 6] = [1, 0, 18013, 5, 1, 2];

/// Who vouches for the signer: a file for verifiers to trust, and its key.
pub(crate) struct CredentialAuthority {
    pub(crate) root: PathBuf,
    key: PathBuf,
    now: i64,
}

impl CredentialAuthority {
    /// In the folder `credentials` beside the store; `now`: seconds since the epoch.
    pub(crate) fn open(directory: &Path, now: i64) -> Result<Self, StartError> {
        let folder = directory.join("credentials");
        let authority = Self { root: folder.join("root.pem"), key: folder.join("root.key"), now };
        if !authority.root.is_file() || !authority.key.is_file() {
            std::fs::create_dir_all(&folder)
                .map_err(|e| StartError::new(format!("{}: {e}", folder.display())))?;
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(StartError::new)?;
            let root = authority.params().self_signed(&key).map_err(StartError::new)?;
            write_private(&authority.root, &root.pem()).map_err(StartError::new)?;
            write_private(&authority.key, &key.serialize_pem()).map_err(StartError::new)?;
        }
        Ok(authority)
    }

    /// What verifiers trust, DER.
    pub(crate) fn certificate(&self) -> Result<Vec<u8>, StartError> {
        CertificateDer::from_pem_file(&self.root).map(|der| der.to_vec()).map_err(StartError::new)
    }

    fn params(&self) -> CertificateParams {
        let mut params = self.named("placet demo credential authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params
    }

    fn named(&self, name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        // ISO/IEC 18013-5 B.1 wants a country.
        params.distinguished_name.push(DnType::CountryName, "ZZ");
        params.distinguished_name.push(DnType::CommonName, name);
        let now = OffsetDateTime::from_unix_timestamp(self.now).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        (params.not_before, params.not_after) = (now - Duration::days(1), now + CERTIFICATE);
        params
    }

    /// A key set with one key, and a certificate for what this issuer signs.
    fn signer(&self, issuer: &str) -> Result<String, Box<dyn std::error::Error>> {
        let authority = KeyPair::from_pem(&std::fs::read_to_string(&self.key)?)?;
        let authority = Issuer::new(self.params(), authority);
        let mut params = self.named("placet demo credential signer");
        params.subject_alt_names = vec![SanType::URI(issuer.try_into()?)];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(DOCUMENT_SIGNER.to_vec())];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params.signed_by(&key, &authority)?;
        let x5c = [BASE64.encode(certificate.der())];
        let mut jwk = jwk(&key)?;
        jwk["x5c"] = json!(x5c);
        Ok(json!({ "keys": [jwk] }).to_string())
    }
}

/// A key on the curve P-256, as a JWK.
fn jwk(key: &KeyPair) -> Result<Value, Box<dyn std::error::Error>> {
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.serialized_der())?;
    let secret: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes()?;
    // SEC 1 §2.3.3: one octet, and both coordinates.
    let (x, y) = key.public_key_raw().get(1..65).ok_or("a key of another curve")?.split_at(32);
    let text = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    Ok(json!({
        "kty": "EC", "crv": "P-256", "x": text(x), "y": text(y), "d": text(secret.as_ref()),
        "kid": "credentials", "alg": "ES256", "use": "sig",
    }))
}

/// Makes the service an issuer of the demo credentials, in addition to what it is. One that has moved gets another
/// certificate, which names the place that it is at now.
pub(crate) fn furnish(
    service: &mut Service,
    issuer: &str,
    authority: &CredentialAuthority,
) -> Result<(), StartError> {
    let known = service.credential_issuer_metadata.take().unwrap_or_default();
    if service.credential_jwks.is_none() || known.credential_issuer.as_deref() != Some(issuer) {
        service.credential_jwks = Some(authority.signer(issuer).map_err(|e| StartError::new(e.to_string()))?);
    }
    let requests = match known.credential_request_encryption_jwks {
        Some(keys) => keys,
        None => key_set(&["ECDH-ES"]).map_err(StartError::new)?,
    };
    service.verifiable_credentials_enabled = Some(true);
    service.oid4vci_version = Some("1.0".to_owned());
    service.credential_duration = Some(CREDENTIAL);
    service.credential_status_list_uri = Some(format!("{issuer}/statuses"));
    service.credential_jwks_uri = Some(format!("{issuer}/credential_jwks"));
    service.credential_issuer_metadata = Some(metadata(issuer, with_names(&requests)));
    add(&mut service.supported_grant_types, [GrantType::PreAuthorizedCode]);
    add(&mut service.supported_authorization_details_types, ["openid_credential".to_owned()]);
    let scopes = service.supported_scopes.get_or_insert_default();
    for (name, english, japanese) in NAMES {
        if !scopes.iter().any(|scope| scope.name.as_deref() == Some(name)) {
            scopes.push(scope(name, english, japanese));
        }
    }
    Ok(())
}

/// What a wallet among the demo clients is registered with, in addition to what it has.
pub(crate) fn wallet(client: &mut types::Client) {
    add(&mut client.grant_types, [GrantType::PreAuthorizedCode]);
    add(&mut client.authorization_details_types, ["openid_credential".to_owned()]);
}

/// Whether a client is one of those already.
pub(crate) fn is_wallet(client: &types::Client) -> bool {
    client.grant_types.iter().flatten().any(|grant| *grant == GrantType::PreAuthorizedCode)
}

fn add<T: PartialEq, const N: usize>(list: &mut Option<Vec<T>>, more: [T; N]) {
    let list = list.get_or_insert_default();
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}

/// Keys for requests have names (OpenID for Verifiable Credential Issuance 1.0 §10).
fn with_names(keys: &str) -> String {
    let mut keys: Value = serde_json::from_str(keys).unwrap_or_default();
    for key in keys["keys"].as_array_mut().into_iter().flatten() {
        key["kid"] = "requests".into();
    }
    keys.to_string()
}

/// The kinds, and what they are called.
const NAMES: [(&str, &str, &str); 4] = [
    ("identity", "Identity card", "身分証明書"),
    ("mdl", "Driving licence", "運転免許証"),
    ("membership", "Membership card", "会員証"),
    ("diploma", "Diploma", "卒業証書"),
];

fn scope(name: &str, english: &str, japanese: &str) -> Scope {
    Scope {
        name: Some(name.to_owned()),
        description: Some(format!("Get a credential: {english}")),
        descriptions: Some(vec![TaggedValue {
            tag: Some("ja".to_owned()),
            value: Some(format!("証明書の取得：{japanese}")),
        }]),
        ..Scope::default()
    }
}

fn metadata(issuer: &str, requests: String) -> CredentialIssuerMetadata {
    let texts = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
    CredentialIssuerMetadata {
        credential_issuer: Some(issuer.to_owned()),
        credential_endpoint: Some(format!("{issuer}/credential")),
        deferred_credential_endpoint: Some(format!("{issuer}/deferred_credential")),
        nonce_endpoint: Some(format!("{issuer}/nonce")),
        credentials_supported: Some(configurations().to_string()),
        batch_size: Some(10),
        // As published clients of the API read it.
        credential_response_encryption_alg_values_supported: texts(&["ECDH_ES"]),
        credential_response_encryption_enc_values_supported: texts(&["A128GCM", "A256GCM"]),
        credential_request_encryption_jwks: Some(requests),
        credential_request_encryption_enc_values_supported: texts(&["A128GCM", "A256GCM"]),
        display: Some(json!([{ "name": "Demo service" }]).to_string()),
        ..CredentialIssuerMetadata::default()
    }
}

/// `credential_configurations_supported` (§12.2.4).
fn configurations() -> Value {
    const LICENCE: [&str; 10] = [
        "given_name",
        "family_name",
        "birth_date",
        "issue_date",
        "expiry_date",
        "issuing_country",
        "issuing_authority",
        "document_number",
        "driving_privileges",
        "un_distinguishing_sign",
    ];
    let all = NAMES.map(|(name, english, japanese)| {
        let mut one = match name {
            "identity" => sd_jwt(
                "urn:placet:demo:identity",
                &["given_name", "family_name", "birthdate", "email", "address"],
            ),
            "mdl" => mdoc("org.iso.18013.5.1.mDL", "org.iso.18013.5.1", &LICENCE),
            "membership" => jwt_vc("MembershipCredential", &["given_name", "family_name", "email"]),
            _ => sd_jwt("urn:placet:demo:diploma", &["given_name", "family_name", "birthdate"]),
        };
        let display =
            [json!({ "name": english, "locale": "en" }), json!({ "name": japanese, "locale": "ja" })];
        one["scope"] = name.into();
        one["credential_metadata"]["display"] = json!(display);
        one["proof_types_supported"] =
            json!({ "jwt": { "proof_signing_alg_values_supported": ["ES256", "ES384", "EdDSA"] } });
        (name.to_owned(), one)
    });
    Value::Object(all.into_iter().collect())
}

fn sd_jwt(vct: &str, names: &[&str]) -> Value {
    json!({
        "format": "dc+sd-jwt", "vct": vct, "cryptographic_binding_methods_supported": ["jwk"],
        "credential_signing_alg_values_supported": ["ES256"],
        "credential_metadata": { "claims": claims(&[], names) },
    })
}

fn mdoc(doctype: &str, space: &str, names: &[&str]) -> Value {
    json!({
        "format": "mso_mdoc", "doctype": doctype, "cryptographic_binding_methods_supported": ["cose_key"],
        // RFC 9053 §2.1: ES256
        "credential_signing_alg_values_supported": [-7],
        "credential_metadata": { "claims": claims(&[space], names) },
    })
}

fn jwt_vc(kind: &str, names: &[&str]) -> Value {
    json!({
        "format": "jwt_vc_json", "credential_definition": { "type": ["VerifiableCredential", kind] },
        "cryptographic_binding_methods_supported": ["jwk"], "credential_signing_alg_values_supported": ["ES256"],
        "credential_metadata": { "claims": claims(&["credentialSubject"], names) },
    })
}

fn claims(before: &[&str], names: &[&str]) -> Vec<Value> {
    let path = |name: &str| before.iter().copied().chain([name]).map(Value::from).collect::<Value>();
    names.iter().map(|name| json!({ "path": path(name) })).collect()
}
