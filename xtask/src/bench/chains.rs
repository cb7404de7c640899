//! A trust chain of five entities (OpenID Federation 1.0 §4), put together of what they publish and brought whole, beside
//! the bare verification of its signatures; and the request of a client that is known by such a chain alone, when nothing
//! of it is known yet, and when all is. The statements are at hand: networks are not measured.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use placet_api::{EndpointId, PathValues};
use placet_base::registry::JwsAlg;
use placet_base::{Timestamp, form};
use placet_engine::Fault;
use placet_engine::flow::trust_chains::{Source, resolved};
use placet_engine::rules::federation::{At, Chain, EntityId, Statement};
use placet_engine::tenant::Anchor;
use placet_jose::claims::Tolerance;
use placet_jose::{Jwk, JwkSet, SigningKey, Unsigned};
use placet_store::BoxFuture;
use placet_testkit::World;
use serde_json::{Map, Value, json};

use super::Options;
use super::report::Report;
use super::signatures::{key, per_second};

/// When the world of a test begins.
const NOW: i64 = 1_767_225_600;
/// The leaf, those between, and the anchor.
const ENTITIES: usize = 5;
/// What each says of itself, and what four say of the one below.
const PUBLISHED: usize = 2 * ENTITIES - 1;
/// What the leaf says, what four say of the one below, and what the anchor says.
const WHOLE: usize = ENTITIES + 1;

const STATEMENT: &str = "entity-statement+jwt";
const CALLBACK: &str = "https://entity-0.example/cb";

struct Entity {
    id: String,
    key: SigningKey,
    jwks: Value,
}

/// Everybody's statements, by where they are.
struct Federation {
    entities: Vec<Entity>,
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

    fn signed(&self, typ: &str, claims: Value) -> Result<String, String> {
        let header = json!({ "typ": typ });
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
                "openid_relying_party": {
                    "redirect_uris": [CALLBACK], "client_registration_types": ["automatic"], "jwks": self.jwks,
                    "token_endpoint_auth_method": "private_key_jwt", "grant_types": ["authorization_code"],
                },
            }),
        };
        if let Some(superior) = superior {
            claims["authority_hints"] = json!([superior.id]);
        }
        self.signed(STATEMENT, claims)
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
                let about = superior.signed(STATEMENT, superior.about(entity))?;
                whole.insert(number + 1, about.clone());
                let sub = entity.id.replace(':', "%3A").replace('/', "%2F");
                published.insert(format!("{}?sub={sub}", superior.fetch_endpoint()), about);
            }
        }
        let anchor = entities.last().ok_or("no anchor")?;
        let keys = JwkSet::parse(&anchor.jwks.to_string()).map_err(|e| format!("{e:?}"))?;
        let anchors = vec![Anchor { id: anchor.id.clone(), keys, trust_mark_types: Vec::new() }];
        let leaf = EntityId::parse(&entities[0].id).ok_or("no entity")?;
        Ok(Self { entities, leaf, anchors, published, whole })
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

/// A service in a world of its own, where the federation is published.
impl Federation {
    /// How many requests a core answers in a second: those of a client whose chain has to be found, and those of one that is known.
    #[expect(clippy::disallowed_methods, reason = "measuring is what this is for")]
    fn asked_for(&self, round: Duration) -> Result<[f64; 2], String> {
        let (started, mut spent, mut times) = (Instant::now(), [Duration::ZERO; 2], 0u32);
        while started.elapsed() < round {
            let world = self.world()?;
            for (number, spent) in spent.iter_mut().enumerate() {
                let request = self.request(number)?;
                let asked = Instant::now();
                let answer = world.call(
                    EndpointId::authorization,
                    Some(&world.organization_token),
                    PathValues::default(),
                    &request,
                );
                *spent += asked.elapsed();
                if answer.body["action"] != "INTERACTION" {
                    return Err(format!("the request is refused: {}", answer.text));
                }
            }
            times += 1;
        }
        Ok(spent.map(|spent| f64::from(times) / spent.as_secs_f64()))
    }

    fn world(&self) -> Result<World, String> {
        let (world, ..) = World::with_service_and_client();
        self.published.iter().for_each(|(url, text)| world.publish(url, Some(text)));
        let anchor = self.entities.last().ok_or("no anchor")?;
        let own = json!({ "keys": [key(JwsAlg::Es256)?] });
        let changes = json!({
            "federationEnabled": true, "federationJwks": own.to_string(), "supportedClientRegistrationTypes": ["AUTOMATIC"],
            "trustAnchors": [{ "entityId": anchor.id, "jwks": anchor.jwks.to_string() }],
        });
        let token = Some(world.organization_token.as_str());
        let answer = world.call(
            EndpointId::service_patch,
            token,
            PathValues::default(),
            changes.as_object().ok_or("no changes")?,
        );
        match answer.status {
            200 => Ok(world),
            _ => Err(format!("the service is refused: {}", answer.text)),
        }
    }

    /// A request that the leaf has signed (§12.1.1.1).
    fn request(&self, number: usize) -> Result<Map<String, Value>, String> {
        let leaf = self.entities.first().ok_or("no leaf")?;
        let claims = json!({
            "iss": leaf.id, "aud": "https://as.example", "client_id": leaf.id, "jti": number.to_string(), "exp": NOW + 300,
            "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid", "nonce": "n",
        });
        let object = leaf.signed("oauth-authz-req+jwt", claims)?;
        let pairs = [
            ("client_id", leaf.id.as_str()),
            ("response_type", "code"),
            ("scope", "openid"),
            ("request", &object),
        ];
        Ok(Map::from_iter([("parameters".to_owned(), form::encode(pairs).into())]))
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
    let [anew, known] = federation.asked_for(options.round())?;
    report.bare("the request of a client behind a chain of five that is not known, one core", anew);
    report.bare("the same of one that is known, one core", known);
    report.figure(
        "a request behind a chain of five that is known, to one behind a chain that is not",
        &format!("{:.1}", known / anew),
        "",
    );
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
        let [anew, known] = federation.asked_for(Duration::from_millis(1)).unwrap();
        assert!(anew > 0.0 && known > 0.0);
    }
}
