//! POST /api/{serviceId}/vci/nonce – OpenID for Verifiable Credential Issuance 1.0 §7

use placet_api::Reason;
use placet_api::types::VciNonceRequest;
use serde_json::json;

use super::Published;
use crate::cx::Cx;
use crate::fault::Fault;
use crate::tenant::credential_issuer::Oid4vciVersion;

/// A nonce, and the content that says it.
pub struct Nonce {
    pub value: String,
    pub content: Published,
}

/// The draft has no such endpoint: there a token comes with its nonce.
pub async fn nonce(cx: &mut Cx<'_>, call: &VciNonceRequest) -> Result<Nonce, Fault> {
    let issuer = cx.tenant.credentials.as_ref();
    let issuer = issuer.filter(|issuer| issuer.version == Oid4vciVersion::Final);
    let value = issuer.ok_or(Reason::NonceNotFound {})?.nonces.current(cx.now);
    let content = Published::new(&json!({ "c_nonce": &value }), call.pretty);
    Ok(Nonce { value, content })
}
