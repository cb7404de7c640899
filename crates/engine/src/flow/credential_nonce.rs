//! OpenID for Verifiable Credential Issuance, draft 13 §6.2 – the nonce that comes with an access token: the draft has no
//! endpoint for it.

use placet_base::Timestamp;

use crate::records::entitlement::Terms;
use crate::rules::credential::granted;
use crate::tenant::Tenant;
use crate::tenant::credential_issuer::Oid4vciVersion;

/// A nonce for the next key proof.
pub struct CredentialNonce {
    pub value: String,
    /// How long it is good, in seconds.
    pub secs: i64,
    pub expires_at: Timestamp,
}

/// The nonce of a token that is for credentials; `None` for another, and where there is an endpoint for nonces.
pub fn nonce(tenant: &Tenant, terms: &Terms, now: Timestamp) -> Option<CredentialNonce> {
    let issuer = tenant.credentials.as_ref()?;
    let of_draft = issuer.version == Oid4vciVersion::ImplementersDraft1;
    if !of_draft || granted::granted(&terms.of_credentials(), issuer).is_empty() {
        return None;
    }
    let secs = issuer.nonces.window();
    let expires_at = Timestamp(now.millis() + secs * 1000);
    Some(CredentialNonce { value: issuer.nonces.current(now), secs, expires_at })
}
