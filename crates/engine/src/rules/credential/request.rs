//! OpenID for Verifiable Credential Issuance 1.0 §8.2 – what a wallet asks for

use placet_api::Reason;
use placet_base::registry::{JweAlg, JweEnc};
use placet_jose::{EncryptionKey, Jwk};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::budgets::RESPONSE_KEY_ID;
use crate::fault::Fault;
use crate::rules::credential::granted::NamedBy;
use crate::rules::unrepeated;
use crate::tenant::credential_configuration::{CredentialConfiguration, CredentialFormat};
use crate::tenant::credential_issuer::{CredentialIssuer, Oid4vciVersion};

/// A credential request as the wallet wrote it.
pub struct Opened {
    pub text: String,
    /// It came encrypted.
    pub sealed: bool,
}

/// A credential request, taken apart.
pub struct CredentialRequest<'a> {
    /// The name of what is asked for, and what it is.
    pub name: &'a str,
    pub by: NamedBy,
    pub configuration: &'a CredentialConfiguration,
    pub proofs: Option<Proofs>,
    pub encryption: Option<ResponseEncryption>,
    /// What the wallet says of the credential itself.
    pub details: Map<String, Value>,
    /// Other credentials that the request fits, which did not name one (draft 13 §7.2).
    alike: Vec<Configured<'a>>,
}

type Configured<'a> = (&'a str, &'a CredentialConfiguration);

/// §8.2, `proofs`: all of one type.
pub enum Proofs {
    Jwt(Vec<String>),
    Attestation(Vec<String>),
}

/// §8.2, `credential_response_encryption`: how the wallet wants its answer.
#[derive(Clone, Serialize, Deserialize)]
pub struct ResponseEncryption {
    jwk: Value,
    alg: JweAlg,
    enc: JweEnc,
    /// The answer is compressed before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    compressed: bool,
}

impl Opened {
    pub(super) fn members(&self) -> Result<Map<String, Value>, Fault> {
        Ok(unrepeated::object(&self.text).ok_or(Reason::CredentialRequestMalformed {})?)
    }
}

impl ResponseEncryption {
    pub fn is_compressed(&self) -> bool {
        self.compressed
    }

    /// What a request says of it; `demanded`: the client gets no credential in the clear, whatever the issuer says.
    pub(super) fn read(
        members: &Map<String, Value>,
        opened: &Opened,
        issuer: &CredentialIssuer,
        demanded: bool,
    ) -> Result<Option<Self>, Fault> {
        let value = members.get("credential_response_encryption");
        let encryption = value.map(|value| encrypted(value, issuer)).transpose()?;
        match (&encryption, issuer.version) {
            (None, _) if demanded || issuer.encryption.response_required => {
                Err(Reason::CredentialEncryptionMissing {}.into())
            }
            // §8.2: what the wallet wants nobody to read, it does not ask for in the clear.
            (Some(_), Oid4vciVersion::Final) if !opened.sealed => {
                Err(Reason::CredentialRequestInTheClear {}.into())
            }
            _ => Ok(encryption),
        }
    }

    /// The key, and what encrypts the content. It was found to be one when it was read.
    pub fn key(&self) -> Option<(EncryptionKey, JweEnc)> {
        Some((Jwk::parse(&self.jwk)?.encryption_key(self.alg)?, self.enc))
    }
}

impl<'a> CredentialRequest<'a> {
    /// `demanded`: the client gets no credential in the clear, whatever the issuer says.
    pub fn parse(opened: &Opened, issuer: &'a CredentialIssuer, demanded: bool) -> Result<Self, Fault> {
        let members = opened.members()?;
        let encryption = ResponseEncryption::read(&members, opened, issuer, demanded);
        Ok(Self { encryption: encryption?, ..Self::of(members, issuer)? })
    }

    /// One of several, whose answer is encrypted as all of them say together.
    pub fn answered_as(self, encryption: Option<ResponseEncryption>) -> Self {
        Self { encryption, ..self }
    }

    /// The request, without what it says of encryption.
    pub(super) fn of(members: Map<String, Value>, issuer: &'a CredentialIssuer) -> Result<Self, Fault> {
        let Named { name, by, configuration, alike } = Named::read(&members, issuer)?;
        let proofs = match (members.get("proofs"), members.get("proof")) {
            (Some(_), Some(_)) => return Err(Reason::KeyProofsAmbiguous {}.into()),
            (Some(proofs), None) => Some(Proofs::read(proofs)?),
            // The draft has one proof.
            (None, Some(proof)) if issuer.version == Oid4vciVersion::ImplementersDraft1 => {
                Some(Proofs::read_one(proof)?)
            }
            (None, Some(_)) => return Err(Reason::CredentialRequestMalformed {}.into()),
            (None, None) => None,
        };
        let details = details(members, configuration, issuer.version);
        Ok(Self { name, by, configuration, proofs, encryption: None, details, alike })
    }
}

impl CredentialRequest<'_> {
    /// The same for the first credential that it fits and that was granted, if there is one.
    pub(super) fn of_granted(self, is_granted: impl Fn(&str) -> bool) -> Self {
        if is_granted(self.name) {
            return self;
        }
        match self.alike.iter().find(|(name, _)| is_granted(name)) {
            Some((name, configuration)) => Self { name, configuration, ..self },
            None => self,
        }
    }
}

/// COMPAT: published authorization servers look here for what the credential is, and in the draft for the claims that are asked
/// for.
fn details(
    mut members: Map<String, Value>,
    configuration: &CredentialConfiguration,
    version: Oid4vciVersion,
) -> Map<String, Value> {
    if version == Oid4vciVersion::Final || !members.contains_key("format") {
        return configuration.format.details();
    }
    let apart = ["format", "proof", "proofs", "credential_response_encryption"];
    members.retain(|name, _| !apart.contains(&name.as_str()));
    members
}

/// What is asked for, and how it was named.
struct Named<'a> {
    name: &'a str,
    by: NamedBy,
    configuration: &'a CredentialConfiguration,
    alike: Vec<Configured<'a>>,
}

impl<'a> Named<'a> {
    /// §8.2: by its configuration or by its identifier; in the draft by what it is, too.
    fn read(members: &Map<String, Value>, issuer: &'a CredentialIssuer) -> Result<Self, Fault> {
        let by_format =
            members.get("format").filter(|_| issuer.version == Oid4vciVersion::ImplementersDraft1);
        let ways =
            [members.get("credential_configuration_id"), members.get("credential_identifier"), by_format];
        let unknown = || Fault::from(Reason::CredentialUnknown {});
        let mut alike = Vec::new();
        let (found, by) = match ways {
            [Some(name), None, None] => {
                (Self::called(name, issuer)?.ok_or_else(unknown)?, NamedBy::Configuration)
            }
            [None, Some(name), None] => {
                let found = Self::called(name, issuer)?;
                (found.ok_or(Reason::CredentialIdentifierUnknown {})?, NamedBy::Identifier)
            }
            [None, None, Some(_)] => {
                alike = issuer.configurations.iter().filter(|(_, one)| is(&one.format, members)).collect();
                (*alike.first().ok_or_else(|| unsupported(members, issuer))?, NamedBy::Configuration)
            }
            [None, None, None] => return Err(Reason::CredentialUnnamed {}.into()),
            _ => return Err(Reason::CredentialNamedTwice {}.into()),
        };
        Ok(Self { name: found.0, by, configuration: found.1, alike })
    }

    fn called(
        name: &Value,
        issuer: &'a CredentialIssuer,
    ) -> Result<Option<(&'a str, &'a CredentialConfiguration)>, Fault> {
        let name = name.as_str().ok_or(Reason::CredentialRequestMalformed {})?;
        Ok(issuer.configurations.iter().find(|(known, _)| *known == name))
    }
}

/// Draft 13 §7.3.1.2: what there is none of, a format or something in it.
fn unsupported(members: &Map<String, Value>, issuer: &CredentialIssuer) -> Reason {
    let format = members.get("format").and_then(Value::as_str);
    match issuer.configurations.iter().any(|(_, one)| Some(one.format.name()) == format) {
        true => Reason::CredentialTypeUnsupported {},
        false => Reason::CredentialFormatUnsupported {},
    }
}

/// Draft 13 §7.2, appendix A: a format, and what it is of.
fn is(format: &CredentialFormat, members: &Map<String, Value>) -> bool {
    let says = |name: &str, text: &str| members.get(name).and_then(Value::as_str) == Some(text);
    says("format", format.name())
        && match format {
            CredentialFormat::SdJwtVc { vct, .. } => says("vct", vct),
            CredentialFormat::Mdoc { doctype } => says("doctype", doctype),
            CredentialFormat::JwtVc { types } => {
                let asked =
                    members.get("credential_definition").and_then(|definition| definition.get("type"));
                asked == Some(&Value::from(types.clone()))
            }
        }
}

impl Proofs {
    /// An object with one member, an array of one text or more.
    fn read(value: &Value) -> Result<Self, Fault> {
        let members = value.as_object().ok_or(Reason::CredentialRequestMalformed {})?;
        let mut members = members.iter();
        let (Some((kind, values)), None) = (members.next(), members.next()) else {
            return Err(Reason::KeyProofsAmbiguous {}.into());
        };
        let texts = values.as_array().ok_or(Reason::CredentialRequestMalformed {})?;
        let texts: Option<Vec<_>> = texts.iter().map(|text| text.as_str().map(str::to_owned)).collect();
        let texts = texts.filter(|texts| !texts.is_empty()).ok_or(Reason::CredentialRequestMalformed {})?;
        Self::of(kind, texts)
    }

    /// Draft 13 §7.2.1
    fn read_one(value: &Value) -> Result<Self, Fault> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let kind = text("proof_type").ok_or(Reason::CredentialRequestMalformed {})?;
        let proof = text(kind).ok_or(Reason::CredentialRequestMalformed {})?;
        Self::of(kind, vec![proof.to_owned()])
    }

    fn of(kind: &str, texts: Vec<String>) -> Result<Self, Fault> {
        match kind {
            "jwt" => Ok(Self::Jwt(texts)),
            // §8.2.1.3: one attestation, which has all the keys.
            "attestation" if texts.len() == 1 => Ok(Self::Attestation(texts)),
            "attestation" => Err(Reason::KeyProofsTooMany { limit: "1".to_owned() }.into()),
            _ => Err(Reason::KeyProofTypeUnsupported {}.into()),
        }
    }
}

/// §8.2: `alg` is that of the key, or, in the draft, a member of its own. It is compressed as the issuer offers it.
fn encrypted(value: &Value, issuer: &CredentialIssuer) -> Result<ResponseEncryption, Fault> {
    let unfit = || Fault::from(Reason::CredentialEncryptionUnfit {});
    let jwk = value.get("jwk").ok_or_else(unfit)?;
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let alg = text(jwk, "alg").or_else(|| text(value, "alg")).and_then(|name| JweAlg::from_protocol(&name));
    let enc = text(value, "enc").and_then(|name| JweEnc::from_protocol(&name));
    let (alg, enc) = (alg.ok_or_else(unfit)?, enc.ok_or_else(unfit)?);
    let key = Jwk::parse(jwk).filter(|key| !key.is_private() && !key.is_symmetric()).ok_or_else(unfit)?;
    let zip = value.get("zip").filter(|zip| !zip.is_null());
    let zips = zip.is_none_or(|zip| zip.as_str() == Some("DEF") && issuer.encryption.compressed);
    let offered = zips && issuer.encryption.algs.contains(&alg) && issuer.encryption.encs.contains(&enc);
    let kid = key.kid().map(str::to_owned);
    if !offered || kid.as_ref().is_some_and(|kid| kid.len() > RESPONSE_KEY_ID) {
        return Err(unfit());
    }
    // What is kept is the key, and what the wallet knows it by (§10).
    let mut jwk = key.bare().ok_or_else(unfit)?.public();
    if let Some(kid) = kid {
        jwk["kid"] = kid.into();
    }
    let encryption = ResponseEncryption { jwk, alg, enc, compressed: zip.is_some() };
    // Numbers may be no key, and that is known when it is used; later it would be a failure of the server.
    let tried = encryption.key().and_then(|(key, enc)| placet_jose::encrypt(b"{}", Map::new(), &key, enc));
    tried.map(|_| encryption).ok_or_else(unfit)
}
