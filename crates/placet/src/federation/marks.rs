//! Trust marks that an authority gives (OpenID Federation 1.0 §7), and what it says of them (§8.4 to §8.6).

use placet_jose::jwt::{
    Expected, Expired, Kind, MaxLifetime, Party, Presence, Signature, Timing, Verified, asymmetric, read,
    read_unproven,
};
use serde_json::{Map, Value, json};

use super::authority::Authority;
use super::subordinates::Subordinate;

impl Authority {
    /// §7.1: this authority among them, for the types that it gives.
    pub(crate) fn trust_mark_issuers(&self) -> Map<String, Value> {
        let mut issuers = self.document.trust_mark_issuers.clone();
        for kind in self.document.subordinates.iter().flat_map(|one| &one.trust_marks) {
            // An empty list is everybody.
            match issuers.get_mut(kind) {
                None => drop(issuers.insert(kind.clone(), vec![self.id.as_str().to_owned()])),
                Some(list) if !list.is_empty() && !list.iter().any(|one| one == self.id.as_str()) => {
                    list.push(self.id.as_str().to_owned());
                }
                Some(_) => {}
            }
        }
        issuers.into_iter().map(|(kind, list)| (kind, list.into())).collect()
    }

    /// §8.6: a mark that the subordinate has of this authority.
    pub(crate) fn mark(&self, subordinate: &Subordinate, kind: &str) -> Option<String> {
        subordinate.has_mark(kind).then(|| {
            self.stated("trust-mark+jwt", &subordinate.entity_id, json!({ "trust_mark_type": kind }))
        })
    }

    /// §8.4.2: what is said of a mark; `None` for one that this authority has not issued.
    pub(crate) fn mark_status(&self, mark: &str) -> Option<String> {
        let status = self.judged(mark)?;
        let claims = json!({
            "iss": self.id.as_str(), "iat": self.clock.seconds(), "trust_mark": mark, "status": status,
        });
        let claims = if let Value::Object(claims) = claims { claims } else { Map::new() };
        Some(self.signed("trust-mark-status-response+jwt", claims))
    }

    fn judged(&self, mark: &str) -> Option<&'static str> {
        let own = |name: &str| name == self.id.as_str();
        read_unproven(mark, &self.expected(&own)).ok()?;
        let Some(verified) = self.verified(mark, &own) else { return Some("invalid") };
        let claim = |name: &'static str| verified.required(name).unwrap_or_default();
        let subordinate = self.subordinate(claim("sub"));
        let given = subordinate.is_some_and(|one| one.has_mark(claim("trust_mark_type")));
        let over = verified.times().exp.is_some_and(|exp| exp <= self.clock.seconds());
        Some(match (given, over) {
            (false, _) => "revoked",
            (true, true) => "expired",
            (true, false) => "active",
        })
    }

    fn verified(&self, mark: &str, own: &dyn Fn(&str) -> bool) -> Option<Verified> {
        let verified = read(mark, &self.expected(own), |found| {
            found
                .kid
                .map(|kid| self.keys.verifying(found.alg, Some(kid)).collect::<Vec<_>>())
                .unwrap_or_default()
        });
        verified.ok()
    }

    fn expected<'a>(&self, own: &'a dyn Fn(&str) -> bool) -> Expected<'a> {
        Expected {
            kind: Kind::TrustMark,
            signature: Signature::Required,
            algs: asymmetric(),
            issuer: Party::Named(own),
            audience: Party::Elsewhere("marks are for everybody"),
            timing: Timing {
                now: self.at().now,
                tolerance: self.at().tolerance,
                exp: Presence::Optional,
                nbf: Presence::Optional,
                iat: Presence::Required,
                expired: Expired::Taken,
                longest: MaxLifetime::Unlimited,
            },
        }
    }
}
