//! What `placet dev` is furnished with.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::net::TcpStream;
use std::time::Duration;

use common::{Connection, Dir, Placet};
use data_encoding::BASE64URL_NOPAD;
use placet_sdk::form;
use serde_json::{Value, json};

fn claims(jwt: &str) -> Value {
    let payload = BASE64URL_NOPAD.decode(jwt.split('.').nth(1).unwrap().as_bytes()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

/// The API's word on an authorization request of the demo client.
fn asked(placet: &Placet, connection: &mut Connection, client: &str, more: &[(&str, &str)]) -> Value {
    let pairs = [("response_type", "code"), ("client_id", client)];
    let parameters = form::encode(pairs.into_iter().chain(more.iter().copied()));
    placet.call(connection, "auth/authorization", &json!({ "parameters": parameters })).json()
}

fn orders(connection: &mut Connection, token: &str, more: &str) -> common::Answer {
    connection.send("GET", "/rs/orders", &format!("Authorization: Bearer {token}\r\n{more}"), b"").unwrap()
}

#[test]
fn a_greeting_that_nobody_reads_ends_nothing() {
    let dir = Dir::new("dev-unread");
    let mut child = Placet::dev_command(&dir, &[]).spawn().unwrap();
    drop(child.stdout.take());
    // Its addresses are written down before it greets.
    let listens = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        let env = std::fs::read_to_string(dir.0.join("env")).unwrap_or_default();
        let address = env.lines().find_map(|line| line.strip_prefix("AUTHLETE_BASE_URL=http://"));
        address.is_some_and(|address| TcpStream::connect(address).is_ok())
    });
    std::thread::sleep(Duration::from_millis(500));
    let ended = child.try_wait().unwrap();
    let _ = child.kill();
    child.wait().unwrap();
    assert!(listens && ended.is_none(), "{ended:?}");
}

#[test]
fn the_demo_service_knows_what_suites_and_clients_ask_for() {
    let dir = Dir::new("dev-service");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    let (client, redirect_uri) = (placet.value("DEMO_CLIENT_ID"), placet.value("DEMO_REDIRECT_URI"));
    let scope = ("scope", "openid email orders:read");
    for display in ["page", "popup", "touch", "wap"] {
        let answer = asked(
            &placet,
            &mut connection,
            client,
            &[scope, ("redirect_uri", redirect_uri), ("display", display)],
        );
        assert_eq!(answer["action"], "INTERACTION", "{display}: {answer}");
    }
    let answer = asked(
        &placet,
        &mut connection,
        client,
        &[scope, ("redirect_uri", redirect_uri), ("prompt", "create")],
    );
    assert_eq!(answer["action"], "INTERACTION", "{answer}");
    let metadata = connection.send("GET", "/as/.well-known/openid-configuration", "", b"").unwrap().json();
    assert!(metadata["prompt_values_supported"].as_array().unwrap().contains(&json!("create")));
    assert_eq!(metadata["display_values_supported"].as_array().unwrap().len(), 4);
    // RFC 8252 §7.3: the port of a loopback address is the application's choice.
    let native = json!({
        "clientName": "Native", "clientType": "PUBLIC", "applicationType": "NATIVE", "tokenAuthMethod": "NONE",
        "grantTypes": ["AUTHORIZATION_CODE"], "responseTypes": ["CODE"], "redirectUris": ["http://127.0.0.1/cb"],
    });
    let native = placet.call(&mut connection, "client/create", &native).json();
    let native = native["clientId"].as_i64().unwrap().to_string();
    let answer =
        asked(&placet, &mut connection, &native, &[scope, ("redirect_uri", "http://127.0.0.1:51004/cb")]);
    assert_eq!(answer["action"], "INTERACTION", "{answer}");
}

/// RFC 8705 §2.1: somebody validates chains. Where nobody can present a certificate to us, whoever calls has done it.
#[test]
fn chains_are_validated_where_certificates_are_presented() {
    let dir = Dir::new("dev-chains");
    let validated = |arguments: &[&str]| {
        let placet = Placet::dev_with(&dir, arguments);
        let mut connection = placet.connect();
        let path = format!("/api/{}/service/get", placet.value("AUTHLETE_SERVICE_ID"));
        let authorization = format!("Authorization: Bearer {}\r\n", placet.value("AUTHLETE_API_TOKEN"));
        let service = connection.send("GET", &path, &authorization, b"").unwrap().json();
        service["mutualTlsValidatePkiCertChain"].clone()
    };
    let tls = ["--tls", "--tls-listen", "127.0.0.1:0", "--mtls-listen", "127.0.0.1:0"];
    assert_eq!(validated(&[]), json!(false));
    assert_eq!(validated(&tls), json!(true));
    assert_eq!(validated(&[tls.as_slice(), &["--any-client-authority"]].concat()), json!(false));
}

#[test]
fn what_scopes_stand_for_comes_from_the_userinfo_endpoint() {
    let dir = Dir::new("dev-claims");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    let (client, redirect_uri) = (placet.value("DEMO_CLIENT_ID"), placet.value("DEMO_REDIRECT_URI"));
    let more = [("scope", "openid email orders:read"), ("redirect_uri", redirect_uri)];
    let ticket = asked(&placet, &mut connection, client, &more);
    assert!(!ticket["claims"].to_string().contains("email"), "{}", ticket["claims"]);
    let claims_of_user = json!({ "email": "john@example.com" }).to_string();
    let body = json!({ "ticket": ticket["ticket"], "subject": "john", "claims": claims_of_user });
    let code =
        placet.call(&mut connection, "auth/authorization/issue", &body).json()["authorizationCode"].clone();
    let redeem = form::encode([
        ("grant_type", "authorization_code"),
        ("code", code.as_str().unwrap()),
        ("redirect_uri", redirect_uri),
    ]);
    let issued = placet.token(&mut connection, &redeem);
    let content: Value = serde_json::from_str(issued["responseContent"].as_str().unwrap()).unwrap();
    assert_eq!(claims(content["id_token"].as_str().unwrap())["sub"], "john");
    // The resource notices at once when a token has ended: here, because its code came a second time.
    let token = content["access_token"].as_str().unwrap();
    let answer =
        orders(&mut connection, token, "x-fapi-interaction-id: c770aef3-6784-41f7-8e0e-ff5f97bddb3a\r\n");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.headers["x-fapi-interaction-id"], "c770aef3-6784-41f7-8e0e-ff5f97bddb3a");
    placet.token(&mut connection, &redeem);
    let answer = orders(&mut connection, token, "x-fapi-interaction-id: <script>\r\n");
    assert_eq!(answer.status, 401, "{}", answer.body);
    // One of ours where the client has sent none that is one.
    assert_eq!(answer.headers["x-fapi-interaction-id"].len(), 36);
}

/// Another start has another port, so that the issuer has another name, and the signer another certificate.
#[test]
fn credentials_are_signed_for_where_the_issuer_is() {
    let dir = Dir::new("dev-credentials");
    let started = || {
        let placet = Placet::dev(&dir);
        let mut connection = placet.connect();
        let path = "/.well-known/openid-credential-issuer/as";
        let metadata = connection.send("GET", path, "", b"").unwrap().json();
        assert_eq!(metadata["credential_issuer"], placet.value("DEMO_ISSUER"));
        let formats = metadata["credential_configurations_supported"].as_object().unwrap().values();
        let formats: std::collections::BTreeSet<_> =
            formats.filter_map(|one| one["format"].as_str()).collect();
        assert_eq!(formats.into_iter().collect::<Vec<_>>(), ["dc+sd-jwt", "jwt_vc_json", "mso_mdoc"]);
        let keys = connection.send("GET", "/as/credential_jwks", "", b"").unwrap().json();
        let root = std::fs::read_to_string(dir.0.join("credentials/root.pem")).unwrap();
        (keys["keys"][0]["x5c"][0].as_str().unwrap().to_owned(), root)
    };
    let (before, after) = (started(), started());
    assert_ne!(before.0, after.0);
    assert_eq!(before.1, after.1);
}

// shows RFC6750 2/one-way
#[test]
fn the_demo_resource_takes_tokens_for_itself_and_for_nothing_in_particular() {
    let dir = Dir::new("dev-audience");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    let own = format!("{}/rs", placet.value("AUTHLETE_BASE_URL"));
    for (resource, expected) in
        [(None, 200), (Some(own.as_str()), 200), (Some("https://other.example/api"), 401)]
    {
        let mut pairs = vec![("grant_type", "client_credentials"), ("scope", "orders:read")];
        pairs.extend(resource.map(|resource| ("resource", resource)));
        let token = placet.token(&mut connection, &form::encode(pairs));
        let answer = orders(&mut connection, token["accessToken"].as_str().unwrap(), "");
        assert_eq!(answer.status, expected, "{resource:?}: {}", answer.body);
    }
}
