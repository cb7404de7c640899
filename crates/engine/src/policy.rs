//! What is required of a request. A policy is data, and combining policies only ever tightens: the
//! stricter of ordered demands, the *or* of obligations, the shorter of lifetimes.

use placet_api::Reason;
use placet_base::{Scopes, Ttl};

use crate::fault::Fault;
use crate::tenant::{Client, Tenant};

/// Who demands something, if anybody does. The order is that of precedence when it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    Nobody,
    Client,
    Service,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// PKCE must be used (RFC 7636).
    pub pkce: bool,
    /// PKCE, where it is used, must be used with S256.
    pub s256: bool,
    /// Requests must be pushed (RFC 9126).
    pub pushed: Demand,
    /// Requests must be request objects (RFC 9101).
    pub request_object: Demand,
    /// A request must end up with a scope.
    pub scope: bool,
    /// ID tokens must tell when the user was authenticated.
    pub auth_time: bool,
    pub code: Ttl,
    pub access_token: Ttl,
    pub refresh_token: Ttl,
    pub id_token: Ttl,
}

/// A lifetime that limits nothing: some 31,000 years.
const UNLIMITED: Ttl = Ttl::secs(1_000_000_000_000);

impl Policy {
    /// Demands nothing.
    pub const FREE: Policy = Policy {
        pkce: false,
        s256: false,
        pushed: Demand::Nobody,
        request_object: Demand::Nobody,
        scope: false,
        auth_time: false,
        code: UNLIMITED,
        access_token: UNLIMITED,
        refresh_token: UNLIMITED,
        id_token: UNLIMITED,
    };

    /// What satisfies both.
    pub fn meet(self, other: Policy) -> Policy {
        Policy {
            pkce: self.pkce || other.pkce,
            s256: self.s256 || other.s256,
            pushed: self.pushed.max(other.pushed),
            request_object: self.request_object.max(other.request_object),
            scope: self.scope || other.scope,
            auth_time: self.auth_time || other.auth_time,
            code: self.code.min(other.code),
            access_token: self.access_token.min(other.access_token),
            refresh_token: self.refresh_token.min(other.refresh_token),
            id_token: self.id_token.min(other.id_token),
        }
    }

    /// What is required of this request: of the service, of its client, of each scope that it is for.
    ///
    /// A setting that cannot be honoured yet is a fault: serving the request as if the setting were not
    /// there would make service or client weaker than its operator believes.
    pub fn resolve(tenant: &Tenant, client: &Client, scopes: &Scopes) -> Result<Policy, Fault> {
        if let Some(setting) = tenant.unsupported.or(client.unsupported) {
            return Err(Reason::SettingUnsupported { setting: setting.to_owned() }.into());
        }
        let of_scopes = scopes.iter().filter_map(|scope| tenant.scopes.get(scope)).map(|scope| scope.policy);
        Ok(of_scopes.fold(tenant.policy.meet(client.policy), Policy::meet))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A spread of policies, made from the bits of a number.
    fn policy(bits: u32) -> Policy {
        let bit = |n: u32| bits >> n & 1 == 1;
        let ttl = |n: u32| Ttl::secs(i64::from(bits >> n & 3) + 1);
        let demand = |n: u32| [Demand::Nobody, Demand::Client, Demand::Service][(bits >> n & 3) as usize % 3];
        Policy {
            pkce: bit(0),
            s256: bit(1),
            pushed: demand(2),
            request_object: demand(4),
            scope: bit(6),
            auth_time: bit(7),
            code: ttl(8),
            access_token: ttl(10),
            refresh_token: ttl(12),
            id_token: ttl(14),
        }
    }

    #[test]
    fn combining_is_commutative_associative_and_idempotent() {
        let sample: Vec<_> = (0..40u32).map(|n| policy(n.wrapping_mul(2_654_435_761))).collect();
        for a in &sample {
            assert_eq!(a.meet(*a), *a);
            assert_eq!(a.meet(Policy::FREE), *a);
            for b in &sample {
                assert_eq!(a.meet(*b), b.meet(*a));
                for c in &sample {
                    assert_eq!(a.meet(*b).meet(*c), a.meet(b.meet(*c)));
                }
            }
        }
    }

    #[test]
    fn combining_only_tightens() {
        for n in 0..200u32 {
            let (a, b) = (policy(n.wrapping_mul(40_503)), policy(n.wrapping_mul(2_654_435_761)));
            let both = a.meet(b);
            assert!(both.pkce >= a.pkce && both.s256 >= a.s256 && both.scope >= a.scope);
            assert!(both.pushed >= a.pushed && both.request_object >= a.request_object);
            assert!(
                both.access_token <= a.access_token && both.code <= a.code && both.id_token <= a.id_token
            );
        }
    }
}
