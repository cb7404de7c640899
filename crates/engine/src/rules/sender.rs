//! RFC 9449, RFC 8705 §3 – which key a caller has proven to hold, and tokens that are bound to one

pub mod dpop;

use placet_api::Reason;
use placet_jose::Certificate;
use serde::{Deserialize, Serialize};

use crate::fault::Fault;
use crate::policy::TokenPolicy;
use crate::tenant::Client;
use dpop::Proof;

/// What was proven about the sender of a request.
#[derive(Default)]
pub struct Evidence {
    pub proof: Option<Proof>,
    pub certificate: Option<Certificate>,
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
}

impl Evidence {
    /// The binding of the client's new tokens: to whatever was proven. A certificate binds where service
    /// and client have asked for that, or a profile has, or where it alone can do what a profile demands.
    pub fn binding_for(&self, client: &Client) -> Binding {
        let token = &client.demanded;
        let demanded = token.bound_by_certificate || token.bound && self.proof.is_none();
        self.binding(client.certificate_bound || demanded)
    }

    /// `certificates`: whether tokens are bound to certificates.
    pub fn binding(&self, certificates: bool) -> Binding {
        let x5t = self.certificate.as_ref().filter(|_| certificates).map(Certificate::thumbprint);
        Binding { jkt: self.proof.as_ref().map(|proof| proof.jkt.clone()), x5t }
    }
}

impl Binding {
    pub fn is_none(&self) -> bool {
        self.jkt.is_none() && self.x5t.is_none()
    }

    /// A binding that satisfies the policy. `certificate_bound`: the client has asked for tokens that
    /// are bound to its certificate (RFC 8705 §3.4), and must not get others.
    pub fn sufficient(self, policy: &TokenPolicy, certificate_bound: bool) -> Result<Self, Fault> {
        if policy.bound_by_dpop && self.jkt.is_none() {
            return Err(Reason::DpopRequired {}.into());
        }
        if (policy.bound_by_certificate || certificate_bound) && self.x5t.is_none() {
            return Err(Reason::CertificateRequired {}.into());
        }
        if policy.bound && self.is_none() {
            return Err(Reason::BindingRequired {}.into());
        }
        Ok(self)
    }

    /// RFC 9449 §5, §8.3; RFC 8705 §7.1: the scheme under which the token is used.
    pub fn token_type<'a>(&self, otherwise: &'a str) -> &'a str {
        if self.jkt.is_some() { "DPoP" } else { otherwise }
    }

    /// Whether the sender holds the keys that a token is bound to.
    pub fn held(&self, evidence: &Evidence) -> Result<Held, NotHeld> {
        if let Some(jkt) = &self.jkt {
            let proof = evidence.proof.as_ref().ok_or(NotHeld::ProofMissing)?;
            if proof.jkt != *jkt {
                return Err(NotHeld::ProofOfAnother);
            }
        }
        if let Some(x5t) = &self.x5t {
            let certificate = evidence.certificate.as_ref().ok_or(NotHeld::CertificateMissing)?;
            if certificate.thumbprint() != *x5t {
                return Err(NotHeld::CertificateOfAnother);
            }
        }
        Ok(Held(()))
    }
}

/// The sender holds the keys of a binding.
#[derive(Debug, PartialEq, Eq)]
pub struct Held(());

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotHeld {
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
        Evidence { proof: Some(Proof { jkt, jti, until }), certificate: None }
    }

    #[test]
    fn a_binding_is_held_by_its_own_key_only() {
        let binding = evidence("a").binding(true);
        assert!(binding.held(&evidence("a")).is_ok());
        assert_eq!(binding.held(&evidence("b")), Err(NotHeld::ProofOfAnother));
        assert_eq!(binding.held(&Evidence::default()), Err(NotHeld::ProofMissing));
        assert!(Binding::default().held(&Evidence::default()).is_ok());
        let bound = Binding { x5t: Some("x".into()), ..Binding::default() };
        assert_eq!(bound.held(&evidence("a")), Err(NotHeld::CertificateMissing));
    }
}
