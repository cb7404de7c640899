//! A trust chain of five entities (OpenID Federation 1.0 §4), put together of what they publish and brought whole, beside
//! the bare verification of its signatures. The statements are at hand: networks are not measured.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use placet_base::Timestamp;
use placet_base::registry::JwsAlg;
use placet_engine::Fault;
use placet_engine::flow::trust_chains::{Source, resolved};
use placet_engine::rules::federation::{At, Chain, EntityId, Statement};
use placet_engine::tenant::Anchor;
use placet_jose::claims::Tolerance;
use placet_jose::{Jwk, JwkSet, SigningKey, Unsigned};
use placet_store::BoxFuture;
use serde_json::{Value, json};

use super::Options;
use super::report::Report;
use super::signatures::{key, per_second};

const NOW: i64 = 1_800_000_000;
/// The leaf, those between, and the anchor.
const ENTITIES: usize = 5;
/// What each says of itself, and what four say of the one below.
const PUBLISHED: usize = 2 * ENTITIES - 1;
/// What the leaf says, what four say of the one below, and what the anchor says.
const WHOLE: usize = ENTITIES + 1;

struct Entity {
    id: String,
    key: SigningKey,
    jwks: Value,
}

/// Everybody's statements, by where they are.
struct Federation {
    leaf: EntityId,
    anchors: Vec<Anchor>,
    published: HashMap<String, String>,
    whole: Vec<String>,
}

impl Entity {
    fn new(number: usize) -> Result<Self, String> {
        let jwk = Jwk::parse(&key(JwsAlg::Es256)?).ok_or("no key")?;
        let jwks = json!({ "keys": [jwk.public()] });
        let key = jwk.signing_key(JwsAlg::Es256).ok_or("no key")?;
        Ok(Self { id: format!("https://entity-{number}.example"), key, jwks })
    }

    fn signed(&self, claims: Value) -> Result<String, String> {
        let header = json!({ "typ": "entity-statement+jwt" });
        let (Value::Object(header), Value::Object(claims)) = (header, claims) else {
            return Err("no claims".into());
        };
        let input = Unsigned { header, claims }.signing_input(&self.key);
        let signature = self.key.sign(input.as_bytes()).ok_or("no signature")?;
        Ok(Unsigned::compact(input, &signature))
    }

    fn configuration(&self, superior: Option<&Self>) -> Result<String, String> {
        let mut claims = self.about(self);
        claims["metadata"] = match superior {
            None => json!({ "federation_entity": { "federation_fetch_endpoint": self.fetch_endpoint() } }),
            Some(_) => json!({
                "federation_entity": { "federation_fetch_endpoint": self.fetch_endpoint() },
                "openid_relying_party": { "redirect_uris": ["https://entity-0.example/cb"] },
            }),
        };
        if let Some(superior) = superior {
            claims["authority_hints"] = json!([superior.id]);
        }
        self.signed(claims)
    }

    fn about(&self, sub: &Self) -> Value {
        json!({ "iss": self.id, "sub": sub.id, "iat": NOW, "exp": NOW + 3600, "jwks": sub.jwks })
    }

    fn fetch_endpoint(&self) -> String {
        format!("{}/fetch", self.id)
    }
}

impl Federation {
    fn new() -> Result<Self, String> {
        let entities = (0..ENTITIES).map(Entity::new).collect::<Result<Vec<_>, _>>()?;
        let (mut published, mut whole) = (HashMap::new(), Vec::new());
        for (number, entity) in entities.iter().enumerate() {
            let superior = entities.get(number + 1);
            let own = entity.configuration(superior)?;
            if number == 0 || superior.is_none() {
                whole.push(own.clone());
            }
            published.insert(format!("{}/.well-known/openid-federation", entity.id), own);
            if let Some(superior) = superior {
                let about = superior.signed(superior.about(entity))?;
                whole.insert(number + 1, about.clone());
                let sub = entity.id.replace(':', "%3A").replace('/', "%2F");
                published.insert(format!("{}?sub={sub}", superior.fetch_endpoint()), about);
            }
        }
        let anchor = entities.last().ok_or("no anchor")?;
        let keys = JwkSet::parse(&anchor.jwks.to_string()).map_err(|e| format!("{e:?}"))?;
        let anchors = vec![Anchor { id: anchor.id.clone(), keys, trust_mark_types: Vec::new() }];
        let leaf = EntityId::parse(&entities[0].id).ok_or("no entity")?;
        Ok(Self { leaf, anchors, published, whole })
    }

    /// Nothing here waits for anything.
    fn is_found(&self) -> bool {
        let mut search = pin!(resolved(self, &self.anchors, &self.leaf, None));
        matches!(search.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Ok(_)))
    }

    fn is_verified(&self) -> bool {
        Chain::verified(&self.whole, &self.anchors, self.at()).is_ok()
    }
}

impl Source for Federation {
    fn at(&self) -> At {
        At { now: self.clock(), tolerance: Tolerance::exactly(0) }
    }

    fn clock(&self) -> Timestamp {
        Timestamp::from_secs(NOW)
    }

    fn statement<'a>(&'a self, url: &'a str, issuer: &'a str) -> BoxFuture<'a, Result<String, Fault>> {
        let found = self.published.get(url).cloned();
        Box::pin(
            async move { found.ok_or_else(|| Fault::server(format!("{issuer} has not published {url}"))) },
        )
    }

    fn answer<'a>(
        &'a self,
        url: &'a str,
        _: &'a str,
        entity: &'a str,
    ) -> BoxFuture<'a, Result<String, Fault>> {
        self.statement(url, entity)
    }

    fn keep(&self, _: &str, _: &Statement) {}
}

/// `bare`: verifications each second.
pub(super) fn measured(report: &mut Report, bare: f64, options: &Options) -> Result<(), String> {
    let federation = Federation::new()?;
    let found = ("a trust chain of five put together, all cores", PUBLISHED);
    let whole = ("a trust chain of five brought whole, all cores", WHOLE);
    let rates = [
        (found, per_second(options.round(), || assert!(federation.is_found(), "there is no chain"))),
        (whole, per_second(options.round(), || assert!(federation.is_verified(), "it is no chain"))),
    ];
    for ((name, signatures), rate) in rates {
        report.bare(name, rate);
        let ratio = rate * f64::from(u32::try_from(signatures).unwrap_or(u32::MAX)) / bare;
        report.figure(
            &format!("{name}: to the bare verification of its {signatures} signatures"),
            &format!("{ratio:.2}"),
            "",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_a_chain() {
        let federation = Federation::new().unwrap();
        assert_eq!((federation.published.len(), federation.whole.len()), (PUBLISHED, WHOLE));
        assert!(federation.is_found() && federation.is_verified());
    }
}
