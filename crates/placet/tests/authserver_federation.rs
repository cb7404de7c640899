//! The authorization server as an entity of a federation (OpenID Federation 1.0 §9, §12.2).

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/entity.rs"]
mod entity;
#[path = "common/world.rs"]
mod world;

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use entity::Entity;
use placet_authserver::{Budgets, Peer};
use placet_base::Timestamp;
use placet_engine::rules::federation::{At, signed_keys};
use placet_jose::JwkSet;
use placet_jose::claims::Tolerance;
use placet_sdk::registry::ClientRegistrationType;
use placet_sdk::types::{CredentialIssuerMetadata, Service, TrustAnchor};
use placet_server::keys::key_set;
use serde_json::{Value, json};
use world::{Answer, World, claims};

const ISSUER: &str = "https://as.example/bank";
const STATEMENT: &str = "application/entity-statement+jwt";
const CHAIN: &str = "application/trust-chain+json";

/// A service below the anchor.
fn below<'a>(anchor: &'a Entity, types: &[ClientRegistrationType]) -> impl FnOnce(&mut Service) + 'a {
    let types = types.to_vec();
    move |service| {
        service.federation_enabled = Some(true);
        service.federation_jwks = Some(key_set(&["ES256"]).unwrap());
        service.authority_hints = Some(vec![anchor.id.clone()]);
        service.federation_registration_endpoint = Some(format!("{ISSUER}/federation_registration"));
        service.supported_client_registration_types = Some(types);
        service.trust_anchors = Some(vec![TrustAnchor {
            entity_id: Some(anchor.id.clone()),
            jwks: Some(anchor.jwks().to_string()),
            ..TrustAnchor::default()
        }]);
    }
}

async fn found(world: &World) -> Answer {
    let request = Request::get("/bank/.well-known/openid-federation");
    world.send(request.body(Body::empty()).unwrap()).await
}

async fn sent(world: &World, content_type: Option<&str>, body: &str) -> Answer {
    let peer = Peer { address: Some(IpAddr::from([192, 0, 2, 1])), ..Peer::default() };
    let mut request = Request::post("/bank/federation_registration").extension(peer);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    world.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

fn error(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    body["error"].as_str().unwrap_or_default().to_owned()
}

/// The chain of a relying party that asks to be registered here.
fn chain(anchor: &Entity, now: i64) -> String {
    let rp = Entity::new("https://rp.example");
    let metadata = json!({ "openid_relying_party": {
        "redirect_uris": ["https://rp.example/cb"],
        "client_name": "RP",
        "id_token_signed_response_alg": "ES256",
    } });
    let own =
        json!({ "aud": ISSUER, "jwks": rp.jwks(), "authority_hints": [anchor.id], "metadata": metadata });
    let of_rp = json!({ "jwks": rp.jwks() });
    json!([rp.states(&rp.id, now, &own), anchor.states(&rp.id, now, &of_rp)]).to_string()
}

#[tokio::test]
async fn the_entity_configuration_is_published() {
    let anchor = Entity::new("https://anchor.example");
    let types = [ClientRegistrationType::Explicit];
    let world = World::of("entity", ISSUER, below(&anchor, &types), |_, _| {}).await;
    let answer = found(&world).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), STATEMENT);
    assert_eq!(answer.header("cache-control"), "max-age=300");
    let said = claims(&answer.body);
    assert_eq!((said["iss"].as_str(), said["sub"].as_str()), (Some(ISSUER), Some(ISSUER)));
    let endpoint = &said["metadata"]["openid_provider"]["federation_registration_endpoint"];
    assert_eq!(endpoint, &format!("{ISSUER}/federation_registration"));
    world.out.store(true, Ordering::Relaxed);
    assert_eq!(found(&world).await.status, 503);
}

/// §5.2.1: a peer that follows what the configuration says gets the keys, by the keys that the configuration has.
#[tokio::test]
async fn a_peer_follows_the_entity_configuration_to_the_signed_keys() {
    let anchor = Entity::new("https://anchor.example");
    let signed = |service: &mut Service| {
        below(&anchor, &[ClientRegistrationType::Automatic])(service);
        service.signed_jwks_uri = Some(format!("{ISSUER}/signed_jwks"));
        service.jwks = Some(key_set(&["ES256", "RS256"]).unwrap());
    };
    let world = World::of("signed-keys", ISSUER, signed, |_, _| {}).await;
    let own = claims(&found(&world).await.body);
    let provider = &own["metadata"]["openid_provider"];
    assert!(provider.get("jwks").is_none() && provider.get("jwks_uri").is_none());
    let uri = provider["signed_jwks_uri"].as_str().unwrap();
    let path = uri.strip_prefix("https://as.example").unwrap();
    let answer = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/jwk-set+jwt");
    assert_eq!(answer.header("cache-control"), "max-age=300");
    let entity_keys = JwkSet::parse(&own["jwks"].to_string()).unwrap();
    let at = At { now: Timestamp::from_secs(world.clock.seconds()), tolerance: Tolerance::exactly(0) };
    let keys = signed_keys::of_entity(&answer.body, ISSUER, &entity_keys, at).unwrap();
    assert_eq!(keys.keys().len(), 2);
    assert!(
        keys.keys().iter().all(|key| key.kid().is_some())
            && !claims(&answer.body).to_string().contains("\"d\"")
    );
    let others = JwkSet::parse(&Entity::new("https://other.example").jwks().to_string()).unwrap();
    assert!(signed_keys::of_entity(&answer.body, ISSUER, &others, at).is_none());
    world.out.store(true, Ordering::Relaxed);
    let answer = world.send(Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 503);
}

/// What the service is, the configuration says, and nothing else.
#[tokio::test]
async fn a_service_that_issues_credentials_is_shown_as_an_issuer() {
    let anchor = Entity::new("https://anchor.example");
    let issuing = |service: &mut Service| {
        below(&anchor, &[ClientRegistrationType::Automatic])(service);
        service.verifiable_credentials_enabled = Some(true);
        service.credential_issuer_metadata = Some(CredentialIssuerMetadata {
            credential_issuer: Some(ISSUER.to_owned()),
            credential_endpoint: Some(format!("{ISSUER}/credential")),
            credentials_supported: Some(r#"{"id":{"format":"jwt_vc_json","credential_definition":{"type":["VerifiableCredential"]}}}"#.to_owned()),
            ..CredentialIssuerMetadata::default()
        });
    };
    let world = World::of("issuer-entity", ISSUER, issuing, |_, _| {}).await;
    let own = claims(&found(&world).await.body);
    assert_eq!(own["metadata"]["openid_credential_issuer"]["credential_issuer"], ISSUER, "{own}");
    assert_eq!(own["metadata"]["openid_provider"]["issuer"], ISSUER);
    let types = [ClientRegistrationType::Automatic];
    let world = World::of("no-issuer-entity", ISSUER, below(&anchor, &types), |_, _| {}).await;
    let own = claims(&found(&world).await.body);
    assert!(own["metadata"].get("openid_credential_issuer").is_none());
}

#[tokio::test]
async fn who_is_in_no_federation_has_no_configuration() {
    let world = World::new("no-entity", ISSUER, |_, _| {}).await;
    let answer = found(&world).await;
    assert_eq!((answer.status.as_u16(), error(&answer).as_str()), (404, "not_found"), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    let answer = sent(&world, Some(CHAIN), "[]").await;
    assert_eq!((answer.status.as_u16(), error(&answer).as_str()), (404, "not_found"), "{}", answer.body);
    let answer = world.send(Request::get("/bank/signed_jwks").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), error(&answer).as_str()), (404, "not_found"), "{}", answer.body);
}

#[tokio::test]
async fn an_entity_registers_explicitly() {
    let anchor = Entity::new("https://anchor.example");
    let types = [ClientRegistrationType::Explicit];
    let world = World::of("explicit", ISSUER, below(&anchor, &types), |_, _| {}).await;
    let chain = chain(&anchor, world.clock.seconds());
    let answer = sent(&world, Some("Application/Trust-Chain+JSON; charset=utf-8"), &chain).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/explicit-registration-response+jwt");
    assert_eq!(answer.header("cache-control"), "no-store");
    let said = claims(&answer.body);
    assert_eq!((said["iss"].as_str(), said["aud"].as_str()), (Some(ISSUER), Some("https://rp.example")));
    assert_eq!(said["trust_anchor"], anchor.id);
    let client = &said["metadata"]["openid_relying_party"];
    assert!(client["client_id"].is_string() && client["client_secret"].is_string(), "{client}");
}

#[tokio::test]
async fn what_is_no_registration_is_refused() {
    let anchor = Entity::new("https://anchor.example");
    let types = [ClientRegistrationType::Explicit];
    let world = World::of("refused", ISSUER, below(&anchor, &types), |_, _| {}).await;
    let now = world.clock.seconds();
    let (right, of_another) = (chain(&anchor, now), chain(&Entity::new("https://other.example"), now));
    for (content_type, body, expected) in [
        (None, right.as_str(), "invalid_request"),
        (Some("application/json"), &right, "invalid_request"),
        (Some("application/x-www-form-urlencoded"), &right, "invalid_request"),
        (Some(STATEMENT), "x", "invalid_request"),
        // A body is what its type says.
        (Some(STATEMENT), &right, "invalid_request"),
        (Some(CHAIN), &of_another, "invalid_trust_anchor"),
        (Some(CHAIN), "", "invalid_request"),
    ] {
        let answer = sent(&world, content_type, body).await;
        let outcome = (answer.status.as_u16(), error(&answer));
        assert_eq!(outcome, (400, expected.to_owned()), "{content_type:?} {}", answer.body);
        assert!(answer.header("content-type").starts_with("application/json"), "{content_type:?}");
    }
    world.out.store(true, Ordering::Relaxed);
    assert_eq!(sent(&world, Some(CHAIN), &right).await.status, 503);
}

#[tokio::test]
async fn the_service_says_who_may_register() {
    let anchor = Entity::new("https://anchor.example");
    let types = [ClientRegistrationType::Automatic];
    let world = World::of("automatic", ISSUER, below(&anchor, &types), |_, _| {}).await;
    let answer = sent(&world, Some(CHAIN), &chain(&anchor, world.clock.seconds())).await;
    assert_eq!(answer.status, 404, "{}", answer.body);
}

#[tokio::test]
async fn one_address_registers_so_many_entities_in_an_hour() {
    let anchor = Entity::new("https://anchor.example");
    let budgets = Budgets { registrations: 1, ..Budgets::default() };
    let types = [ClientRegistrationType::Explicit];
    let world =
        World::of("so-many", ISSUER, below(&anchor, &types), |_, settings| settings.budgets = budgets).await;
    assert_eq!(sent(&world, Some(CHAIN), "[]").await.status, 400);
    let answer = sent(&world, Some(CHAIN), "[]").await;
    assert_eq!(answer.status, 429);
    assert!((1..=3600).contains(&answer.header("retry-after").parse::<i64>().unwrap()));
}
