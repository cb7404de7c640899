//! The examples of the SDK, each run against an engine in the same process.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;
#[path = "../../sdk/examples/flows.rs"]
#[allow(dead_code, unreachable_pub, clippy::allow_attributes, reason = "an example with a main of its own")]
mod flows;

use std::sync::Arc;

use common::Dir;
use placet_ambient::Ambient;
use placet_hsm::{Double, Hsm, Hsms};
use placet_sdk::registry::{
    ClientAuthMethod, ClientRegistrationType, ClientType, DeliveryMode, GrantManagementAction, GrantType,
    JwsAlg, ResponseType,
};
use placet_sdk::types::{
    self, ClientExtension, CredentialIssuerMetadata, CredentialNotificationInfo, CredentialRequestInfo,
    Scope, Service, ServiceTokenRequest,
};
use placet_sdk::{
    AuthorizationDecision, AuthorizationIssueDecision, Client, MemberRole, Secret, ServiceId, form,
};
use placet_server::api::Api;
use placet_server::config::Config;
use placet_server::in_process::InProcess;
use placet_server::keys::key_set;
use placet_server::serve::open_holding;
use serde_json::{Value, json};

const CALLBACK: &str = "https://client.example/cb";

struct World {
    _dir: Dir,
    api: Client<InProcess>,
    admin: Client<InProcess>,
    served: Arc<Api>,
    organization: i64,
    id: String,
    secret: String,
}

impl World {
    async fn new(name: &str) -> Self {
        let dir = Dir::new(name);
        let hsms = Hsms::new(vec![("main".to_owned(), Arc::new(Double::default()) as Arc<dyn Hsm>)]);
        let opened = open_holding(&Config::new(dir.0.clone()), hsms, |store| store).await.unwrap();
        let (organization, token) = opened.api.engine().found_organization("Test").await.unwrap();
        let admin = Client::new(InProcess(opened.api.clone()), Secret::new(token));
        let service = admin.service_create(service()).await.unwrap().api_key.unwrap();
        let wanted = ServiceTokenRequest {
            service_id: Some(service),
            organization_id: Some(organization.0),
            ..Default::default()
        };
        let token = admin.servicetoken_create(wanted).await.unwrap().body.access_token.unwrap();
        let api =
            Client::new(InProcess(opened.api.clone()), Secret::new(token)).for_service(ServiceId(service));
        let client = api.client_create(client()).await.unwrap();
        let id = client.client_id.unwrap().to_string();
        Self {
            _dir: dir,
            api,
            admin,
            served: opened.api,
            organization: organization.0,
            id,
            secret: client.body.client_secret.unwrap(),
        }
    }

    fn basic(&self) -> (&str, &str) {
        (&self.id, &self.secret)
    }

    fn query(&self, more: &[(&str, &str)]) -> String {
        let pairs = [
            ("response_type", "code"),
            ("client_id", self.id.as_str()),
            ("redirect_uri", CALLBACK),
            ("scope", "openid email"),
            ("state", "s"),
        ];
        form::encode(pairs.into_iter().chain(more.iter().copied()))
    }

    async fn tokens(&self, form: &str) -> Value {
        let right = |name: &str, password: &str| name == password;
        let (status, text) = flows::token(&self.api, form, Some(self.basic()), right).await.unwrap();
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The tokens of John, by code.
    async fn of_john(&self) -> Value {
        let (status, location) = flows::authorize(&self.api, &self.query(&[]), Some("john")).await.unwrap();
        assert_eq!(status, 302);
        let code = parameter(&location, "code").unwrap();
        let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
        self.tokens(&form::encode(pairs)).await
    }
}

fn parameter(location: &str, name: &str) -> Option<String> {
    let pairs = location.split_once('?')?.1.split('&').filter_map(|item| item.split_once('='));
    pairs
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| form::decode(value).unwrap().into_owned())
}

const SCOPES: [&str; 5] =
    ["openid", "email", "device_sso", "grant_management_query", "grant_management_revoke"];

fn service() -> Service {
    let scope = |name: &str| Scope { name: Some(name.to_owned()), ..Default::default() };
    Service {
        issuer: Some("https://as.example".to_owned()),
        supported_grant_types: Some(vec![
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
            GrantType::Password,
            GrantType::Ciba,
            GrantType::DeviceCode,
            GrantType::TokenExchange,
            GrantType::JwtBearer,
            GrantType::PreAuthorizedCode,
        ]),
        supported_response_types: Some(vec![ResponseType::Code]),
        supported_scopes: Some(SCOPES.map(scope).to_vec()),
        supported_trust_frameworks: Some(vec!["gold".to_owned()]),
        native_sso_supported: Some(true),
        id_jag_sign_alg: Some(JwsAlg::Es256),
        txn_token_sign_alg: Some(JwsAlg::Es256),
        trust_domain: Some("trust.example".to_owned()),
        supported_token_auth_methods: Some(vec![ClientAuthMethod::ClientSecretBasic]),
        supported_backchannel_token_delivery_modes: Some(vec![DeliveryMode::Poll]),
        challenge_endpoint: Some("https://as.example/challenge".to_owned()),
        device_verification_uri: Some("https://as.example/device".to_owned()),
        dynamic_registration_supported: Some(true),
        backchannel_logout_supported: Some(true),
        jwks: Some(key_set(&["ES256"]).unwrap()),
        federation_enabled: Some(true),
        federation_jwks: Some(key_set(&["ES256"]).unwrap()),
        authority_hints: Some(vec!["https://anchor.example".to_owned()]),
        federation_registration_endpoint: Some("https://as.example/federation/register".to_owned()),
        supported_client_registration_types: Some(vec![ClientRegistrationType::Explicit]),
        ..Default::default()
    }
}

fn client() -> types::Client {
    types::Client {
        client_type: Some(ClientType::Confidential),
        token_auth_method: Some(ClientAuthMethod::ClientSecretBasic),
        grant_types: service().supported_grant_types,
        response_types: Some(vec![ResponseType::Code]),
        redirect_uris: Some(vec![CALLBACK.to_owned()]),
        id_token_sign_alg: Some(JwsAlg::Es256),
        extension: Some(ClientExtension { token_exchange_permitted: Some(true), ..Default::default() }),
        bc_delivery_mode: Some("POLL".to_owned()),
        backchannel_logout_uri: Some("https://client.example/logout".to_owned()),
        ..Default::default()
    }
}

#[tokio::test]
async fn verified_claims() {
    let world = World::new("sdk-verified").await;
    let set = json!({ "verification": { "trust_framework": null }, "claims": { "given_name": null } });
    let claims = json!({ "id_token": { "verified_claims": set } }).to_string();
    let own = json!({
        "verification": { "trust_framework": "gold", "time": "2025-06-01T10:00Z" },
        "claims": { "given_name": "John", "family_name": "Smith" },
    });
    let query = world.query(&[("claims", &claims)]);
    let (status, location) = flows::assure(&world.api, &query, ("john", own)).await.unwrap();
    assert_eq!(status, 302, "{location}");
    let code = parameter(&location, "code").unwrap();
    let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("redirect_uri", CALLBACK)];
    let tokens = world.tokens(&form::encode(pairs)).await;
    let payload = tokens["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let payload = data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap();
    let payload: Value = serde_json::from_slice(&payload).unwrap();
    let expected =
        json!({ "verification": { "trust_framework": "gold" }, "claims": { "given_name": "John" } });
    assert_eq!(payload["verified_claims"], expected);
}

#[tokio::test]
async fn code_refresh_introspection_userinfo_revocation() {
    let world = World::new("sdk-code").await;
    let tokens = world.of_john().await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(flows::introspect(&world.api, access, &["email"]).await.unwrap(), (200, "john".to_owned()));
    let (status, challenge) = flows::introspect(&world.api, access, &["orders"]).await.unwrap();
    assert!(status == 403 && challenge.contains("insufficient_scope"), "{challenge}");
    let value = |user: &str, name: &str| (name == "email").then(|| json!(format!("{user}@example.com")));
    let (status, text) = flows::userinfo(&world.api, access, value).await.unwrap();
    assert_eq!(status, 200);
    let userinfo: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(userinfo, json!({ "sub": "john", "email": "john@example.com" }));
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let second =
        world.tokens(&form::encode([("grant_type", "refresh_token"), ("refresh_token", refresh)])).await;
    let access = second["access_token"].as_str().unwrap();
    let answer = flows::revoke(&world.api, &form::encode([("token", access)]), world.basic()).await.unwrap();
    assert_eq!(answer.0, 200);
    assert_eq!(flows::introspect(&world.api, access, &[]).await.unwrap().0, 401);
}

#[tokio::test]
async fn refusals_of_the_authorization_endpoint() {
    let world = World::new("sdk-refusals").await;
    let (status, location) =
        flows::authorize(&world.api, &world.query(&[("prompt", "none")]), None).await.unwrap();
    assert_eq!((status, parameter(&location, "error").as_deref()), (302, Some("login_required")));
    let elsewhere = world.query(&[]).replace("client.example", "attacker.example");
    assert_eq!(flows::authorize(&world.api, &elsewhere, Some("john")).await.unwrap().0, 400);
}

#[tokio::test]
async fn client_credentials_and_passwords() {
    let world = World::new("sdk-grants").await;
    assert!(world.tokens("grant_type=client_credentials&scope=email").await["access_token"].is_string());
    assert!(
        world.tokens("grant_type=password&username=john&password=john").await["access_token"].is_string()
    );
    let form = "grant_type=password&username=john&password=x";
    let wrong =
        flows::token(&world.api, form, Some(world.basic()), |name, password| name == password).await.unwrap();
    assert_eq!(wrong.0, 400);
    let nobody = flows::token(&world.api, form, Some((&world.id, "wrong")), |_, _| true).await.unwrap();
    assert_eq!(nobody.0, 401);
}

#[tokio::test]
async fn pushed_requests() {
    let world = World::new("sdk-par").await;
    let (status, text) = flows::push(&world.api, &world.query(&[]), world.basic()).await.unwrap();
    assert_eq!(status, 201);
    let pushed: Value = serde_json::from_str(&text).unwrap();
    let query =
        form::encode([("client_id", &*world.id), ("request_uri", pushed["request_uri"].as_str().unwrap())]);
    let (status, location) = flows::authorize(&world.api, &query, Some("john")).await.unwrap();
    assert!(status == 302 && parameter(&location, "code").is_some(), "{location}");
}

#[tokio::test]
async fn registration() {
    let world = World::new("sdk-dcr").await;
    let (status, text) =
        flows::register(&world.api, r#"{"redirect_uris":["https://new.example/cb"]}"#).await.unwrap();
    assert_eq!(status, 201, "{text}");
    assert!(text.contains("client_id"), "{text}");
    assert_eq!(flows::register(&world.api, r#"{"redirect_uris":"x"}"#).await.unwrap().0, 400);
}

#[tokio::test]
async fn backchannel_authentication() {
    let world = World::new("sdk-ciba").await;
    let known = |hint: &str| (hint == "john").then(|| hint.to_owned());
    let form = form::encode([("scope", "openid"), ("login_hint", "john")]);
    let (status, text) = flows::backchannel(&world.api, &form, world.basic(), known).await.unwrap();
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let id = answer["auth_req_id"].as_str().unwrap();
    let grant = [("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", id)];
    assert!(world.tokens(&form::encode(grant)).await["id_token"].is_string());
    let form = form::encode([("scope", "openid"), ("login_hint", "nobody")]);
    let (status, text) = flows::backchannel(&world.api, &form, world.basic(), known).await.unwrap();
    assert!(status == 400 && text.contains("unknown_user_id"), "{text}");
}

/// OpenID Connect Core §12.2: who refreshes may get an ID token as well.
#[tokio::test]
async fn id_tokens_of_refreshed_tokens() {
    let world = World::new("sdk-reissue").await;
    let reissuable = json!({ "idTokenReissuable": true });
    let changes = types::MergePatch(reissuable.as_object().unwrap().clone());
    world.api.service_patch(placet_sdk::Answer::from(changes)).await.unwrap();
    let tokens = world.of_john().await;
    let form = form::encode([
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ]);
    let refreshed = world.tokens(&form).await;
    let payload = refreshed["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value =
        serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap();
    assert_eq!((&claims["sub"], &claims["email_verified"]), (&json!("john"), &json!(true)));
}

/// Tokens of services and organizations, from their making to their end.
#[tokio::test]
async fn tokens_of_operators() {
    let world = World::new("sdk-tokens").await;
    let service = world.api.service_get().await.unwrap().api_key.unwrap();
    let values = flows::service_token(&world.admin, world.organization, service).await.unwrap();
    let of_organization = flows::organization_token(&world.admin, world.organization).await.unwrap();
    for values in [values, of_organization] {
        assert!(values[0].is_some() && values[1].is_some() && values[0] != values[1]);
        for value in values.into_iter().flatten() {
            let api = Client::new(InProcess(world.served.clone()), Secret::new(value));
            let refused = api.for_service(ServiceId(service)).service_get().await.map(|_| ());
            assert!(matches!(refused, Err(placet_sdk::Error::Refused { status: 401, .. })));
        }
    }
}

#[tokio::test]
async fn device_flow() {
    let world = World::new("sdk-device").await;
    let form = form::encode([("scope", "openid")]);
    let (status, text) = flows::device(&world.api, &form, world.basic(), "john").await.unwrap();
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["verification_uri"], "https://as.example/device");
    let code = answer["device_code"].as_str().unwrap();
    let grant = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", code)];
    assert!(world.tokens(&form::encode(grant)).await["id_token"].is_string());
}

#[tokio::test]
async fn token_exchange() {
    let world = World::new("sdk-exchange").await;
    let tokens = world.of_john().await;
    let kind = "urn:ietf:params:oauth:token-type:access_token";
    let form = form::encode([
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", tokens["access_token"].as_str().unwrap()),
        ("subject_token_type", kind),
        ("scope", "email"),
    ]);
    let judge = |asked: &types::TokenResponse| asked.subject_token_info.as_ref()?.subject.clone();
    let (status, text) = flows::exchange(&world.api, &form, world.basic(), judge).await.unwrap();
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["issued_token_type"], kind);
    let access = answer["access_token"].as_str().unwrap();
    assert_eq!(flows::introspect(&world.api, access, &["email"]).await.unwrap(), (200, "john".to_owned()));
    let (status, _) = flows::exchange(&world.api, &form, world.basic(), |_| None).await.unwrap();
    assert_eq!(status, 400);
}

#[tokio::test]
async fn exchange_for_elsewhere() {
    let world = World::new("sdk-elsewhere").await;
    let tokens = world.of_john().await;
    let asking = |kind: &str, audience: &str| {
        form::encode([
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("requested_token_type", &format!("urn:ietf:params:oauth:token-type:{kind}")),
            ("subject_token", tokens["id_token"].as_str().unwrap()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"),
            ("audience", audience),
            ("scope", "chat.read"),
        ])
    };
    let agree = |asked: &types::TokenResponse| {
        let audience = asked.audiences.clone()?.into_iter().find(|audience| audience.contains("chat"));
        let subject = Some("john".to_owned());
        Some(types::TokenExchangeRequest { audience, subject, ..Default::default() })
    };
    let form = asking("id-jag", "https://chat.example");
    let (status, text) = flows::exchange_elsewhere(&world.api, &form, world.basic(), agree).await.unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &answer["scope"]), (200, &"chat.read".into()), "{text}");
    let form = asking("txn_token", "trust.example");
    let (status, text) = flows::exchange_elsewhere(&world.api, &form, world.basic(), agree).await.unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, &answer["token_type"]), (200, &"N_A".into()), "{text}");
    let refused = flows::exchange_elsewhere(&world.api, &form, world.basic(), |_| None).await.unwrap();
    assert_eq!(refused.0, 400);
}

#[tokio::test]
async fn native_sso() {
    let world = World::new("sdk-native").await;
    let query = form::encode([
        ("client_id", &*world.id),
        ("response_type", "code"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid device_sso"),
    ]);
    let request = types::AuthorizationRequest { parameters: Some(query), ..Default::default() };
    let AuthorizationDecision::Interaction(asked) = world.api.authorization(request).await.unwrap() else {
        panic!("no ticket");
    };
    assert_eq!(asked.native_sso_requested, Some(true));
    let request = types::AuthorizationIssueRequest {
        ticket: asked.ticket.clone(),
        subject: Some("john".to_owned()),
        session_id: Some("session".to_owned()),
        ..Default::default()
    };
    let AuthorizationIssueDecision::Location(issued) = world.api.authorization_issue(request).await.unwrap()
    else {
        panic!("no code");
    };
    let code = issued.answer.authorization_code.clone().unwrap();
    let grant = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let judge = |made: &types::TokenResponse| made.session_id.as_ref().map(|_| "secret".to_owned());
    let (status, text) =
        flows::native_sso(&world.api, &form::encode(grant), world.basic(), judge).await.unwrap();
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert!(answer["device_secret"] == "secret" && answer["id_token"].is_string());
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(flows::introspect(&world.api, token, &[]).await.unwrap().0, 200);
    assert!(flows::leave(&world.api, "session").await.unwrap());
    assert_eq!(flows::introspect(&world.api, token, &[]).await.unwrap().0, 401);
    assert!(!flows::leave(&world.api, "session").await.unwrap());
}

#[tokio::test]
async fn grants_of_clients() {
    let world = World::new("sdk-grants").await;
    let form = form::encode([("scope", "openid"), ("grant_management_action", "create")]);
    let (_, text) = flows::device(&world.api, &form, world.basic(), "john").await.unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    let code = answer["device_code"].as_str().unwrap();
    let grant = [("grant_type", "urn:ietf:params:oauth:grant-type:device_code"), ("device_code", code)];
    let tokens = world.tokens(&form::encode(grant)).await;
    let id = tokens["grant_id"].as_str().unwrap();
    let scope = "grant_management_query grant_management_revoke";
    let own = world.tokens(&form::encode([("grant_type", "client_credentials"), ("scope", scope)])).await;
    let own = own["access_token"].as_str().unwrap();
    let act = async |action| flows::grant(&world.api, action, id, own).await.unwrap();
    let (status, text) = act(GrantManagementAction::Query).await;
    assert_eq!((status, &*text), (200, r#"{"scopes":[{"scope":"openid"}]}"#));
    assert_eq!(act(GrantManagementAction::Revoke).await.0, 204);
    assert_eq!(act(GrantManagementAction::Query).await.0, 404);
    // And so can the user.
    let (_, text) = flows::device(&world.api, &form, world.basic(), "john").await.unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    let code = answer["device_code"].as_str().unwrap();
    world.tokens(&form::encode([grant[0], ("device_code", code)])).await;
    assert_eq!(flows::take_back(&world.api, &world.id, "john").await.unwrap(), 1);
    assert_eq!(flows::take_back(&world.api, &world.id, "john").await.unwrap(), 0);
}

#[tokio::test]
async fn assertions_as_grants() {
    let world = World::new("sdk-assertion").await;
    // Its signature is for the caller to judge; the API judges the rest.
    let part = |json: Value| data_encoding::BASE64URL_NOPAD.encode(json.to_string().as_bytes());
    let soon = Ambient::default().clock.seconds() + 60;
    let claims =
        json!({ "iss": "https://idp.example", "sub": "j", "aud": "https://as.example", "exp": soon });
    let assertion = format!("{}.{}.{}", part(json!({ "alg": "ES256" })), part(claims), "c2ln");
    let form = form::encode([
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", &assertion),
        ("scope", "email"),
    ]);
    let verify = |found: &str| (found == assertion).then(|| "john".to_owned());
    let (status, text) = flows::assertion(&world.api, &form, world.basic(), verify).await.unwrap();
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let access = answer["access_token"].as_str().unwrap();
    assert_eq!(flows::introspect(&world.api, access, &["email"]).await.unwrap(), (200, "john".to_owned()));
    let (status, _) = flows::assertion(&world.api, &form, world.basic(), |_| None).await.unwrap();
    assert_eq!(status, 400);
}

#[tokio::test]
async fn challenges() {
    let world = World::new("sdk-challenge").await;
    let (status, text) = flows::challenge(&world.api).await.unwrap();
    assert!(status == 200 && text.contains("attestation_challenge"), "{text}");
}

#[tokio::test]
async fn credentials() {
    let world = World::new("sdk-credentials").await;
    let mut service = world.api.service_get().await.unwrap();
    service.verifiable_credentials_enabled = Some(true);
    service.oid4vci_version = Some("1.0".to_owned());
    service.credential_jwks = Some(key_set(&["ES256"]).unwrap());
    service.credential_issuer_metadata = Some(CredentialIssuerMetadata {
        credential_issuer: Some("https://issuer.example".to_owned()),
        credential_endpoint: Some("https://issuer.example/credential".to_owned()),
        notification_endpoint: Some("https://issuer.example/notify".to_owned()),
        credentials_supported: Some(r#"{"id":{"format":"dc+sd-jwt","vct":"urn:id"}}"#.to_owned()),
        ..Default::default()
    });
    service.credential_status_list_uri = Some("https://issuer.example/status".to_owned());
    world.api.service_update(service).await.unwrap();
    let parts = ["credential_configurations_supported", "jwks", "keys", "c_nonce"];
    for ((status, text), part) in flows::credential_issuer(&world.api).await.unwrap().into_iter().zip(parts) {
        assert!(status == 200 && text.contains(part) && !text.contains("\"d\""), "{text}");
    }
    let offer = flows::offer(&world.api, ("id", "john"), "1234").await.unwrap().unwrap();
    let (status, text) = flows::offered(&world.api, &offer).await.unwrap();
    assert!(status == 200 && text.contains("pre-authorized_code"), "{text}");
    assert_eq!(flows::offered(&world.api, "other").await.unwrap().0, 404);
    let offer: Value = serde_json::from_str(&text).unwrap();
    let code = offer["grants"]["urn:ietf:params:oauth:grant-type:pre-authorized_code"]["pre-authorized_code"]
        .as_str()
        .unwrap();
    let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code";
    let form = format!("grant_type={grant}&pre-authorized_code={code}&tx_code=1234");
    let (status, text) = flows::token(&world.api, &form, Some(world.basic()), |_, _| true).await.unwrap();
    assert_eq!(status, 200, "{text}");
    let token: Value = serde_json::from_str(&text).unwrap();
    let token = token["access_token"].as_str().unwrap();
    let body = r#"{"credential_configuration_id":"id"}"#;
    let says = |asked: &CredentialRequestInfo| {
        assert_eq!(asked.format.as_deref(), Some("dc+sd-jwt"));
        flows::Says::Payload(json!({ "family_name": "Doe" }).as_object().cloned().unwrap())
    };
    let (status, text) = flows::credential(&world.api, (token, body), says).await.unwrap();
    assert!(status == 200 && text.contains("credentials") && text.contains('~'), "{text}");
    let issued: Value = serde_json::from_str(&text).unwrap();
    let (status, text) =
        flows::credential(&world.api, (token, body), |_| flows::Says::Nothing).await.unwrap();
    assert!(status == 400 && text.contains("credential_request_denied"), "{text}");
    let refused = flows::credential(&world.api, ("x", body), |_| flows::Says::Nothing).await.unwrap();
    assert_eq!(refused.0, 401);
    // What the wallet says of it, once.
    let said = json!({ "notification_id": issued["notification_id"], "event": "credential_accepted" });
    let (said, times) = (said.to_string(), std::cell::Cell::new(0));
    let acts = |info: CredentialNotificationInfo| {
        assert_eq!(info.subject.as_deref(), Some("john"));
        times.set(times.get() + 1);
    };
    assert_eq!(flows::notified(&world.api, (token, &said), acts).await.unwrap().0, 204);
    assert_eq!(flows::notified(&world.api, (token, &said), acts).await.unwrap().0, 204);
    assert_eq!(times.get(), 1);
    let (status, text) = flows::notified(&world.api, (token, "{}"), acts).await.unwrap();
    assert!(status == 400 && text.contains("invalid_notification_request"), "{text}");
    // Whether it counts.
    let (status, text) = flows::status_list(&world.api, Some("1")).await.unwrap();
    assert!(status == 200 && text.split('.').count() == 3, "{text}");
    assert_eq!(flows::status_list(&world.api, Some("2")).await.unwrap().0, 404);
    let (status, text) = flows::status_list(&world.api, None).await.unwrap();
    assert!(status == 200 && text.contains("https://issuer.example/status/1"), "{text}");
    assert_eq!(flows::credentials_ended(&world.api, "john").await.unwrap(), Some(1));
    assert_eq!(flows::credentials_ended(&world.api, "john").await.unwrap(), Some(0));
    // What comes later.
    let (status, text) = flows::credential(&world.api, (token, body), |_| flows::Says::Later).await.unwrap();
    assert!(status == 202 && text.contains("interval"), "{text}");
    let deferred: Value = serde_json::from_str(&text).unwrap();
    let again = json!({ "transaction_id": deferred["transaction_id"] }).to_string();
    let later = |_: &CredentialRequestInfo| flows::Says::Later;
    assert_eq!(flows::deferred_credential(&world.api, (token, &again), later).await.unwrap().0, 202);
    let (status, text) = flows::deferred_credential(&world.api, (token, &again), says).await.unwrap();
    assert!(status == 200 && text.contains("credentials"), "{text}");
    let (status, text) = flows::deferred_credential(&world.api, (token, &again), says).await.unwrap();
    assert!(status == 400 && text.contains("invalid_transaction_id"), "{text}");
    // Batches are of the draft, which this service does not speak at first.
    let batch = r#"{"credential_requests":[{"credential_identifier":"id"}]}"#;
    assert_eq!(flows::credentials(&world.api, (token, batch), says).await.unwrap().0, 403);
    assert_eq!(flows::offer(&world.api, ("other", "john"), "1234").await.unwrap(), None);
}

#[tokio::test]
async fn batches() {
    let world = World::new("sdk-batch").await;
    let mut client = world.api.client_get(world.id.as_str()).await.unwrap();
    client.in_scope_for_token_migration = Some(true);
    world.api.client_update(world.id.as_str(), client).await.unwrap();
    let tokens = [("john", "refresh-1"), ("jane", "refresh-2")];
    let batch = flows::migrate(&world.api, &world.id, &tokens).await.unwrap();
    assert_eq!(flows::migrated(&world.api, &batch).await.unwrap(), (0, None));
    while world.served.engine().work().await.unwrap() {}
    assert_eq!(flows::migrated(&world.api, &batch).await.unwrap(), (2, Some(Ok(()))));
    let form = "grant_type=refresh_token&refresh_token=refresh-2";
    let (status, _) = flows::token(&world.api, form, Some(world.basic()), |_, _| false).await.unwrap();
    assert_eq!(status, 200);
}

#[tokio::test]
async fn federations() {
    let world = World::new("sdk-federation").await;
    let (status, statement) = flows::entity(&world.api).await.unwrap();
    assert!(status == 200 && statement.split('.').count() == 3, "{statement}");
    let (status, keys) = flows::signed_keys(&world.api).await.unwrap();
    assert!(status == 200 && keys.split('.').count() == 3, "{keys}");
    // The service is an entity itself, and no client of its own.
    let (status, refused) = flows::federate(&world.api, &statement).await.unwrap();
    assert!(status == 400 && refused.contains("invalid_trust_chain"), "{refused}");
}

#[tokio::test]
async fn keys_in_hardware() {
    let world = World::new("sdk-hsm").await;
    assert!(flows::hardware(&world.api, "hw").await.unwrap().is_none());
    let mut service = world.api.service_get().await.unwrap();
    service.hsm_enabled = Some(true);
    world.api.service_update(service).await.unwrap();
    let public = flows::hardware(&world.api, "hw").await.unwrap();
    assert!(public.unwrap().contains("BEGIN PUBLIC KEY"));
}

#[tokio::test]
async fn logout_tokens_and_management() {
    let world = World::new("sdk-manage").await;
    let (token, uri) = flows::logout(&world.api, &world.id, "john").await.unwrap().unwrap();
    assert!(token.split('.').count() == 3 && uri == "https://client.example/logout");
    assert!(flows::edit(&world.api, &world.id, "Other").await.unwrap());
    // Somebody else was faster: what was read before cannot be sent back.
    let mut stale = world.api.client_get(world.id.as_str()).await.unwrap();
    assert_eq!(stale.version.as_deref(), Some("\"2\""));
    assert!(flows::edit(&world.api, &world.id, "Third").await.unwrap());
    stale.client_name = Some("Mine".to_owned());
    let refused = world.api.client_update(world.id.as_str(), stale).await.map(|_| ());
    assert!(matches!(refused, Err(placet_sdk::Error::Refused { status: 412, .. })));
    let joined = flows::join(&world.admin, world.organization, "jane@example.com", MemberRole::Viewer).await;
    assert!(joined.unwrap().is_some());
    let entered = flows::enter(&world.admin, world.organization, "jane@example.com").await.unwrap();
    let own = Client::new(InProcess(world.served.clone()), Secret::new(entered.unwrap()));
    assert_eq!(flows::rights(&own).await.unwrap(), ["view_client", "view_service"]);
    flows::renounce(&own).await.unwrap();
    assert!(flows::rights(&own).await.is_err());
    assert!(flows::inspect(&world.api, "nobody").await.unwrap().is_empty());
    let (entries, cursor) = flows::audited(&world.admin, None).await.unwrap();
    assert!(entries.iter().any(|entry| entry.contains("\"clientName\":\"Third\"")), "{entries:?}");
    assert!(
        entries.iter().any(|entry| entry.contains("member_sign_in"))
            && entries.last().unwrap().contains("apitoken_revoke"),
        "{entries:?}"
    );
    assert!(flows::audited(&world.admin, cursor).await.unwrap().0.is_empty());
    let (id, name) = flows::manage(&world.api).await.unwrap();
    assert_eq!(name, "Shop of wonders");
    assert!(world.api.client_get(id).await.is_err());
}
