//! OpenID for Verifiable Credential Issuance 1.0 §12.2.4 – the credentials that a service issues.

use placet_base::Scopes;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::jwt::asymmetric;
use placet_vc::sd_jwt::Typ;
use serde_json::{Map, Value, json};

use crate::budgets::CREDENTIAL_CONFIGURATIONS;

/// What can be asked for, by names.
#[derive(Default)]
pub struct CredentialConfigurations(Vec<(String, CredentialConfiguration)>);

/// One kind of credential.
pub struct CredentialConfiguration {
    /// As the operator wrote it.
    pub document: Map<String, Value>,
    pub format: CredentialFormat,
    /// What an authorization request may ask for it by (§5.1.2).
    pub scope: Option<String>,
    /// What it may be signed with.
    pub algs: Set<JwsAlg>,
    /// How a wallet proves the key that the credential is bound to; `None` where it is bound to none.
    pub proofs: Option<ProofTypes>,
}

/// Appendix A.
pub enum CredentialFormat {
    /// A.3
    SdJwtVc { typ: Typ, vct: String },
    /// A.2
    Mdoc { doctype: String },
    /// A.1.1
    JwtVc { types: Vec<String> },
}

/// Appendix F: which proofs are taken.
#[derive(Default)]
pub struct ProofTypes {
    /// F.1
    pub jwt: Option<ProofType>,
    /// F.3
    pub attestation: Option<ProofType>,
}

pub struct ProofType {
    pub algs: Set<JwsAlg>,
    /// §12.2.4, `key_attestations_required`.
    pub attested: Option<Attested>,
}

/// What an attester has to say of the keys; nothing where a list is empty.
#[derive(Default)]
pub struct Attested {
    pub key_storage: Vec<String>,
    pub user_authentication: Vec<String>,
}

/// A text that says nothing that could be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoConfigurations;

impl CredentialConfigurations {
    /// The value of `credential_configurations_supported`.
    pub fn parse(text: &str) -> Result<Self, NoConfigurations> {
        let named: Map<String, Value> = serde_json::from_str(text).map_err(|_| NoConfigurations)?;
        if named.is_empty() || named.len() > CREDENTIAL_CONFIGURATIONS {
            return Err(NoConfigurations);
        }
        let read = |(name, value): (String, Value)| Some((name, CredentialConfiguration::read(&value)?));
        named.into_iter().map(read).collect::<Option<_>>().map(Self).ok_or(NoConfigurations)
    }

    pub fn get(&self, name: &str) -> Option<&CredentialConfiguration> {
        self.iter().find(|(known, _)| *known == name).map(|(_, configuration)| configuration)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &CredentialConfiguration)> {
        self.0.iter().map(|(name, configuration)| (name.as_str(), configuration))
    }
}

impl CredentialConfiguration {
    fn read(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let scope = optional(members, "scope", |value| Some(value.as_str()?.to_owned()))?;
        let bound = optional(members, "cryptographic_binding_methods_supported", texts)?;
        // A proof shows its key; nobody looks it up here (§12.2.4, `did:…`).
        if bound.iter().flatten().any(|method| method.split(':').next() == Some("did")) {
            return None;
        }
        let proofs = optional(members, "proof_types_supported", ProofTypes::read)?;
        let format = CredentialFormat::read(members)?;
        // COMPAT: issuers of the first implementer's draft bind credentials without saying to what proofs, and an mdoc without saying
        // that it is bound: it always is (ISO/IEC 18013-5 §9.1.2.4).
        let is_bound = bound.is_some() || matches!(format, CredentialFormat::Mdoc { .. });
        let proofs = proofs.or_else(|| is_bound.then(ProofTypes::of_jwt));
        Some(Self {
            document: members.clone(),
            format,
            scope: match scope {
                Some(scope) if !Scopes::is_token(&scope) => return None,
                scope => scope,
            },
            algs: optional(members, "credential_signing_alg_values_supported", algs)?
                .unwrap_or_else(asymmetric),
            proofs,
        })
    }
}

impl CredentialFormat {
    fn read(members: &Map<String, Value>) -> Option<Self> {
        let text =
            |name: &str| members.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        match members.get("format")?.as_str()? {
            "dc+sd-jwt" => Some(Self::SdJwtVc { typ: Typ::DcSdJwt, vct: text("vct")? }),
            "vc+sd-jwt" => Some(Self::SdJwtVc { typ: Typ::VcSdJwt, vct: text("vct")? }),
            "mso_mdoc" => Some(Self::Mdoc { doctype: text("doctype")? }),
            "jwt_vc_json" => {
                let definition = members.get("credential_definition")?;
                Some(Self::JwtVc { types: texts(definition.get("type")?)? })
            }
            _ => None,
        }
    }

    /// What an issuer's own code tells one credential from another by.
    pub fn details(&self) -> Map<String, Value> {
        let (name, value) = match self {
            Self::SdJwtVc { vct, .. } => ("vct", json!(vct)),
            Self::Mdoc { doctype } => ("doctype", json!(doctype)),
            Self::JwtVc { types } => ("credential_definition", json!({ "type": types })),
        };
        Map::from_iter([(name.to_owned(), value)])
    }

    /// The format identifier.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SdJwtVc { typ: Typ::DcSdJwt, .. } => "dc+sd-jwt",
            Self::SdJwtVc { typ: Typ::VcSdJwt, .. } => "vc+sd-jwt",
            Self::Mdoc { .. } => "mso_mdoc",
            Self::JwtVc { .. } => "jwt_vc_json",
        }
    }
}

impl ProofTypes {
    fn of_jwt() -> Self {
        Self { jwt: Some(ProofType { algs: asymmetric(), attested: None }), attestation: None }
    }

    /// A type that nothing here judges is refused: a wallet would send it.
    fn read(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        let known = members.keys().all(|name| name == "jwt" || name == "attestation");
        let types = Self {
            jwt: optional(members, "jwt", ProofType::read)?,
            attestation: optional(members, "attestation", ProofType::read)?,
        };
        Some(types).filter(|_| known && !members.is_empty())
    }
}

impl ProofType {
    fn read(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        Some(Self {
            algs: algs(members.get("proof_signing_alg_values_supported")?)?,
            attested: optional(members, "key_attestations_required", Attested::read)?,
        })
    }
}

impl Attested {
    fn read(value: &Value) -> Option<Self> {
        let members = value.as_object()?;
        Some(Self {
            key_storage: optional(members, "key_storage", texts)?.unwrap_or_default(),
            user_authentication: optional(members, "user_authentication", texts)?.unwrap_or_default(),
        })
    }
}

/// A member that may be absent; `None` where it is there and cannot be read.
#[expect(clippy::option_option, reason = "absent and unreadable are different")]
fn optional<T>(
    members: &Map<String, Value>,
    name: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Option<Option<T>> {
    match members.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => read(value).map(Some),
    }
}

/// One text or more.
fn texts(value: &Value) -> Option<Vec<String>> {
    let texts: Option<Vec<_>> = value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect();
    texts.filter(|texts| !texts.is_empty())
}

/// Algorithms, by their names (RFC 7518 §3.1) or, for mdocs, by numbers (A.2.2; RFC 9053 §2.1, RFC 9864 §2.2). Those that
/// nothing here signs or verifies with are for others; one has to be left.
fn algs(value: &Value) -> Option<Set<JwsAlg>> {
    let known = |one: &Value| match one {
        Value::String(name) => JwsAlg::from_protocol(name),
        Value::Number(number) => match number.as_i64()? {
            -7 | -9 => Some(JwsAlg::Es256),
            -35 | -51 => Some(JwsAlg::Es384),
            -36 | -52 => Some(JwsAlg::Es512),
            -8 | -19 => Some(JwsAlg::EdDsa),
            _ => None,
        },
        _ => None,
    };
    let algs: Set<JwsAlg> =
        value.as_array()?.iter().filter_map(known).filter(|alg| alg.is_asymmetric()).collect();
    Some(algs).filter(|algs| !algs.is_within(Set::of_bits(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(configuration: Value) -> Option<CredentialConfiguration> {
        let text = json!({ "c": configuration }).to_string();
        let mut all = CredentialConfigurations::parse(&text).ok()?;
        all.0.pop().map(|(_, one)| one)
    }

    #[test]
    fn every_format_is_read() {
        let mdoc = json!({
            "format": "mso_mdoc", "doctype": "org.iso.18013.5.1.mDL", "scope": "mdl",
            "credential_signing_alg_values_supported": [-7, -9],
            "cryptographic_binding_methods_supported": ["cose_key"],
            "proof_types_supported": { "jwt": { "proof_signing_alg_values_supported": ["ES256"] } },
        });
        let mdoc = parsed(mdoc).unwrap();
        assert_eq!((mdoc.format.name(), mdoc.scope.as_deref()), ("mso_mdoc", Some("mdl")));
        assert!(mdoc.algs.contains(JwsAlg::Es256) && !mdoc.algs.contains(JwsAlg::Es384));
        assert!(mdoc.proofs.unwrap().jwt.is_some());
        let sd_jwt = parsed(json!({ "format": "dc+sd-jwt", "vct": "a" })).unwrap();
        assert!(sd_jwt.proofs.is_none() && sd_jwt.algs.contains(JwsAlg::EdDsa));
        let mdoc = parsed(json!({ "format": "mso_mdoc", "doctype": "unsaid" })).unwrap();
        assert!(mdoc.proofs.unwrap().jwt.is_some());
        let jwt =
            parsed(json!({ "format": "jwt_vc_json", "credential_definition": { "type": ["A"] } })).unwrap();
        assert_eq!(jwt.format.name(), "jwt_vc_json");
        let draft =
            json!({ "format": "vc+sd-jwt", "vct": "a", "cryptographic_binding_methods_supported": ["jwk"] });
        assert!(parsed(draft).unwrap().proofs.unwrap().jwt.is_some());
    }

    #[test]
    fn what_could_not_be_issued_is_refused() {
        let jwt = |jwt: Value| json!({ "format": "dc+sd-jwt", "vct": "a", "proof_types_supported": { "jwt": jwt } });
        for wrong in [
            json!("a"),
            json!({}),
            json!({ "format": "ldp_vc" }),
            json!({ "format": "dc+sd-jwt" }),
            json!({ "format": "dc+sd-jwt", "vct": 1 }),
            json!({ "format": "dc+sd-jwt", "vct": "" }),
            json!({ "format": "mso_mdoc", "vct": "a" }),
            json!({ "format": "jwt_vc_json", "credential_definition": { "type": [] } }),
            json!({ "format": "dc+sd-jwt", "vct": "a", "scope": "a b" }),
            json!({ "format": "dc+sd-jwt", "vct": "a", "cryptographic_binding_methods_supported": ["jwk", "did:key"] }),
            json!({ "format": "dc+sd-jwt", "vct": "a", "scope": 1 }),
            json!({ "format": "dc+sd-jwt", "vct": "a", "credential_signing_alg_values_supported": ["HS256"] }),
            json!({ "format": "dc+sd-jwt", "vct": "a", "proof_types_supported": {} }),
            json!({ "format": "dc+sd-jwt", "vct": "a", "proof_types_supported": { "cwt": {} } }),
            jwt(json!({})),
            jwt(json!({ "proof_signing_alg_values_supported": [] })),
            jwt(json!({ "proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": [] })),
            jwt(json!({
                "proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": { "key_storage": [] }
            })),
        ] {
            assert!(parsed(wrong.clone()).is_none(), "{wrong}");
        }
        for wrong in ["", "[]", "{}", "null"] {
            assert!(CredentialConfigurations::parse(wrong).is_err(), "{wrong}");
        }
        let many: Map<String, Value> = (0..=CREDENTIAL_CONFIGURATIONS)
            .map(|n| (n.to_string(), json!({ "format": "dc+sd-jwt", "vct": "a" })))
            .collect();
        assert!(CredentialConfigurations::parse(&Value::Object(many).to_string()).is_err());
    }
}
