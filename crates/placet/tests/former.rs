//! A service moves from one server to another, and its tokens go on living.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use common::{Connection, Dir, Placet};
use serde_json::{Value, json};

/// A call of the demo service.
fn call(at: &Placet, connection: &mut Connection, path: &str, body: &Value) -> Value {
    let answer = at.call(connection, path, body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.json());
    answer.json()
}

#[test]
fn tokens_of_the_old_server_are_good_at_the_new_one() {
    let (old_dir, new_dir) = (Dir::new("former-old"), Dir::new("former-new"));
    let (old, new) = (Placet::dev(&old_dir), Placet::dev(&new_dir));
    let (mut there, mut here) = (old.connect(), new.connect());
    let code = old.code(&mut there);
    let tokens = old.token(&mut there, &format!("grant_type=authorization_code&code={code}"));
    let access = tokens["accessToken"].as_str().unwrap();
    let refresh = tokens["refreshToken"].as_str().unwrap();
    assert_eq!(new.introspect(&mut here, access)["usable"], false);
    // The client comes along under its name, and the new server is told where it was.
    let (id, secret) = (old.value("DEMO_CLIENT_ID"), old.value("DEMO_CLIENT_SECRET"));
    let client = json!({
        "clientName": "Moved", "clientIdAlias": id, "clientIdAliasEnabled": true, "clientType": "CONFIDENTIAL",
        "grantTypes": ["AUTHORIZATION_CODE", "REFRESH_TOKEN"], "responseTypes": ["CODE"],
        "redirectUris": ["https://client.example/cb"], "tokenAuthMethod": "CLIENT_SECRET_BASIC",
    });
    let made = call(&new, &mut here, "client/create", &client);
    let update = format!("client/secret/update/{}", made["clientId"]);
    call(&new, &mut here, &update, &json!({ "clientSecret": secret }));
    // Who asks there proves itself in the form.
    let mut asking = read(&old, &mut there, &format!("client/get/{id}"));
    asking["tokenAuthMethod"] = "CLIENT_SECRET_POST".into();
    call(&old, &mut there, &format!("client/update/{id}"), &asking);
    let mut service = read(&new, &mut here, "service/get");
    let endpoint = format!("{}/as/introspect", old.value("AUTHLETE_BASE_URL"));
    let members = service.as_object_mut().unwrap();
    members.insert("formerIntrospectionEndpoint".to_owned(), endpoint.into());
    members.insert("formerIntrospectionClientId".to_owned(), id.into());
    members.insert("formerIntrospectionClientSecret".to_owned(), secret.into());
    members.insert("formerTokensUntil".to_owned(), 4_000_000_000_000_i64.into());
    call(&new, &mut here, "service/update", &service);
    let judged = new.introspect(&mut here, access);
    assert_eq!((&judged["usable"], &judged["subject"]), (&json!(true), &json!("john")), "{judged:#}");
    // The old server is switched off: what has come along stays.
    let parameters = format!("grant_type=refresh_token&refresh_token={refresh}");
    let body = json!({ "parameters": parameters, "clientId": id, "clientSecret": secret });
    let refreshed = call(&new, &mut here, "auth/token", &body);
    assert_eq!(refreshed["action"], "OK", "{refreshed:#}");
    old.kill();
    assert_eq!(new.introspect(&mut here, access)["usable"], true);
    let again = call(&new, &mut here, "auth/token", &body);
    assert_eq!((&again["action"], &again["subject"]), (&json!("OK"), &json!("john")));
    // What only the old server could know is not taken for unknown.
    assert_eq!(new.call(&mut here, "auth/introspection", &json!({ "token": "of-whom" })).status, 503);
}

fn read(at: &Placet, connection: &mut Connection, what: &str) -> Value {
    let path = format!("/api/{}/{what}", at.value("AUTHLETE_SERVICE_ID"));
    let headers = format!("Authorization: Bearer {}\r\n", at.value("AUTHLETE_API_TOKEN"));
    connection.send("GET", &path, &headers, b"").unwrap().json()
}
