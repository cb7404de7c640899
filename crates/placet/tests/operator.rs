//! What an operator relies on: addresses, files and keys are what they seem, and lists disturb nobody.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use common::at::{At, free};
use common::{Connection, Dir};
use serde_json::{Value, json};

fn create_service(connection: &mut Connection, token: &str) -> Value {
    connection.post("/api/service/create", token, &json!({ "serviceName": "First" })).json()
}

#[test]
fn metrics_have_an_address_of_their_own() {
    let dir = Dir::new("metrics");
    let metrics = free();
    let at = At { extra: vec![("PLACET_METRICS_LISTEN", metrics.clone())], ..At::new(&dir) };
    let token = at.found();
    let mut serving = at.serve();
    create_service(&mut serving.connection, &token);
    assert_eq!(serving.connection.send("GET", "/metrics", "", b"").unwrap().code(), "A900203");
    let mut tools = Connection::to(&metrics);
    let text = tools.send("GET", "/metrics", "", b"").unwrap().body;
    assert!(text.contains("placet_calls_total{endpoint=\"service_create\",status=\"2xx\"} 1"), "{text}");
    assert!(text.contains("placet_call_seconds_bucket"));
    assert_eq!(tools.send("GET", "/readyz", "", b"").unwrap().body, "ready\n");
    // There is no API behind it.
    assert_eq!(tools.send("GET", "/api/lifecycle/healthcheck", "", b"").unwrap().status, 404);
}

#[test]
fn a_record_is_shown_to_whoever_has_the_installation() {
    let dir = Dir::new("inspect");
    let at = At::new(&dir);
    let token = at.found();
    let mut serving = at.serve();
    let service = create_service(&mut serving.connection, &token)["apiKey"].to_string();
    // The file is open.
    assert!(!at.command(&["inspect", "service", &service]).output().unwrap().status.success());
    drop(serving);
    let shown = at.command(&["inspect", "service", &service]).output().unwrap().stdout;
    let shown: Value = serde_json::from_slice(&shown).unwrap();
    assert_eq!((&shown["version"], &shown["format"]), (&json!(1), &json!(1)));
    assert_eq!(shown["record"]["document"]["serviceName"], "First", "{shown}");
    let mut missing = at.command(&["inspect", "token", "17", "--service", &service]);
    let missing = missing.stderr(Stdio::piped()).output().unwrap().stderr;
    let said = String::from_utf8(missing).unwrap();
    assert_eq!(said, format!("placet: there is no token 17 of service {service}\n"));
}

#[test]
fn an_address_that_is_taken_is_an_error() {
    let (dir, other) = (Dir::new("taken"), Dir::new("taken-too"));
    let at = At::new(&dir);
    let token = at.found();
    let mut serving = at.serve();
    let second = At { listen: at.listen.clone(), ..At::new(&other) };
    let said = String::from_utf8(second.refused().stderr).unwrap();
    assert!(said.contains(&at.listen), "{said}");
    for _ in 0..20 {
        let mut connection = Connection::to(&at.listen);
        assert_eq!(connection.post("/api/service/create", &token, &json!({})).status, 200);
    }
    drop(create_service(&mut serving.connection, &token));
}

#[test]
fn another_master_key_is_found_out_before_the_first_request() {
    let dir = Dir::new("other-key");
    let at = At::new(&dir);
    let token = at.found();
    let service = create_service(&mut at.serve().connection, &token)["apiKey"].clone();
    let path = dir.0.join("master.key");
    let key = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, "ab".repeat(32)).unwrap();
    let said = String::from_utf8(at.refused().stderr).unwrap();
    assert!(said.contains("master.key") && said.contains("not the key"), "{said}");
    std::fs::write(&path, key).unwrap();
    let mut serving = at.serve();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let path = format!("/api/{service}/service/get");
    assert_eq!(serving.connection.send("GET", &path, &bearer, b"").unwrap().status, 200);
}

#[test]
fn files_are_private_whatever_the_directory_is() {
    for (mode, after) in [(0o755, 0o755), (0o777, 0o755)] {
        let dir = Dir::new(&format!("modes-{mode:o}"));
        std::fs::set_permissions(&dir.0, Permissions::from_mode(mode)).unwrap();
        let at = At::new(&dir);
        let token = at.found();
        std::fs::set_permissions(dir.0.join("master.key"), Permissions::from_mode(0o644)).unwrap();
        let mut serving = at.serve();
        create_service(&mut serving.connection, &token);
        let mode_of = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode_of(&dir.0), after);
        for entry in std::fs::read_dir(&dir.0).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(mode_of(&path), 0o600, "{}", path.display());
        }
    }
}

#[test]
fn a_stranger_is_answered_before_a_body_is_read() {
    let dir = Dir::new("stranger");
    let at = At::new(&dir);
    let mut serving = at.serve();
    let head = "POST /api/service/create HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer nobody\r\n\
                Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";
    assert_eq!(serving.connection.raw(head.as_bytes()).unwrap().code(), "A900201");
}

/// One call at a time, and one that waits: the rest is told to come later, and nobody else notices.
#[test]
fn lists_that_are_too_many_are_told_to_come_later() {
    let dir = Dir::new("lists");
    let extra = vec![("PLACET_LONG_THREADS", "1".to_owned()), ("PLACET_LONG_QUEUE", "1".to_owned())];
    let at = At { extra, ..At::new(&dir) };
    let token = at.found();
    let mut serving = at.serve();
    let service = create_service(&mut serving.connection, &token)["apiKey"].clone();
    for number in 0..300 {
        let body = json!({ "clientName": format!("Client {number}") });
        let path = format!("/api/{service}/client/create");
        assert_eq!(serving.connection.post(&path, &token, &body).status, 200);
    }
    let statuses = std::thread::scope(|scope| {
        let lists: Vec<_> = (0..8)
            .map(|_| {
                let (at, token, service) = (&at, &token, &service);
                scope.spawn(move || {
                    let mut connection = Connection::to(&at.listen);
                    let path = format!("/api/{service}/client/get/list?end=300");
                    let bearer = format!("Authorization: Bearer {token}\r\n");
                    let answers = (0..10).map(|_| connection.send("GET", &path, &bearer, b"").unwrap());
                    answers
                        .map(|answer| {
                            (answer.status, answer.code(), answer.headers.contains_key("retry-after"))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        lists.into_iter().flat_map(|list| list.join().unwrap()).collect::<Vec<_>>()
    });
    let busy = (503, "A900231".to_owned(), true);
    assert!(statuses.contains(&busy), "{statuses:?}");
    assert!(statuses.iter().any(|(status, ..)| *status == 200), "{statuses:?}");
    assert!(statuses.iter().all(|answer| *answer == busy || answer.0 == 200), "{statuses:?}");
}

#[test]
fn the_audit_log_is_taken_out_and_held_against_itself() {
    let dir = Dir::new("audit");
    let at = At::new(&dir);
    let token = at.found();
    let mut serving = at.serve();
    create_service(&mut serving.connection, &token);
    let file = dir.0.join("token");
    std::fs::write(&file, &token).unwrap();
    let url = format!("http://{}", at.listen);
    let export =
        at.command(&["audit-log", "export", "--url", &url, "--token-file", file.to_str().unwrap()]).output();
    let exported = String::from_utf8(export.unwrap().stdout).unwrap();
    let lines: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Founding has made two things; the last line is the end.
    assert_eq!(lines.len(), 4, "{exported}");
    let made = &lines[2];
    assert_eq!(
        (made["operation"].as_str(), made["from"].as_str()),
        (Some("service_create"), Some("127.0.0.1"))
    );
    assert!(made["requestId"].is_string() && made["tokenId"].is_string() && made["at"].is_i64(), "{made}");
    let verified = |text: &str| {
        let log = dir.0.join("log");
        std::fs::write(&log, text).unwrap();
        let output =
            at.command(&["audit-log", "verify", log.to_str().unwrap()]).stderr(Stdio::piped()).output();
        let output = output.unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (whole, said) = verified(&exported);
    assert!(whole && said.starts_with("3 entries"), "{said}");
    let (whole, said) = verified(&exported.replacen("\"First\"", "\"Last\"", 1));
    assert!(!whole && said.contains("the chain ends at entry 3"), "{said}");
    let (whole, said) = verified(&exported.replacen("\"admin\"", "\"fake\"", 1));
    assert!(!whole && said.contains("entry 2 is not what entry 3 says"), "{said}");
}

/// A credential of a new service, and the service's id.
fn issued(connection: &mut Connection, token: &str, keys: &str) -> (String, String) {
    let metadata = json!({
        "credentialIssuer": "https://issuer.example",
        "credentialEndpoint": "https://issuer.example/credential",
        "credentialsSupported": json!({ "id": { "format": "dc+sd-jwt", "vct": "urn:id" } }).to_string(),
    });
    let service = json!({
        "serviceName": "Issuer", "verifiableCredentialsEnabled": true, "oid4vciVersion": "1.0",
        "supportedGrantTypes": ["PRE_AUTHORIZED_CODE"], "credentialJwks": keys,
        "credentialStatusListUri": "https://issuer.example/status", "credentialIssuerMetadata": metadata,
    });
    let service = connection.post("/api/service/create", token, &service).json()["apiKey"].to_string();
    let mut call = |path: &str, request: Value| {
        connection.post(&format!("/api/{service}/{path}"), token, &request).json()
    };
    let client =
        call("client/create", json!({ "tokenAuthMethod": "NONE", "grantTypes": ["PRE_AUTHORIZED_CODE"] }));
    let offer = json!({
        "credentialConfigurationIds": ["id"], "preAuthorizedCodeGrantIncluded": true, "subject": "john",
    });
    let code = call("vci/offer/create", offer)["info"]["preAuthorizedCode"].as_str().unwrap().to_owned();
    let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Apre-authorized_code";
    let parameters =
        format!("grant_type={grant}&pre-authorized_code={code}&client_id={}", client["clientId"]);
    let access = call("auth/token", json!({ "parameters": parameters }))["accessToken"].clone();
    let content = json!({ "credential_configuration_id": "id" }).to_string();
    let parsed = call("vci/single/parse", json!({ "accessToken": access, "requestContent": content }));
    let order = json!({ "requestIdentifier": parsed["info"]["identifier"], "credentialPayload": "{}" });
    let made = call("vci/single/issue", json!({ "accessToken": access, "order": order }));
    let content: Value = serde_json::from_str(made["responseContent"].as_str().unwrap()).unwrap();
    (content["credentials"][0]["credential"].as_str().unwrap().to_owned(), service)
}

#[test]
fn credentials_count_as_the_command_says() {
    let dir = Dir::new("credential");
    let at = At::new(&dir);
    let token = at.found();
    let keys = at.command(&["generate-keys", "ES256"]).output().unwrap();
    let mut serving = at.serve();
    let keys = String::from_utf8(keys.stdout).unwrap();
    let (credential, service) = issued(&mut serving.connection, &token, &keys);
    let [token_file, file] = [("token", &token), ("credential", &credential)].map(|(name, text)| {
        let path = dir.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    });
    let url = format!("http://{}", at.listen);
    let said = |arguments: &[&str]| {
        let common = ["--service", &service, "--url", &url, "--token-file", &token_file];
        let output = at.command(&["credential"]).args(arguments).args(common).stderr(Stdio::piped()).output();
        let output = output.unwrap();
        (output.status.success(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (done, text) = said(&["suspend", &file]);
    assert!(done && text.starts_with("1 credentials"), "{text}");
    assert!(said(&["restore", "--subject", "john"]).1.starts_with("1 credentials"));
    assert!(said(&["revoke", &file]).0);
    let (done, text) = said(&["restore", &file]);
    assert!(!done && text.contains("A910216"), "{text}");
    let (done, text) = said(&["revoke", "--list", "https://issuer.example/status/9", "--index", "1"]);
    assert!(!done && text.contains("A910334"), "{text}");
    // One way, and no other.
    assert!(!said(&["revoke"]).0);
    assert!(!said(&["revoke", &file, "--subject", "john"]).0);
}

#[test]
fn a_token_that_calls_too_often_waits_and_no_other_does() {
    let dir = Dir::new("rates");
    let at = At { extra: vec![("PLACET_LIMITS_TOKEN_CALLS_PER_SECOND", "5".to_owned())], ..At::new(&dir) };
    let token = at.found();
    let mut serving = at.serve();
    let service = create_service(&mut serving.connection, &token);
    let path = format!("/api/{}/auth/introspection", service["apiKey"]);
    let made = json!({ "serviceId": service["apiKey"] });
    let made = serving.connection.post("/api/servicetoken/create", &token, &made).json();
    let mut statuses = Vec::new();
    for _ in 0..30 {
        let answer =
            serving.connection.post(&path, made["accessToken"].as_str().unwrap(), &json!({ "token": "x" }));
        if answer.status == 429 {
            assert_eq!((answer.code().as_str(), answer.headers["retry-after"].as_str()), ("A900211", "1"));
        }
        statuses.push(answer.status);
    }
    let let_in = statuses.iter().filter(|status| **status == 200).count();
    assert!((5..30).contains(&let_in), "{statuses:?}");
    assert_eq!(serving.connection.post(&path, &token, &json!({ "token": "x" })).status, 200);
}
