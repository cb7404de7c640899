//! The authorization server as an issuer of credentials (OpenID for Verifiable Credential Issuance 1.0).

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/dpop.rs"]
mod dpop;
#[path = "common/world.rs"]
mod world;

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::Request;
use data_encoding::BASE64URL_NOPAD;
use placet_authserver::Peer;
use placet_base::Ttl;
use placet_sdk::registry::GrantType;
use placet_sdk::types::{Client, CredentialIssuerMetadata, Service, VciOfferCreateRequest};
use placet_sdk::{VciOfferCreateDecision, form};
use placet_server::keys::key_set;
use serde_json::{Value, json};
use world::{Answer, Browser, World, claims};

const ISSUER: &str = "https://as.example/bank";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";

fn configurations() -> Value {
    let described = |names: &[&str]| json!({ "claims": names.iter().map(|name| json!({ "path": [name] })).collect::<Vec<_>>() });
    json!({
        "id": { "format": "dc+sd-jwt", "vct": "urn:id", "credential_metadata": described(&["given_name", "none"]) },
        "slow": { "format": "dc+sd-jwt", "vct": "urn:slow", "credential_metadata": described(&["given_name"]) },
        "phone": { "format": "dc+sd-jwt", "vct": "urn:phone", "credential_metadata": described(&["phone_number"]) },
        "vc": {
            "format": "jwt_vc_json", "credential_definition": { "type": ["VerifiableCredential", "Card"] },
            "credential_metadata": { "claims": [{ "path": ["credentialSubject", "given_name"] }] },
        },
    })
}

fn issuing(version: &'static str, configurations: Value) -> impl FnOnce(&mut Service) {
    move |service| {
        service.verifiable_credentials_enabled = Some(true);
        service.oid4vci_version = Some(version.to_owned());
        service.credential_jwks = Some(key_set(&["ES256"]).unwrap());
        service.credential_status_list_uri = Some(format!("{ISSUER}/statuses"));
        service.credential_jwks_uri = Some(format!("{ISSUER}/credential_jwks"));
        service.supported_grant_types =
            Some(vec![GrantType::PreAuthorizedCode, GrantType::AuthorizationCode]);
        service.credential_issuer_metadata = Some(CredentialIssuerMetadata {
            credential_issuer: Some(ISSUER.to_owned()),
            credential_endpoint: Some(format!("{ISSUER}/credential")),
            deferred_credential_endpoint: Some(format!("{ISSUER}/deferred_credential")),
            batch_credential_endpoint: Some(format!("{ISSUER}/batch_credential")),
            nonce_endpoint: Some(format!("{ISSUER}/nonce")),
            notification_endpoint: Some(format!("{ISSUER}/notification")),
            credentials_supported: Some(configurations.to_string()),
            ..Default::default()
        });
    }
}

fn wallet(client: &mut Client) {
    client.grant_types = Some(vec![GrantType::PreAuthorizedCode]);
    client.response_types = Some(Vec::new());
}

async fn world(name: &str) -> World {
    World::of(name, ISSUER, issuing("1.0", configurations()), |client, settings| {
        wallet(client);
        settings.credentials.deferred = [("slow".to_owned(), 30)].into();
        settings.credentials.offers = true;
        settings.budgets.offers = 3;
    })
    .await
}

async fn got(world: &World, path: &str) -> Answer {
    world.send(Request::get(path).body(Body::empty()).unwrap()).await
}

fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_default()
}

/// An offer of all that is named, for this user.
async fn offered(world: &World, names: &[&str], subject: &str) -> (String, String) {
    let request = VciOfferCreateRequest {
        credential_configuration_ids: Some(names.iter().map(|name| (*name).to_owned()).collect()),
        pre_authorized_code_grant_included: Some(true),
        subject: Some(subject.to_owned()),
        ..Default::default()
    };
    let VciOfferCreateDecision::Created(made) = world.api.vci_offer_create(request).await.unwrap() else {
        panic!("no offer");
    };
    let info = made.body.info.unwrap();
    (info.identifier.unwrap(), info.pre_authorized_code.unwrap())
}

async fn token(world: &World, code: &str, proof: Option<String>) -> String {
    let request = Request::post("/bank/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", world.basic());
    let request = match proof {
        Some(proof) => request.header("dpop", proof),
        None => request,
    };
    let body = form::encode([("grant_type", GRANT), ("pre-authorized_code", code)]);
    let answer = world.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    json_of(&answer)["access_token"].as_str().unwrap().to_owned()
}

async fn bearer(world: &World, names: &[&str], subject: &str) -> String {
    let (_, code) = offered(world, names, subject).await;
    format!("Bearer {}", token(world, &code, None).await)
}

async fn asked(world: &World, path: &str, authorization: &str, body: &Value) -> Answer {
    let request = Request::post(format!("/bank/{path}"))
        .header("authorization", authorization)
        .header("content-type", "application/json");
    world.send(request.body(Body::from(body.to_string())).unwrap()).await
}

fn named(name: &str) -> Value {
    json!({ "credential_configuration_id": name })
}

/// The one credential of an answer.
fn credential(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.body);
    json_of(answer)["credentials"][0]["credential"].as_str().unwrap().to_owned()
}

/// What an SD-JWT discloses.
fn disclosed(credential: &str) -> Vec<Value> {
    let parts = credential.split('~').skip(1).filter(|part| !part.is_empty());
    let decoded = |part: &str| -> Value {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
    };
    parts.map(|part| json!([decoded(part)[1], decoded(part)[2]])).collect()
}

// shows OID4VCI 7.1/open 7.2/no-store 12.2.2/place
#[tokio::test]
async fn the_issuer_tells_of_itself() {
    let world = world("vci-told").await;
    // §12.2.2, and where those of the draft stood.
    for path in ["/.well-known/openid-credential-issuer/bank", "/bank/.well-known/openid-credential-issuer"] {
        let answer = got(&world, path).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "max-age=300"), "{path}");
        assert_eq!(json_of(&answer)["credential_issuer"], ISSUER);
    }
    let keys = json_of(&got(&world, "/bank/credential_jwks").await);
    assert!(keys["keys"][0]["kid"].is_string() && keys["keys"][0]["d"].is_null(), "{keys}");
    let issuer = json_of(&got(&world, "/.well-known/jwt-vc-issuer/bank").await);
    assert_eq!(issuer["issuer"], ISSUER);
    let answer = world.send(Request::post("/bank/nonce").body(Body::empty()).unwrap()).await;
    assert!(json_of(&answer)["c_nonce"].is_string(), "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    world.out.store(true, Ordering::Relaxed);
    assert_eq!(got(&world, "/bank/credential_jwks").await.status, 503);
}

#[tokio::test]
async fn who_issues_no_credentials_tells_nothing() {
    let world = World::new("vci-none", ISSUER, |_, _| {}).await;
    for path in [
        "/.well-known/openid-credential-issuer/bank",
        "/.well-known/jwt-vc-issuer/bank",
        "/bank/credential_jwks",
        "/bank/offers/x",
    ] {
        assert_eq!(got(&world, path).await.status, 404, "{path}");
    }
}

// shows OID4VCI 4.1.3/json
#[tokio::test]
async fn an_offer_is_loaded_by_its_name() {
    let world = world("vci-offer").await;
    let (name, code) = offered(&world, &["id"], "john").await;
    let answer = got(&world, &format!("/bank/offers/{name}")).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(json_of(&answer)["grants"][GRANT]["pre-authorized_code"], code);
    assert_eq!(got(&world, "/bank/offers/other").await.status, 404);
}

#[tokio::test]
async fn a_credential_says_what_is_known_of_its_user() {
    let world = world("vci-single").await;
    let token = bearer(&world, &["id", "vc"], "john").await;
    let answer = asked(&world, "credential", &token, &named("id")).await;
    let sd_jwt = credential(&answer);
    assert_eq!(disclosed(&sd_jwt), [json!(["given_name", "John"])]);
    let said = claims(sd_jwt.split('~').next().unwrap());
    assert_eq!((said["iss"].as_str(), said["vct"].as_str()), (Some(ISSUER), Some("urn:id")));
    let said = claims(&credential(&asked(&world, "credential", &token, &named("vc")).await));
    assert_eq!(said["vc"]["credentialSubject"], json!({ "given_name": "John" }));
    // Of jane there is no number, and of nobody anything.
    for subject in ["jane", "nobody"] {
        let token = bearer(&world, &["phone"], subject).await;
        let answer = asked(&world, "credential", &token, &named("phone")).await;
        assert_eq!(answer.status, 400);
        assert_eq!(json_of(&answer)["error"], "credential_request_denied");
    }
}

async fn accepting(world: &World, path: &str, accept: &str) -> Answer {
    world.send(Request::get(path).header("accept", accept).body(Body::empty()).unwrap()).await
}

// shows OID4VCI 12.2.2/media
#[tokio::test]
async fn the_metadata_are_signed_for_whoever_wants_that() {
    let world = world("vci-signed-metadata").await;
    let path = "/.well-known/openid-credential-issuer/bank";
    let signed = accepting(&world, path, "application/jwt;q=1, application/json").await;
    assert_eq!(
        (signed.status.as_u16(), signed.header("content-type")),
        (200, "application/jwt"),
        "{}",
        signed.body
    );
    assert_eq!(claims(&signed.body)["sub"], ISSUER);
    for accept in ["application/json, application/jwt", "*/*"] {
        assert_eq!(
            accepting(&world, path, accept).await.header("content-type"),
            "application/json",
            "{accept}"
        );
    }
}

// shows STATUS-LIST 8.1/media
#[tokio::test]
async fn a_credential_has_a_status_that_anybody_reads() {
    let world = world("vci-status").await;
    let bearer = bearer(&world, &["id"], "john").await;
    let credential = credential(&asked(&world, "credential", &bearer, &named("id")).await);
    let uri = claims(credential.split('~').next().unwrap())["status"]["status_list"]["uri"].clone();
    let path = uri.as_str().unwrap().strip_prefix("https://as.example").unwrap().to_owned();
    let list = got(&world, &path).await;
    let kind = list.header("content-type");
    assert_eq!((list.status.as_u16(), kind), (200, "application/statuslist+jwt"), "{}", list.body);
    assert_eq!(claims(&list.body)["sub"], uri);
    let cwt = accepting(&world, &path, "application/statuslist+cwt").await;
    assert_eq!((cwt.status.as_u16(), cwt.header("content-type")), (200, "application/statuslist+cwt"));
    assert_eq!(got(&world, "/bank/statuses/none").await.status, 404);
    // Whoever prepares for being without a network finds all of them.
    let metadata = json_of(&got(&world, "/.well-known/openid-credential-issuer/bank").await);
    let all = metadata["status_list_aggregation_endpoint"].as_str().unwrap();
    assert_eq!(claims(&list.body)["status_list"]["aggregation_uri"], all);
    let all = got(&world, all.strip_prefix("https://as.example").unwrap()).await;
    assert_eq!((all.status.as_u16(), all.header("content-type")), (200, "application/json"));
    assert_eq!(json_of(&all), json!({ "status_lists": [uri] }));
}

// shows OID4VCI 11/status
#[tokio::test]
async fn a_wallet_says_what_became_of_a_credential() {
    let world = world("vci-notification").await;
    let bearer = bearer(&world, &["id"], "john").await;
    let answer = asked(&world, "credential", &bearer, &named("id")).await;
    let id = json_of(&answer)["notification_id"].clone();
    let accepted = json!({ "notification_id": id, "event": "credential_accepted" });
    for _ in 0..2 {
        assert_eq!(asked(&world, "notification", &bearer, &accepted).await.status, 204);
    }
    let other = json!({ "notification_id": "none", "event": "credential_accepted" });
    let refused = asked(&world, "notification", &bearer, &other).await;
    assert_eq!(refused.status, 400);
    assert_eq!(json_of(&refused)["error"], "invalid_notification_id");
    assert_eq!(asked(&world, "notification", "Bearer none", &accepted).await.status, 401);
}

// shows OID4VCI 8.3.1.1/challenge
#[tokio::test]
async fn without_its_token_there_is_no_credential() {
    let world = world("vci-token").await;
    for path in ["credential", "deferred_credential", "batch_credential"] {
        let answer = asked(&world, path, "Basic eDp5", &named("id")).await;
        assert_eq!((answer.status.as_u16(), answer.header("www-authenticate")), (401, "Bearer"), "{path}");
        let answer = asked(&world, path, "Bearer x", &named("id")).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.header("www-authenticate").contains("invalid_token"));
    }
    let token = bearer(&world, &["id"], "john").await;
    let answer = asked(&world, "credential", &token, &named("vc")).await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert!(answer.header("www-authenticate").contains("insufficient_scope"));
    let answer = asked(&world, "credential", &token, &named("other")).await;
    assert_eq!(json_of(&answer)["error"], "unknown_credential_configuration");
    let answer = asked(&world, "batch_credential", &token, &named("id")).await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    // RFC 9449 §7.1: bound to no key.
    let answer = asked(&world, "credential", &token.replace("Bearer", "DPoP"), &named("id")).await;
    assert!(answer.header("www-authenticate").starts_with("DPoP"), "{}", answer.status);
}

#[tokio::test]
async fn a_bound_token_comes_with_its_proof() {
    let world = world("vci-dpop").await;
    let key = dpop::Key::new();
    let (_, code) = offered(&world, &["id"], "john").await;
    let token = token(&world, &code, Some(key.proof("POST", &format!("{ISSUER}/token"), None))).await;
    let answer = asked(&world, "credential", &format!("Bearer {token}"), &named("id")).await;
    assert_eq!(answer.status, 401);
    let proof = key.proof("POST", &format!("{ISSUER}/credential"), Some(&token));
    let request = Request::post("/bank/credential")
        .header("authorization", format!("DPoP {token}"))
        .header("dpop", proof)
        .body(Body::from(named("id").to_string()));
    credential(&world.send(request.unwrap()).await);
}

// shows OID4VCI 8.3/status
#[tokio::test]
async fn a_credential_that_comes_later_comes_then() {
    let world = world("vci-later").await;
    let token = bearer(&world, &["slow"], "john").await;
    let answer = asked(&world, "credential", &token, &named("slow")).await;
    let transaction = json_of(&answer);
    assert_eq!((answer.status.as_u16(), &transaction["interval"]), (202, &json!(30)), "{}", answer.body);
    let again = json!({ "transaction_id": transaction["transaction_id"] });
    world.clock.advance(Ttl::secs(20));
    let answer = asked(&world, "deferred_credential", &token, &again).await;
    assert_eq!((answer.status.as_u16(), &json_of(&answer)["interval"]), (202, &json!(10)));
    world.clock.advance(Ttl::secs(10));
    let answer = asked(&world, "deferred_credential", &token, &again).await;
    assert_eq!(disclosed(&credential(&answer)), [json!(["given_name", "John"])]);
    let answer = asked(&world, "deferred_credential", &token, &again).await;
    assert_eq!(json_of(&answer)["error"], "invalid_transaction_id");
}

/// Draft 13 §8
#[tokio::test]
async fn the_draft_asks_for_several_at_once() {
    let configurations = json!({
        "id": { "format": "vc+sd-jwt", "vct": "urn:id", "claims": { "given_name": {} } },
        "phone": { "format": "vc+sd-jwt", "vct": "urn:phone", "claims": { "phone_number": {} } },
    });
    let world =
        World::of("vci-batch", ISSUER, issuing("1.0-ID1", configurations), |client, _| wallet(client)).await;
    let of = |vct: &str| json!({ "format": "vc+sd-jwt", "vct": vct });
    let both = json!({ "credential_requests": [of("urn:id"), of("urn:phone")] });
    let token = bearer(&world, &["id", "phone"], "john").await;
    let answer = asked(&world, "batch_credential", &token, &both).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let all = json_of(&answer)["credential_responses"].clone();
    assert_eq!(disclosed(all[1]["credential"].as_str().unwrap())[0][0], "phone_number");
    let token = bearer(&world, &["id", "phone"], "jane").await;
    let answer = asked(&world, "batch_credential", &token, &both).await;
    assert_eq!(json_of(&answer)["error"], "credential_request_denied");
}

/// Somebody who is signed in, on the page of offers.
async fn visitor(world: &World) -> (Browser, Answer) {
    let mut browser = Browser::default();
    let page = browser.get(world, "/bank/offer").await;
    assert_eq!(page.heading(), "Sign in");
    let page = browser.post(world, &page, "sign-in", &[("login", "john"), ("password", "john")]).await;
    assert_eq!(page.heading(), "A credential for your wallet", "{}", page.body);
    (browser, page)
}

/// What stands in the element with this id.
fn text_of(page: &Answer, id: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("id=\"{id}\">"))?;
    Some(rest.split('<').next()?.replace("&#x2f;", "/").replace("&amp;", "&"))
}

/// The offer behind the link of the page.
async fn behind(world: &World, page: &Answer) -> Value {
    let link = text_of(page, "link").unwrap();
    let uri = link.strip_prefix("openid-credential-offer://?credential_offer_uri=").unwrap();
    let uri = form::decode(uri).unwrap();
    json_of(&got(world, uri.strip_prefix("https://as.example").unwrap()).await)
}

#[tokio::test]
async fn somebody_offers_a_credential_to_a_wallet_of_their_own() {
    let world = world("vci-page").await;
    let (mut browser, page) = visitor(&world).await;
    let page =
        browser.post(&world, &page, "make", &[("kind", "id"), ("kind", "slow"), ("way", "code")]).await;
    let tx_code = text_of(&page, "tx-code").unwrap();
    assert!(page.body.contains("data:image&#x2f;svg+xml") || page.body.contains("data:image/svg+xml"));
    let offer = behind(&world, &page).await;
    assert_eq!(offer["credential_configuration_ids"], json!(["id", "slow"]));
    assert_eq!(offer["grants"][GRANT]["tx_code"]["length"], 6);
    let code = offer["grants"][GRANT]["pre-authorized_code"].as_str().unwrap();
    let pairs = [("grant_type", GRANT), ("pre-authorized_code", code), ("tx_code", tx_code.as_str())];
    let answer = world.post("/bank/token", &world.basic(), &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    // Without a code, and by signing in anew. The page shows the last offer, as long as it is good.
    let page = browser.post(&world, &page, "make", &[("kind", "id"), ("way", "plain")]).await;
    assert!(text_of(&page, "tx-code").is_none());
    assert!(behind(&world, &page).await["grants"][GRANT]["tx_code"].is_null());
    let page = browser.post(&world, &page, "make", &[("kind", "id"), ("way", "authorization")]).await;
    assert!(behind(&world, &page).await["grants"]["authorization_code"]["issuer_state"].is_string());
    world.clock.advance(Ttl::secs(601));
    let page = browser.get(&world, "/bank/offer").await;
    assert!(page.body.contains("id=\"make\"") && text_of(&page, "link").is_none());
}

#[tokio::test]
async fn an_offer_is_about_something_and_made_by_whoever_it_is_for() {
    let world = world("vci-page-wrong").await;
    let (mut browser, page) = visitor(&world).await;
    let wrong: [&[(&str, &str)]; 3] =
        [&[("way", "code")], &[("kind", "other"), ("way", "code")], &[("kind", "id"), ("way", "other")]];
    for pairs in wrong {
        let answer = browser.post(&world, &page, "make", pairs).await;
        assert_eq!(answer.status, 400, "{pairs:?}");
        assert!(answer.body.contains("Choose at least one credential"), "{}", answer.body);
    }
    let answer = browser.send_form(&world, "/bank/offer", &[("kind", "id"), ("way", "plain")]).await;
    assert_eq!(answer.status, 403);
    world.out.store(true, Ordering::Relaxed);
    let answer = browser.post(&world, &page, "make", &[("kind", "id"), ("way", "plain")]).await;
    assert_eq!(answer.status, 503);
}

#[tokio::test]
async fn one_address_makes_so_many_offers() {
    let world = world("vci-page-many").await;
    let (mut browser, page) = visitor(&world).await;
    let (action, csrf) = page.form("make");
    let body = form::encode([("csrf", csrf.as_str()), ("kind", "id"), ("way", "plain")]);
    for allowed in [true, true, true, false] {
        let peer = Peer { address: Some(IpAddr::from([192, 0, 2, 1])), ..Peer::default() };
        let request = Request::post(&action)
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(peer);
        let answer = browser.once(&world, request, Body::from(body.clone())).await;
        assert_eq!(answer.status, if allowed { 303 } else { 429 });
        assert_eq!(answer.header("retry-after").is_empty(), allowed);
    }
}

#[tokio::test]
async fn there_is_no_page_of_offers_unless_the_operator_wants_one() {
    let configurations = configurations();
    let world =
        World::of("vci-page-off", ISSUER, issuing("1.0", configurations), |client, _| wallet(client)).await;
    assert_eq!(got(&world, "/bank/offer").await.status, 404);
    let answer =
        Browser::default().send_form(&world, "/bank/offer", &[("kind", "id"), ("way", "plain")]).await;
    assert_eq!(answer.status, 404);
}
