//! RFC 9449, RFC 8705 §3 – which key a caller has proven to hold, and tokens that are bound to one

pub mod dpop;

use placet_api::Reason;
use placet_jose::Certificate;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::policy::TokenPolicy;
use crate::rules::client_auth::Instance;
use crate::tenant::Client;
use dpop::Proof;

/// What was proven about the sender of a request.
#[derive(Default)]
pub struct Evidence {
    pub proof: Option<Proof>,
    pub certificate: Option<Certificate>,
    /// The instance of the client, where an attester has vouched for one.
    pub instance: Option<Instance>,
}

/// The key that a token is bound to; nothing for a bearer token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// RFC 9449 §6: the thumbprint of the DPoP key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// RFC 8705 §3.1: the thumbprint of the certificate.
    #[serde(default, rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    pub x5t: Option<String>,
    /// draft-ietf-oauth-attestation-based-client-auth-07 §10.3: the instance of the client that may refresh the token.
    /// It binds no access token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
}

impl Evidence {
    /// The keys that the client's new tokens are bound to: whatever was proven, if that is enough. A
    /// certificate binds where service and client have asked for that, or a profile has, or where it alone
    /// can do what a profile demands.
    pub fn bound(&self, client: &Client, policy: &TokenPolicy) -> Result<Bound, Fault> {
        let demanded = policy.bound_by_certificate || policy.bound && self.proof.is_none();
        self.binding(client.certificate_bound || demanded).sufficient(policy, client.certificate_bound)
    }

    /// RFC 9449 §10: the same for a code; one that was bound to a key when it was asked for is redeemed
    /// with that key, and by the instance of the client that has asked.
    pub fn bound_as_committed(
        &self,
        (jkt, instance): (Option<&str>, Option<&str>),
        client: &Client,
        policy: &TokenPolicy,
    ) -> Result<Bound, Fault> {
        let proven = self.proof.as_ref().map(|proof| proof.jkt.as_str());
        if jkt.is_some() && proven != jkt {
            return Err(Reason::CodeKeyDiffers {}.into());
        }
        if instance.is_some() && self.instance.as_ref().map(Instance::thumbprint) != instance {
            return Err(Reason::CodeInstanceDiffers {}.into());
        }
        self.bound(client, policy)
    }

    /// RFC 9449 §5, RFC 8705 §7.1: the refresh token of a public client is bound to the key of its first
    /// request. A confidential client has proven itself, and may come with a new key, but not without one.
    pub fn bound_again(
        &self,
        former: &Binding,
        client: &Client,
        policy: &TokenPolicy,
    ) -> Result<Bound, Fault> {
        let Bound(now) = match client.is_public() && former.x5t.is_some() {
            true => self.binding(true).sufficient(policy, client.certificate_bound)?,
            false => self.bound(client, policy)?,
        };
        let same = !client.is_public() || former.held(self).is_ok();
        let kept = (former.jkt.is_none() || now.jkt.is_some()) && (former.x5t.is_none() || now.x5t.is_some());
        if !same || !kept {
            return Err(Reason::RefreshKeyDiffers {}.into());
        }
        if former.instance.is_some() && former.instance != now.instance {
            return Err(Reason::RefreshInstanceDiffers {}.into());
        }
        Ok(Bound(now))
    }

    /// `certificates`: whether tokens are bound to certificates.
    pub fn binding(&self, certificates: bool) -> Binding {
        let x5t = self.certificate.as_ref().filter(|_| certificates).map(Certificate::thumbprint);
        let instance = self.instance.clone().map(Instance::into_thumbprint);
        Binding { jkt: self.proof.as_ref().map(|proof| proof.jkt.clone()), x5t, instance }
    }
}

impl Binding {
    /// Whether no access token is bound by it.
    pub fn is_none(&self) -> bool {
        self.jkt.is_none() && self.x5t.is_none()
    }

    pub fn is_empty(&self) -> bool {
        self.is_none() && self.instance.is_none()
    }

    /// The binding, if it satisfies the policy. `certificate_bound`: the client has asked for tokens that
    /// are bound to its certificate (RFC 8705 §3.4), and must not get others. Here it is known who vouches
    /// for the keys: the evidence above, a ticket that has kept it, or the operator.
    pub fn sufficient(self, policy: &TokenPolicy, certificate_bound: bool) -> Result<Bound, Fault> {
        if policy.bound_by_dpop && self.jkt.is_none() {
            return Err(Reason::DpopRequired {}.into());
        }
        if (policy.bound_by_certificate || certificate_bound) && self.x5t.is_none() {
            return Err(Reason::CertificateRequired {}.into());
        }
        if policy.bound && self.is_none() {
            return Err(Reason::BindingRequired {}.into());
        }
        Ok(Bound(self))
    }

    /// RFC 9449 §5, §8.3; RFC 8705 §7.1: the scheme under which the token is used.
    pub fn token_type<'a>(&self, otherwise: &'a str) -> &'a str {
        if self.jkt.is_some() { "DPoP" } else { otherwise }
    }

    /// Whether the sender holds the keys that a token is bound to.
    pub fn held(&self, evidence: &Evidence) -> Result<HeldKey, KeyNotHeld> {
        if let Some(jkt) = &self.jkt {
            let proof = evidence.proof.as_ref().ok_or(KeyNotHeld::ProofMissing)?;
            if proof.jkt != *jkt {
                return Err(KeyNotHeld::ProofOfAnother);
            }
        }
        if let Some(x5t) = &self.x5t {
            let certificate = evidence.certificate.as_ref().ok_or(KeyNotHeld::CertificateMissing)?;
            if certificate.thumbprint() != *x5t {
                return Err(KeyNotHeld::CertificateOfAnother);
            }
        }
        Ok(HeldKey(()))
    }
}

/// The keys that new tokens are bound to, and that this is enough for what is demanded of the tokens.
///
/// ```compile_fail,E0423
/// let binding = placet_engine::rules::sender::Binding::default();
/// placet_engine::rules::sender::Bound(binding);
/// ```
#[derive(Clone)]
pub struct Bound(Binding);

impl Bound {
    pub fn into_binding(self) -> Binding {
        self.0
    }
}

/// The sender holds the keys of a binding.
#[derive(Debug, PartialEq, Eq)]
pub struct HeldKey(());

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyNotHeld {
    ProofMissing,
    ProofOfAnother,
    CertificateMissing,
    CertificateOfAnother,
}

#[cfg(test)]
mod tests {
    use super::*;
    use placet_base::Timestamp;

    fn evidence(jkt: &str) -> Evidence {
        let (jkt, jti, until) = (jkt.to_owned(), String::new(), Timestamp(0));
        Evidence { proof: Some(Proof { jkt, jti, until }), ..Evidence::default() }
    }

    #[test]
    fn a_binding_is_held_by_its_own_key_only() {
        let binding = evidence("a").binding(true);
        assert!(binding.held(&evidence("a")).is_ok());
        assert_eq!(binding.held(&evidence("b")), Err(KeyNotHeld::ProofOfAnother));
        assert_eq!(binding.held(&Evidence::default()), Err(KeyNotHeld::ProofMissing));
        assert!(Binding::default().held(&Evidence::default()).is_ok());
        let bound = Binding { x5t: Some("x".into()), ..Binding::default() };
        assert_eq!(bound.held(&evidence("a")), Err(KeyNotHeld::CertificateMissing));
    }
}
