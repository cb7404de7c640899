//! What was acknowledged is there, whatever happens to the process.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use common::{Dir, Placet};

#[test]
fn tokens_that_were_handed_out_survive_the_plug() {
    let dir = Dir::new("plug");
    let placet = Placet::dev(&dir);
    let (handed_out, pulled) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let mut connection = placet.connect();
            let (handed_out, pulled, placet) = (&handed_out, &pulled, &placet);
            scope.spawn(move || {
                let path = format!("/api/{}/auth/token", placet.value("AUTHLETE_SERVICE_ID"));
                let headers = format!(
                    "Authorization: Bearer {}\r\nContent-Type: application/json\r\n",
                    placet.value("AUTHLETE_API_TOKEN")
                );
                let body = serde_json::json!({
                    "parameters": "grant_type=client_credentials",
                    "clientId": placet.value("DEMO_CLIENT_ID"),
                    "clientSecret": placet.value("DEMO_CLIENT_SECRET"),
                });
                let body = body.to_string();
                while !pulled.load(Ordering::Relaxed) {
                    let Some(answer) = connection.send("POST", &path, &headers, body.as_bytes()) else {
                        break;
                    };
                    let token = answer.json()["accessToken"].as_str().unwrap().to_owned();
                    handed_out.lock().unwrap().push(token);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(700));
        // While all of them are at it.
        std::process::Command::new("kill").args(["-KILL", &placet.id()]).status().unwrap();
        pulled.store(true, Ordering::Relaxed);
    });
    placet.kill();
    let handed_out = handed_out.into_inner().unwrap();
    assert!(handed_out.len() > 100, "only {} tokens were handed out", handed_out.len());

    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    for token in &handed_out {
        let verdict = placet.introspect(&mut connection, token);
        assert_eq!(verdict["action"], "OK", "one of {} tokens is lost: {verdict}", handed_out.len());
    }
}

#[test]
fn a_second_start_goes_on_with_what_is_there() {
    let dir = Dir::new("second");
    let first = Placet::dev(&dir);
    let mut connection = first.connect();
    let token = first.token(&mut connection, "grant_type=client_credentials")["accessToken"].clone();
    let env = first.env.clone();
    assert!(first.greeting.iter().any(|line| line.contains("curl")));
    assert!(first.terminate());

    let second = Placet::dev(&dir);
    let placed = ["AUTHLETE_BASE_URL", "DEMO_ISSUER"];
    for (name, value) in env.iter().filter(|(name, _)| !placed.contains(&name.as_str())) {
        assert_eq!(second.value(name), value, "{name}");
    }
    let verdict = second.introspect(&mut second.connect(), token.as_str().unwrap());
    assert_eq!(verdict["action"], "OK");
    // The service has moved to the second run's port.
    let issuer =
        second.call(&mut second.connect(), "service/configuration", &serde_json::json!({})).json()["issuer"]
            .clone();
    assert_eq!(issuer, second.value("DEMO_ISSUER"));
    assert_ne!(issuer, env["DEMO_ISSUER"]);
}

#[test]
fn only_the_owner_reads_what_is_secret() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new("modes");
    let below = Dir(dir.0.join("data"));
    let _placet = Placet::dev(&below);
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&below.0.join("env")), 0o600);
    assert_eq!(mode(&below.0.join("master.key")), 0o600);
    let secret = std::fs::read_to_string(below.0.join("env")).unwrap();
    let secret = secret.lines().find_map(|line| line.strip_prefix("DEMO_CLIENT_SECRET=")).unwrap().to_owned();
    for file in ["placet.db", "placet.db-wal"] {
        let bytes = std::fs::read(below.0.join(file)).unwrap_or_default();
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "a client secret lies open in {file}");
    }
}
