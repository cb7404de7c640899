//! What a caller proves about the sender of a request, computed once for each call.

use placet_api::Reason;
use placet_base::registry::JwsAlg;
use placet_base::set::Set;
use placet_jose::Certificate;

use crate::cx::Cx;
use crate::fault::Fault;
use crate::rules::client_auth::Authenticated;
use crate::rules::sender::dpop::{self, Expected, Nonces};
use crate::rules::sender::{Evidence, KeyNotHeld};
use crate::tenant::Tenant;

/// What a call says about the request that the proof came with.
#[derive(Clone, Copy, Default)]
pub struct PresentedProof<'a> {
    pub dpop: Option<&'a str>,
    pub htm: Option<&'a str>,
    pub htu: Option<&'a str>,
    /// The endpoint's addresses, of which any may be meant when the call does not say.
    pub addresses: &'a [String],
    pub nonce_required: Option<bool>,
}

impl PresentedProof<'_> {
    /// RFC 8705 §5: the addresses besides the first, where the call does not say which one was called.
    fn others(&self) -> Vec<&str> {
        match self.htu.filter(|text| !text.is_empty()) {
            Some(_) => Vec::new(),
            None => self.addresses.iter().skip(1).map(String::as_str).collect(),
        }
    }
}

/// Whether proofs must carry a nonce.
fn nonces(tenant: &Tenant, shown: &PresentedProof<'_>) -> Option<Nonces> {
    let required = tenant.sender.nonce_required || shown.nonce_required == Some(true);
    required.then(|| Nonces::new(&tenant.secrets.dpop_nonce, tenant.sender.nonce))
}

/// The nonce that goes into the `DPoP-Nonce` header of the response, where nonces are demanded.
pub fn nonce(tenant: &Tenant, now: placet_base::Timestamp, required: Option<bool>) -> Option<String> {
    let shown = PresentedProof { nonce_required: required, ..PresentedProof::default() };
    nonces(tenant, &shown).map(|nonces| nonces.current(now))
}

/// The proof of a request to an endpoint of the authorization server. Its identifier is used up.
pub async fn of_request(
    cx: &mut Cx<'_>,
    client: &Authenticated,
    certificate: Option<Certificate>,
    shown: PresentedProof<'_>,
) -> Result<Evidence, Fault> {
    let instance = client.instance().cloned();
    let Some(text) = shown.dpop.filter(|text| !text.is_empty()) else {
        return Ok(Evidence { proof: None, certificate, instance });
    };
    let tenant = cx.tenant.clone();
    let algs = client.general().client.algs;
    let nonces = nonces(&tenant, &shown);
    let expected = expected(cx, &shown, "POST", None, nonces.as_ref(), algs)?;
    let proof = dpop::proof(text, &expected, &shown.others())?;
    if !cx.first_use("dpop", &proof.jkt, &proof.jti, proof.until).await? {
        return Err(Reason::ProofReplayed {}.into());
    }
    Ok(Evidence { proof: Some(proof), certificate, instance })
}

/// The proof of a request to a resource, which comes with an access token. `algs`: what the policy of the
/// token allows.
pub fn at_resource(
    cx: &Cx<'_>,
    token: &str,
    certificate: Option<&str>,
    shown: PresentedProof<'_>,
    algs: Set<JwsAlg>,
) -> Result<Evidence, Fault> {
    let certificate = match certificate.filter(|text| !text.is_empty()) {
        Some(text) => Some(Certificate::parse(text).ok_or(Reason::CertificateMalformed {})?),
        None => None,
    };
    let Some(text) = shown.dpop.filter(|text| !text.is_empty()) else {
        return Ok(Evidence { certificate, ..Evidence::default() });
    };
    let nonces = nonces(&cx.tenant, &shown);
    let expected = expected(cx, &shown, "GET", Some(token), nonces.as_ref(), algs)?;
    let proof = dpop::proof(text, &expected, &shown.others())?;
    if !cx.first_sight(&proof.jkt, &proof.jti, proof.until) {
        return Err(Reason::ProofReplayed {}.into());
    }
    Ok(Evidence { proof: Some(proof), certificate, instance: None })
}

#[expect(clippy::too_many_arguments, reason = "one struct filled from two sides")]
fn expected<'a>(
    cx: &Cx<'_>,
    shown: &PresentedProof<'a>,
    method: &'static str,
    access_token: Option<&'a str>,
    nonces: Option<&'a Nonces>,
    algs: Set<JwsAlg>,
) -> Result<Expected<'a>, Fault> {
    let named = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
    let htu = named(shown.htu).or(shown.addresses.first().map(String::as_str));
    Ok(Expected {
        htm: named(shown.htm).unwrap_or(method),
        // Without a URL nothing says what the proof was for, and it would open every door.
        htu: htu.ok_or(Reason::ProofUrlUnknown {})?,
        access_token,
        now: cx.now,
        skew: cx.tenant.tolerance.late,
        nonces,
        algs,
    })
}

/// Why a bound token is refused at a resource.
pub fn not_held(what: KeyNotHeld) -> Fault {
    match what {
        KeyNotHeld::ProofMissing => Reason::TokenProofMissing {}.into(),
        KeyNotHeld::ProofOfAnother => Reason::TokenProofOfAnother {}.into(),
        KeyNotHeld::CertificateMissing => Reason::TokenCertificateMissing {}.into(),
        KeyNotHeld::CertificateOfAnother => Reason::TokenCertificateOfAnother {}.into(),
    }
}
