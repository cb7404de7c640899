//! `placet serve` says everything that is wrong with its configuration, and where.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::process::Command;

use common::Dir;

#[test]
fn every_wrong_setting_is_named() {
    let dir = Dir::new("config");
    let file = dir.0.join("placet.toml");
    std::fs::write(&file, "listen = \"nowhere\"\nlissten = \"127.0.0.1:0\"\n[sweep]\nbatch = 0\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
    command.args(["serve", "--config"]).arg(&file).env("PLACET_LOG_LEVEL", "loud");
    let output = command.output().unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    let name = file.display();
    for expected in [
        format!("{name}:1:10: listen: expected an address and port"),
        format!("{name}:2:1: lissten: there is no such setting"),
        format!("{name}:4:9: sweep.batch: expected a number"),
        "environment: PLACET_LOG_LEVEL: expected error".to_owned(),
    ] {
        assert!(said.contains(&expected), "{expected} is not in\n{said}");
    }
}

#[test]
fn a_collector_is_named_well_and_can_be_told_who_sends() {
    let dir = Dir::new("config-telemetry");
    let said = |settings: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.arg("serve").env("PLACET_DIRECTORY", &dir.0).env("PLACET_LISTEN", "127.0.0.1:0");
        let output = command.envs(settings.iter().copied()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let wrong = said(&[
        ("PLACET_TELEMETRY_ENDPOINT", "http://user:secret@127.0.0.1:4318"),
        ("PLACET_TELEMETRY_SAMPLING_RATIO", "5"),
        ("PLACET_TELEMETRY_QUEUE", "1"),
        ("PLACET_TELEMETRY_PROTOCOL", "grpc"),
    ]);
    for expected in [
        "PLACET_TELEMETRY_ENDPOINT: expected a URL",
        "PLACET_TELEMETRY_SAMPLING_RATIO: expected a number from 0 to 1",
        "PLACET_TELEMETRY_QUEUE: expected a number from 512",
        "PLACET_TELEMETRY_PROTOCOL: there is no such setting",
    ] {
        assert!(wrong.contains(expected), "{expected} is not in\n{wrong}");
    }
    assert!(!wrong.contains("secret"), "{wrong}");
    let alone = said(&[("PLACET_TELEMETRY_TRACES", "off")]);
    assert!(alone.contains("telemetry.endpoint: missing"), "{alone}");
    let headers = dir.0.join("headers");
    std::fs::write(&headers, "authorization: Bearer x\nof-a-secret\n").unwrap();
    let of_file = said(&[
        ("PLACET_TELEMETRY_ENDPOINT", "http://127.0.0.1:4318"),
        ("PLACET_TELEMETRY_HEADERS_FILE", headers.to_str().unwrap()),
    ]);
    assert!(of_file.contains("headers:2: expected a header") && !of_file.contains("secret"), "{of_file}");
}

#[test]
fn a_founded_organization_has_a_token_that_works() {
    let dir = Dir::new("found");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let placet = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.args(arguments).env("PLACET_DIRECTORY", &dir.0).env("PLACET_LISTEN", &free);
        command
    };
    let output = placet(&["found-organization", "--name", "Example"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let token = said.lines().find_map(|line| line.strip_prefix("token ")).unwrap();
    let mut server = placet(&["serve"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    let mut connection = common::Connection::to(&free);
    let answer =
        connection.post("/api/service/create", token, &serde_json::json!({ "serviceName": "First" }));
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn generated_keys_are_a_key_set() {
    let generate = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.arg("generate-keys").args(arguments).output().unwrap()
    };
    let set: serde_json::Value = serde_json::from_slice(&generate(&[]).stdout).unwrap();
    assert_eq!((&set["keys"][0]["alg"], &set["keys"][1]["alg"]), (&"ES256".into(), &"RS256".into()));
    assert!(set["keys"][0]["d"].is_string());
    let refused = generate(&["PS256", "HS256"]);
    assert!(refused.stdout.is_empty() && !refused.status.success());
    assert!(String::from_utf8(refused.stderr).unwrap().contains("HS256"));
}

#[test]
fn a_store_without_its_key_is_not_opened() {
    let dir = Dir::new("key");
    std::fs::write(dir.0.join("placet.db"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
    command.arg("serve").env("PLACET_DIRECTORY", &dir.0).env("PLACET_LISTEN", "127.0.0.1:0");
    let output = command.output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("master.key"));
}

#[test]
fn a_console_wants_to_know_its_origin() {
    let dir = Dir::new("config-console");
    let said = |settings: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.arg("serve").env("PLACET_DIRECTORY", &dir.0).env("PLACET_LISTEN", "127.0.0.1:0");
        let output = command.envs(settings.iter().copied()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&[("PLACET_CONSOLE_ENABLED", "on")]).contains("console.origin: missing"));
    let wrong = said(&[("PLACET_CONSOLE_ENABLED", "yes"), ("PLACET_CONSOLE_ORIGIN", "console")]);
    assert!(wrong.contains("PLACET_CONSOLE_ENABLED: expected on or off"), "{wrong}");
    assert!(wrong.contains("PLACET_CONSOLE_ORIGIN: expected an origin"), "{wrong}");
    let half = said(&[("PLACET_CONSOLE_OPENID_ISSUER", "https://login.example")]);
    assert!(half.contains("console.openid_client_id: missing"), "{half}");
    assert!(half.contains("console.token_file: missing"), "{half}");
    let wrong = said(&[("PLACET_CONSOLE_OPENID_ISSUER", "http://login.example")]);
    assert!(wrong.contains("PLACET_CONSOLE_OPENID_ISSUER: expected an issuer"), "{wrong}");
}
