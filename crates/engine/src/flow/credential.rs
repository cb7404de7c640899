//! Making credentials of what was asked for and what was ordered.

use placet_api::Reason;
use placet_api::types::CredentialIssuanceOrder;
use placet_base::{Timestamp, Ttl};
use placet_jose::{Encrypted, Jwk, Unsigned};
use placet_vc::sd_jwt::{self, Frame};
use placet_vc::{jwt_vc, mdoc};
use serde_json::{Map, Value};

use crate::budgets::CREDENTIAL_PAYLOADS;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::credential_status::{Entries, Entry, Issued};
use crate::records::credential_request::CredentialRequestRecord;
use crate::rules::credential::frame;
use crate::rules::credential::payload::{self, BeginsBeforeItsEnd, StatusFit};
use crate::rules::credential::request::{Opened, ResponseEncryption};
use crate::rules::unrepeated;
use crate::tenant::credential_configuration::{CredentialConfiguration, CredentialFormat};
use crate::tenant::credential_issuer::CredentialIssuer;
use crate::tenant::credential_keys::CredentialKey;

/// An mdoc says until when it is valid (ISO/IEC 18013-5 §9.1.2.4), also where the operator does not.
const MDOC: Ttl = Ttl::secs(365 * 24 * 60 * 60);

/// OpenID for Verifiable Credential Issuance 1.0 §10: the request in the clear.
pub async fn opened(cx: &Cx<'_>, text: &str, issuer: &CredentialIssuer) -> Result<Opened, Fault> {
    // JSON may have as many dots as a JWE.
    if text.trim_start().starts_with('{') || !placet_jose::is_encrypted(text) {
        return match issuer.encryption.request_required {
            true => Err(Reason::CredentialRequestInTheClear {}.into()),
            false => Ok(Opened { text: text.to_owned(), sealed: false }),
        };
    }
    let sealed = || Fault::from(Reason::CredentialRequestSealed {});
    let found = match issuer.encryption.request_compressed {
        true => Encrypted::parse_compressed(text),
        false => Encrypted::parse(text),
    };
    let found = found.map_err(|_| sealed())?;
    let known = issuer.encryption.request_encs.contains(&found.enc());
    let keys = issuer.encryption.request.as_ref().filter(|_| known);
    let keys = keys.ok_or_else(sealed)?;
    let key = cx.decryption_key(keys, &found).await?.ok_or_else(sealed)?;
    let content = found.decrypted(&key).map_err(|_| sealed())?;
    Ok(Opened { text: String::from_utf8(content).map_err(|_| sealed())?, sealed: true })
}

/// The response for the wallet alone.
pub fn sealed(content: &str, encryption: &ResponseEncryption) -> Result<String, Fault> {
    let encrypt =
        if encryption.is_compressed() { placet_jose::encrypt_compressed } else { placet_jose::encrypt };
    let made = encryption.key().and_then(|(key, enc)| encrypt(content.as_bytes(), Map::new(), &key, enc));
    made.ok_or_else(|| Fault::server("a credential response could not be encrypted"))
}

/// What the authorization server wants in a credential.
#[derive(Clone)]
pub struct Order {
    payload: Map<String, Value>,
    /// Of the payload, in bytes.
    size: usize,
    until: Option<Timestamp>,
    now: Timestamp,
    kid: Option<String>,
    /// How it is taken apart, where the order says so.
    frame: Option<Frame>,
}

impl Order {
    pub fn parse(
        order: &CredentialIssuanceOrder,
        issuer: &CredentialIssuer,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let text = order.credential_payload.as_deref().ok_or(Reason::CredentialPayloadMalformed {})?;
        let payload = unrepeated::object(text).ok_or(Reason::CredentialPayloadMalformed {})?;
        let StatusFit = payload::status(&payload)?;
        let lifetime = match order.credential_duration.unwrap_or(0) {
            ..0 => None,
            0 => issuer.credential,
            secs => Ttl::specified(Some(secs)),
        };
        let kid = order.signing_key_id.clone().filter(|kid| !kid.is_empty());
        let frame = order.credential_frame.as_deref().map(frame::parse).transpose()?;
        Ok(Self { payload, size: text.len(), until: payload::end(now, lifetime)?, now, kid, frame })
    }
}

impl Order {
    /// The same with what the issuer says of one credential.
    fn with(&self, until: Option<Timestamp>, entry: Option<&Entry>) -> Self {
        let mut order = Self { until, ..self.clone() };
        if let Some(entry) = entry {
            order.payload.insert("status".to_owned(), entry.claim());
        }
        order
    }
}

/// One credential for each key of the request; one for none.
pub async fn issued(
    cx: &mut Cx<'_>,
    issuer: &CredentialIssuer,
    request: &CredentialRequestRecord,
    (order, entries): (&Order, &mut Entries),
) -> Result<Vec<String>, Fault> {
    let configuration = issuer.configurations.get(&request.configuration);
    let configuration = configuration.ok_or(Reason::CredentialRequestUnknown {})?;
    let key = issuer.keys.signing(configuration.algs, order.kid.as_deref());
    let key = key.ok_or(Reason::CredentialKeyMissing {})?;
    if key.valid.is_some_and(|(from, until)| order.now < from || until.is_past(order.now)) {
        return Err(Reason::CredentialCertificateUntimely {}.into());
    }
    if request.certified && key.x5c.is_none() {
        return Err(Reason::CredentialChainMissing {}.into());
    }
    let holders: Option<Vec<_>> = request.keys.iter().map(Jwk::parse).collect();
    let holders = holders.ok_or_else(|| Fault::server("a key that was proven cannot be read"))?;
    if order.size.saturating_mul(holders.len()) > CREDENTIAL_PAYLOADS {
        return Err(unfit("it is too large for so many keys"));
    }
    let holders = if holders.is_empty() { vec![None] } else { holders.iter().map(Some).collect() };
    let mut made = Vec::with_capacity(holders.len());
    for holder in holders {
        let entry = match &issuer.status_lists.uri {
            // What the order says of the status is what it means.
            Some(uri) if !order.payload.contains_key("status") => Some(entries.give(cx, uri).await?),
            _ => None,
        };
        let order = order.with(ends(&configuration.format, order, key), entry.as_ref());
        let credential = one(cx, (issuer, configuration), &order, holder, key).await?;
        if let Some(entry) = entry {
            let subject = request.subject.as_ref();
            entries.keep(cx, entry, &Issued { credential: &credential, subject, until: order.until });
        }
        made.push(credential);
    }
    Ok(made)
}

/// When the credential ends, if it does.
/// An mdoc ends with the certificate of its issuer at the latest (ISO/IEC 18013-5 §9.1.2.4), which its verifiers look at.
fn ends(format: &CredentialFormat, order: &Order, key: &CredentialKey) -> Option<Timestamp> {
    if !matches!(format, CredentialFormat::Mdoc { .. }) {
        return order.until;
    }
    let until = order.until.unwrap_or(order.now + MDOC);
    Some(key.valid.map_or(until, |(_, end)| until.min(end)))
}

async fn one(
    cx: &mut Cx<'_>,
    (issuer, configuration): (&CredentialIssuer, &CredentialConfiguration),
    order: &Order,
    holder: Option<&Jwk>,
    key: &CredentialKey,
) -> Result<String, Fault> {
    let identifier = issuer.identifier.as_deref().ok_or(Reason::CredentialIssuerUnnamed {})?;
    if order.frame.is_some() && !matches!(configuration.format, CredentialFormat::SdJwtVc { .. }) {
        let what = "its credential is disclosed otherwise than an SD-JWT VC".to_owned();
        return Err(Reason::CredentialFrameUnfit { what }.into());
    }
    match &configuration.format {
        CredentialFormat::SdJwtVc { typ, vct } => {
            let payload = sd_jwt_payload(order, (identifier, vct), holder)?;
            let leaves = Frame::leaves();
            let frame = order.frame.as_ref().unwrap_or(&leaves);
            let made = sd_jwt::issue(payload, *typ, frame, &mut |bytes| cx.fill(bytes));
            let made = made.map_err(|error| unfit(sd_jwt_problem(error)))?;
            let jwt = cx.signed(with_chain(made.unsigned, key), &key.key).await?;
            Ok(made.disclosures.attached_to(&jwt))
        }
        CredentialFormat::Mdoc { doctype } => {
            let made = mdoc_of(cx, doctype, order, holder, key)?;
            let signature = cx.signature(&key.key, made.signing_input()).await?;
            made.issued(&signature).map_err(|error| unfit(mdoc_problem(error)))
        }
        CredentialFormat::JwtVc { types } => {
            let made = jwt_vc_of(order, (identifier, types), holder)?;
            cx.signed(with_chain(made, key), &key.key).await
        }
    }
}

/// Appendix A.1.1: a credential of the types that were asked for. Its status is a claim of the JWT (Token Status List §6.2).
fn jwt_vc_of(
    order: &Order,
    (issuer, types): (&str, &[String]),
    holder: Option<&Jwk>,
) -> Result<Unsigned, Fault> {
    let mut payload = order.payload.clone();
    let is_of = |name: &String| match payload.get("type") {
        Some(Value::Array(all)) => all.iter().any(|one| one == name.as_str()),
        // The data model adds what every credential is.
        other => name == "VerifiableCredential" || other.is_some_and(|one| one == name.as_str()),
    };
    if !types.iter().all(is_of) {
        return Err(unfit("its 'type' is not that of the credential"));
    }
    let status = payload.shift_remove("status");
    let issued = jwt_vc::Issued { issuer, at: order.now, until: order.until, holder, status };
    jwt_vc::issue(payload, &issued).map_err(|error| unfit(jwt_vc_problem(error)))
}

/// What the issuer says of an SD-JWT VC; a payload that said it too would say something that nobody has judged.
const OURS: [&str; 4] = ["iss", "iat", "exp", "cnf"];

/// draft-ietf-oauth-sd-jwt-vc §2.2.2: what was ordered, of the type that was asked for, and what the issuer says.
fn sd_jwt_payload(
    order: &Order,
    (issuer, vct): (&str, &str),
    holder: Option<&Jwk>,
) -> Result<Map<String, Value>, Fault> {
    let mut payload = order.payload.clone();
    if OURS.iter().any(|name| payload.contains_key(*name)) {
        return Err(unfit("it has a member that the issuer writes"));
    }
    if payload.get("vct").is_some_and(|ordered| ordered != vct) {
        return Err(unfit("its 'vct' is not that of the credential"));
    }
    let BeginsBeforeItsEnd = payload::beginning(&payload, order.until)?;
    payload.insert("vct".to_owned(), vct.into());
    payload.insert("iss".to_owned(), issuer.into());
    payload.insert("iat".to_owned(), order.now.as_secs().into());
    if let Some(until) = order.until {
        payload.insert("exp".to_owned(), until.as_secs().into());
    }
    if let Some(holder) = holder {
        payload.insert("cnf".to_owned(), sd_jwt::confirmation(holder));
    }
    Ok(payload)
}

fn mdoc_of(
    cx: &mut Cx<'_>,
    doctype: &str,
    order: &Order,
    holder: Option<&Jwk>,
    key: &CredentialKey,
) -> Result<mdoc::Issuable, Fault> {
    if order.payload.get("doctype").is_some_and(|ordered| ordered != doctype) {
        return Err(unfit("its 'doctype' is not that of the credential"));
    }
    let claims = order.payload.get("claims").and_then(Value::as_object);
    let claims = claims.ok_or_else(|| unfit("it lacks 'claims', an object for each name space"))?;
    if key.chain.is_empty() {
        return Err(Reason::CredentialChainMissing {}.into());
    }
    let validity = mdoc::Validity {
        signed: order.now,
        valid_from: order.now,
        valid_until: order.until.unwrap_or(order.now + MDOC),
        expected_update: None,
    };
    let device_key = holder.ok_or(Reason::KeyProofMissing {})?;
    let document =
        mdoc::Document { doctype, claims, validity, device_key, status: order.payload.get("status") };
    let made = mdoc::issue(&document, key.key.alg(), &key.chain, &mut |bytes| cx.fill(bytes));
    made.map_err(|error| unfit(mdoc_problem(error)))
}

/// High Assurance Interoperability Profile 1.0 §6.1: who verifies a JWT finds the key by its certificate.
pub fn with_chain(mut unsigned: Unsigned, key: &CredentialKey) -> Unsigned {
    if let Some(x5c) = &key.x5c {
        unsigned.header.insert("x5c".to_owned(), x5c.clone());
    }
    unsigned
}

fn unfit(what: &str) -> Fault {
    Reason::CredentialPayloadUnfit { what: what.to_owned() }.into()
}

fn sd_jwt_problem(error: sd_jwt::IssueError) -> &'static str {
    use sd_jwt::IssueError;
    match error {
        IssueError::TooLarge => "it is too large",
        IssueError::TooDeep => "its objects and arrays go too deep",
        IssueError::TooMany => "it has too many claims",
        IssueError::Reserved => "a member is called as one of SD-JWT itself",
        IssueError::AlwaysOpen => "a claim would be hidden that must be seen",
        IssueError::TypeMissing => "it lacks 'vct'",
    }
}

fn mdoc_problem(error: mdoc::IssueError) -> &'static str {
    use mdoc::IssueError;
    match error {
        IssueError::Algorithm => "its key does not sign with an algorithm of mdocs",
        IssueError::ChainMissing => "its key has no certificate",
        IssueError::Shape => "'claims' has no name space, or one without elements",
        IssueError::TooMany => "it has too many elements",
        IssueError::TooLarge => "it is too large",
        IssueError::Element(_) => "an element cannot be written as CBOR",
        IssueError::Status(_) => "'status' cannot be written as CBOR",
        IssueError::DeviceKey => "the key of the wallet has no name in COSE",
        IssueError::Time => "a time of it is out of bounds",
    }
}

fn jwt_vc_problem(error: jwt_vc::IssueError) -> &'static str {
    use jwt_vc::IssueError;
    match error {
        IssueError::TooLarge => "it is too large",
        IssueError::TooDeep => "its objects and arrays go too deep",
        IssueError::Reserved => "it has a member that the issuer writes",
        IssueError::Context => "its '@context' does not begin with that of the data model",
        IssueError::Type => "its 'type' is neither a text nor an array of some",
        IssueError::Subject => "its 'credentialSubject' is no object",
        IssueError::Id => "its 'id' is no text",
        IssueError::Time => "a time of it is out of bounds",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use placet_base::registry::JwsAlg;

    use super::*;
    use crate::tenant::Signer;

    #[test]
    fn an_mdoc_ends_with_the_certificate_and_others_as_they_were_ordered() {
        let jwk = Jwk::parse(&placet_jose::generate(JwsAlg::Es256).unwrap()).unwrap();
        let signer = Signer::Software(Arc::new(jwk.signing_key(JwsAlg::Es256).unwrap()));
        let at = Timestamp::from_secs;
        let key = CredentialKey { key: signer, chain: Vec::new(), x5c: None, valid: Some((at(0), at(100))) };
        let order = |until: Option<i64>| {
            let until = until.map(at);
            Order { payload: Map::new(), size: 2, until, now: at(10), kid: None, frame: None }
        };
        let mdoc = CredentialFormat::Mdoc { doctype: "a".to_owned() };
        let other = CredentialFormat::JwtVc { types: Vec::new() };
        for (until, of_mdoc) in [(None, 100), (Some(50), 50), (Some(200), 100)] {
            assert_eq!(ends(&mdoc, &order(until), &key), Some(at(of_mdoc)));
            assert_eq!(ends(&other, &order(until), &key), until.map(at));
        }
        let free = CredentialKey { valid: None, ..key };
        assert_eq!(ends(&mdoc, &order(None), &free), Some(at(10) + MDOC));
    }
}
