//! POST /api/{serviceId}/jose/verify

use std::sync::Arc;

use placet_api::types::{JoseVerifyRequest, JoseVerifyResponse};
use placet_api::{CallError, Reason};
use placet_base::registry::JwsAlg;
use placet_jose::claims::{Times, Tolerance, Untimely};
use placet_jose::{Encrypted, Parsed, VerifyingKey};
use serde_json::{Map, Value};

use crate::cx::Cx;
use crate::fault::Fault;
use crate::flow::reply::result;
use crate::flow::{clients, opening};
use crate::tenant::Client;

/// What was found; everything that is wrong, not the first only.
#[derive(Default)]
struct Findings {
    signature: bool,
    missing: Vec<String>,
    invalid: Vec<String>,
    errors: Vec<Reason>,
}

pub async fn verify(cx: &mut Cx<'_>, call: &JoseVerifyRequest) -> Result<JoseVerifyResponse, CallError> {
    let findings = match examine(cx, call).await {
        Ok(findings) => findings,
        Err(fault) if fault.is_passing() => return Err(fault.into()),
        Err(fault) => Findings { errors: vec![fault.reason], ..Findings::default() },
    };
    let valid = findings.errors.is_empty() && findings.signature;
    let reason = findings.errors.first().cloned().unwrap_or(Reason::JoseValid {});
    let errors: Vec<_> = findings.errors.iter().map(Reason::result_message).collect();
    let listed = |list: Vec<String>| Some(list).filter(|list| !list.is_empty());
    let (result_code, result_message) = result(&reason);
    Ok(JoseVerifyResponse {
        result_code,
        result_message,
        valid: Some(valid),
        signature_valid: Some(findings.signature),
        missing_claims: listed(findings.missing),
        invalid_claims: listed(findings.invalid),
        error_descriptions: listed(errors),
    })
}

async fn examine(cx: &Cx<'_>, call: &JoseVerifyRequest) -> Result<Findings, Fault> {
    let mut findings = Findings::default();
    let text = call.jose.as_deref().filter(|text| !text.is_empty()).ok_or(Reason::JoseMissing {})?;
    let client = client(cx, call, text).await?;
    let inner = match placet_jose::is_encrypted(text) {
        true => decrypted(cx, client.as_deref(), text).await?,
        false => text.to_owned(),
    };
    let parsed = Parsed::parse(&inner).map_err(|_| Reason::JoseMalformed {})?;
    let claims = parsed.unproven_claims().clone();
    let (alg, kid) = (parsed.alg(), parsed.kid().map(str::to_owned));
    let verified = if alg == JwsAlg::None {
        // Nobody has signed it: there is no signature that could be wrong, and none that is right.
        findings.errors.push(Reason::JoseUnsigned {});
        false
    } else if call.signed_by_client == Some(true) {
        let client = client.as_ref().ok_or(Reason::JoseClientMissing {})?;
        by_client(cx, client, parsed, alg, kid.as_deref()).await?
    } else {
        parsed.verified_by_any(cx.tenant.keys.verifying(alg, kid.as_deref())).is_ok()
    };
    findings.signature = verified;
    if !verified && alg != JwsAlg::None {
        findings.errors.push(Reason::JoseSignatureWrong {});
    }
    mandatory(&claims, call, &mut findings);
    times(cx, &claims, call, &mut findings);
    Ok(findings)
}

async fn client(cx: &Cx<'_>, call: &JoseVerifyRequest, text: &str) -> Result<Option<Arc<Client>>, Fault> {
    let named = call.client_identifier.clone().filter(|text| !text.is_empty());
    let issuer = || {
        let parsed = Parsed::parse(text).ok().filter(|_| call.signed_by_client == Some(true))?;
        Some(parsed.unproven_claims().get("iss")?.as_str()?.to_owned())
    };
    let Some(identifier) = named.or_else(issuer) else { return Ok(None) };
    let found = clients::named(cx, &identifier).await?;
    Ok(Some(found.ok_or(Reason::JoseClientUnknown {})?.client))
}

async fn by_client(
    cx: &Cx<'_>,
    client: &Arc<Client>,
    parsed: Parsed<'_>,
    alg: JwsAlg,
    kid: Option<&str>,
) -> Result<bool, Fault> {
    if alg.is_symmetric() {
        let key = client.secret().and_then(|secret| VerifyingKey::from_secret(secret.expose(), alg));
        return Ok(parsed.verified_by_any(key).is_ok());
    }
    let keys = cx.keys(client, |set| set.verifying(alg, kid).next().is_some()).await?;
    let set = keys.get().ok_or(Reason::JoseClientKeysMissing {})?;
    Ok(parsed.verified_by_any(set.verifying(alg, kid)).is_ok())
}

async fn decrypted(cx: &Cx<'_>, client: Option<&Client>, text: &str) -> Result<String, Fault> {
    let jwe = Encrypted::parse(text).map_err(|_| Reason::JoseMalformed {})?;
    let key = opening::key(cx, client, &jwe).await?.ok_or(Reason::JoseUndecryptable {})?;
    let content = jwe.decrypted(&key).map_err(|_| Reason::JoseUndecryptable {})?;
    Ok(String::from_utf8(content).map_err(|_| Reason::JoseMalformed {})?)
}

fn mandatory(claims: &Map<String, Value>, call: &JoseVerifyRequest, findings: &mut Findings) {
    for name in call.mandatory_claims.iter().flatten().filter(|name| !claims.contains_key(*name)) {
        findings.missing.push(name.clone());
        findings.errors.push(Reason::JoseClaimMissing { claim: name.clone() });
    }
}

fn times(cx: &Cx<'_>, claims: &Map<String, Value>, call: &JoseVerifyRequest, findings: &mut Findings) {
    let tolerance = Tolerance::exactly(i64::from(call.clock_skew.unwrap_or(0).max(0)));
    let wrong = Times::read(claims).and_then(|times| times.current(cx.now, tolerance)).err();
    let (claim, reason) = match wrong {
        None => return,
        Some(Untimely::Malformed(claim)) => (claim, Reason::JoseClaimMalformed { claim: claim.to_owned() }),
        Some(Untimely::Expired) => ("exp", Reason::JoseExpired {}),
        Some(Untimely::NotYet) => ("nbf", Reason::JoseNotYet {}),
        Some(Untimely::FromTheFuture) => ("iat", Reason::JoseFromTheFuture {}),
    };
    findings.invalid.push(claim.to_owned());
    findings.errors.push(reason);
}
