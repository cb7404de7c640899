//! `placet export`, `import`, `diff`, `apply` and `migrate --from` against a server.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{Connection, Dir, Placet};
use serde_json::{Value, json};

/// A server, and a folder for files.
struct World {
    placet: Placet,
    files: Dir,
    _data: Dir,
}

impl World {
    fn new(name: &str) -> Self {
        let data = Dir::new(&format!("bundle-{name}"));
        let placet = Placet::dev(&data);
        Self { placet, files: Dir::new(&format!("bundle-{name}-files")), _data: data }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.files.0.join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_placet"));
        command.args(arguments).current_dir(&self.files.0).env_clear();
        command.env("PLACET_URL", format!("http://{}", self.placet.address));
        command.env("PLACET_TOKEN", self.placet.value("AUTHLETE_ORG_TOKEN"));
        command.env("PLACET_SERVICE", self.placet.value("AUTHLETE_SERVICE_ID"));
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What was printed by a command that succeeds.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// How a command ends that does not, and what it says.
    fn fails(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    }

    fn get(&self, path: &str) -> Value {
        let header = format!("Authorization: Bearer {}\r\n", self.placet.value("AUTHLETE_ORG_TOKEN"));
        let mut connection = Connection::to(&self.placet.address);
        connection.send("GET", &format!("/api/{path}"), &header, b"").unwrap().json()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let mut connection = Connection::to(&self.placet.address);
        let answer = connection.post(&format!("/api/{path}"), self.placet.value("AUTHLETE_ORG_TOKEN"), body);
        answer.json()
    }

    fn demo(&self, path: &str) -> Value {
        self.get(&format!("{}/{path}", self.placet.value("AUTHLETE_SERVICE_ID")))
    }

    fn patch(&self, body: &Value) {
        let header = format!(
            "Authorization: Bearer {}\r\nContent-Type: application/json\r\n",
            self.placet.value("AUTHLETE_ORG_TOKEN")
        );
        let path = format!("/api/{}/service/update", self.placet.value("AUTHLETE_SERVICE_ID"));
        let mut connection = Connection::to(&self.placet.address);
        let answer = connection.send("PATCH", &path, &header, body.to_string().as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// The outcome of a token request with a client's own secret.
    fn client_credentials(&self, service: &str, client: &str, secret: &str) -> Value {
        let body = json!({ "parameters": "grant_type=client_credentials", "clientId": client, "clientSecret": secret });
        self.post(&format!("{service}/auth/token"), &body)["action"].clone()
    }

    fn services(&self) -> usize {
        self.get("service/get/list?end=100")["services"].as_array().unwrap().len()
    }
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} in {text}");
    text.replacen(from, to, 1)
}

#[test]
fn a_service_is_exported_and_applied_three_ways() {
    let world = World::new("apply");
    world.done(&["export", "--to", "demo.toml"]);
    let exported = world.read("demo.toml");
    assert_eq!(world.done(&["export"]), exported, "the same service is the same text");
    assert!(!exported.contains(world.placet.value("DEMO_CLIENT_SECRET")));
    assert_eq!(world.run(&["diff", "demo.toml"]).status.code(), Some(0));

    // One side each.
    world
        .write("demo.toml", &replaced(&exported, "serviceName = \"Demo service\"", "serviceName = \"Ours\""));
    world.patch(&json!({ "description": "Theirs" }));
    assert_eq!(world.run(&["diff", "demo.toml"]).status.code(), Some(7));
    let keys = world.demo("service/get")["jwks"].clone();
    world.done(&["apply", "demo.toml", "--yes"]);
    let service = world.demo("service/get");
    assert_eq!((&service["serviceName"], &service["description"]), (&json!("Ours"), &json!("Theirs")));
    assert_eq!(service["jwks"], keys, "keys that are left out stay");
    assert_eq!(world.run(&["diff", "demo.toml"]).status.code(), Some(0));

    // Both sides.
    world.write("demo.toml", &replaced(&world.read("demo.toml"), "\"Ours\"", "\"Ours again\""));
    world.patch(&json!({ "serviceName": "Theirs" }));
    let (code, told) = world.fails(&["apply", "demo.toml", "--yes"]);
    assert_eq!(code, 6, "{told}");
    assert_eq!(world.demo("service/get")["serviceName"], "Theirs");
    world.done(&["apply", "demo.toml", "--yes", "--ours"]);
    assert_eq!(world.demo("service/get")["serviceName"], "Ours again");
}

#[test]
fn what_cannot_be_applied_changes_nothing_and_says_where() {
    let world = World::new("bad");
    world.done(&["export", "--to", "demo.toml"]);
    let good = world.read("demo.toml");
    let before = world.demo("service/get");
    let id = world.placet.value("AUTHLETE_SERVICE_ID").to_owned();
    for (from, to, told) in [
        ("format = 1", "format = 2", "bad.toml:3: format: format 2 is of a newer release"),
        ("serviceName = ", "serviceNamex = ", "service.serviceNamex: there is no such member"),
        ("[service]", "[service", "bad.toml:"),
        ("\"AUTHORIZATION_CODE\"", "\"AUTHORISATION_CODE\"", "service.supportedGrantTypes"),
        (id.as_str(), "1", "is no such service"),
    ] {
        world.write("bad.toml", &replaced(&good, from, to));
        let (code, said) = world.fails(&["apply", "bad.toml", "--yes"]);
        let unknown = told == "is no such service" && code != 0;
        assert!(code != 0 && (unknown || said.contains(told)), "{told}: {said}");
    }
    let (code, said) = world.fails(&["apply", "demo.toml", "--yes", "--service", "7"]);
    assert!(code == 1 && said.contains(&format!("the file is of service {id}, and not of 7")), "{said}");
    let (code, _) = world.fails(&["import", "bad.toml", "--overlay", "nowhere.toml", "--yes"]);
    assert_eq!(code, 1);
    assert_eq!(world.demo("service/get"), before);
    assert_eq!(world.services(), 1);
}

#[test]
fn secrets_come_along_where_they_are_sealed() {
    let world = World::new("sealed");
    world.write("pass", "a passphrase of many words\n");
    world.done(&["export", "--to", "demo.toml", "--seal-passphrase-file", "pass"]);
    let secret = world.placet.value("DEMO_CLIENT_SECRET");
    assert!(!world.read("demo.toml").contains(secret));
    let told = world.done(&["import", "demo.toml", "--passphrase-file", "pass", "--yes", "-o", "json"]);
    let copy = serde_json::from_str::<Value>(&told).unwrap()["service"].to_string();
    let keys = |service: &Value| {
        let set: Value = serde_json::from_str(service["jwks"].as_str().unwrap()).unwrap();
        set["keys"].as_array().unwrap().clone()
    };
    let (original, service) = (world.demo("service/get"), world.get(&format!("{copy}/service/get")));
    assert_eq!(keys(&service), keys(&original));
    let client = world.placet.value("DEMO_CLIENT_ID");
    let moved = world.get(&format!("{copy}/client/get/{client}"));
    assert_eq!(moved["clientSecret"], secret, "{moved}");
    assert_eq!(moved["clientIdAlias"], client);
    // Who does not open them gets new ones.
    world.write("wrong", "another passphrase\n");
    let (code, said) = world.fails(&["import", "demo.toml", "--passphrase-file", "wrong", "--yes"]);
    assert!(code == 1 && said.contains("sealed.age"), "{said}");
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_stopped() {
    const CLIENTS: usize = 40;
    let world = World::new("killed");
    let clients = (0..CLIENTS)
        .fold(String::new(), |text, n| text + &format!("[clients.c{n:02}]\nclientSecret = \"s{n}\"\n"));
    let text = format!(
        "format = 1\n[service]\nserviceName = \"Many\"\nsupportedGrantTypes = [\"CLIENT_CREDENTIALS\"]\n{clients}"
    );
    world.write("many.toml", &text);
    for after in [1, 7, 20] {
        killed_after(&world, after);
    }
    assert_eq!(world.services(), 2);
    let told = world.done(&["import", "many.toml", "--yes", "-o", "json"]);
    let id = serde_json::from_str::<Value>(&told).unwrap()["service"].to_string();
    assert_eq!(world.services(), 2, "it is the service that was begun");
    let list = world.get(&format!("{id}/client/get/list?end=100"));
    assert_eq!(list["totalCount"], CLIENTS);
    for client in list["clients"].as_array().unwrap() {
        let number: usize = client["clientIdAlias"].as_str().unwrap()[1..].parse().unwrap();
        assert_eq!(client["clientSecret"], format!("s{number}"));
    }
    assert!(world.get(&format!("{id}/service/get"))["attributes"].is_null());
    // Done is done: the same file makes another service now.
    world.done(&["import", "many.toml", "--yes"]);
    assert_eq!(world.services(), 3);
}

/// Kills an import when it has said that so many steps are done.
fn killed_after(world: &World, steps: usize) {
    let mut command = world.command(&["import", "many.toml", "--yes"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let done = lines.map_while(Result::ok).filter(|line| line.starts_with("done: + clients"));
    assert_eq!(done.take(steps).count(), steps);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn clients_of_another_server_get_tokens_with_their_old_secrets() {
    let world = World::new("moving");
    let configuration = json!({
        "clients": [
            { "client_id": "job", "client_secret": "of-the-old-server", "grant_types": ["client_credentials"],
              "response_types": [], "redirect_uris": [] },
            { "client_id": "odd", "client_secret": "with space", "grant_types": ["client_credentials"] },
        ],
    });
    world.write("there.json", &configuration.to_string());
    let from = ["migrate", "--from", "node-oidc-provider", "--source", "there.json"];
    let output = world.run(&[&from[..], &["--to", "moved.toml", "--seal-passphrase-file", "pass"]].concat());
    assert!(!output.status.success(), "there is no such file yet");
    world.write("pass", "a passphrase of many words\n");
    let output = world.run(&[&from[..], &["--to", "moved.toml", "--seal-passphrase-file", "pass"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("clients.odd.clientSecret"), "{said}");
    assert!(!world.read("moved.toml").contains("of-the-old-server"));
    let told = world.done(&["import", "moved.toml", "--passphrase-file", "pass", "--yes", "-o", "json"]);
    let id = serde_json::from_str::<Value>(&told).unwrap()["service"].to_string();
    assert_eq!(world.client_credentials(&id, "job", "of-the-old-server"), "OK");
    assert_eq!(world.client_credentials(&id, "job", "another"), "INVALID_CLIENT");

    // The same API, on another server.
    let url = format!("http://{}", world.placet.address);
    world.write("token", world.placet.value("AUTHLETE_ORG_TOKEN"));
    let from = [
        "migrate",
        "--from",
        "placet",
        "--source",
        &url,
        "--source-token-file",
        "token",
        "--source-service",
        &id,
    ];
    let text = world.done(&from);
    assert!(text.contains("[clients.job]") && text.contains("1 tokens and their grants"), "{text}");
    assert!(!text.contains("service_id"), "{text}");
}

/// The consents of another server, with an end half way: what has been taken over is known the next time.
#[test]
fn consents_are_taken_over_and_go_on_where_they_stopped() {
    const USERS: usize = 60;
    let world = World::new("consents");
    let client = world.placet.value("DEMO_CLIENT_ID");
    let consent = |subject: &str, client: &str, scopes: &[&str]| {
        json!({ "subject": subject, "client": client, "scopes": scopes }).to_string() + "\n"
    };
    let of_user = |n: usize| consent(&format!("u{n}"), client, &["openid", "orders:read", "unknown"]);
    let users: String = (0..USERS).map(of_user).collect();
    world.write("users", &users);
    let granted = |subject: &str| {
        let found = world.demo(&format!("client/granted_scopes/get/{client}/{subject}"));
        found["mergedGrantedScopes"].clone()
    };
    let mut child =
        world.command(&["grant", "import", "users", "--yes"]).stdout(Stdio::null()).spawn().unwrap();
    while granted("u3").is_null() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(granted(&format!("u{}", USERS - 1)).is_null(), "it was not half way");
    let counts = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let rest = counts(&world.done(&["grant", "import", "users", "--yes", "-o", "json"]));
    let count = |name: &str| rest[name].as_u64().unwrap();
    assert!(count("known") >= 3 && count("takenOver") > 0, "{rest}");
    assert_eq!(count("known") + count("takenOver"), USERS as u64, "{rest}");
    for n in 0..USERS {
        let scopes = granted(&format!("u{n}"));
        let scopes: Vec<_> = scopes.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(
            scopes.len() == 2 && scopes.contains(&"openid") && scopes.contains(&"orders:read"),
            "{scopes:?}"
        );
    }
    // What cannot be taken over is named, and does not keep the others.
    let stray = consent("x", "none", &["openid"]) + &consent("y", client, &["unknown"]) + &of_user(USERS);
    world.write("stray", &stray);
    let output = world.run(&["grant", "import", "stray", "--yes", "-o", "json"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("client none") && said.contains("y at"), "{said}");
    assert!(
        said.contains(&format!("left behind: client {client} may not ask for the scope unknown")),
        "{said}"
    );
    let wanted = json!({ "takenOver": 1, "known": 0, "refused": 2 });
    assert_eq!(counts(&String::from_utf8(output.stdout).unwrap()), wanted);
    world.write("broken", "no\n");
    let (code, said) = world.fails(&["grant", "import", "broken", "--yes"]);
    assert!(code == 1 && said.contains("line 1"), "{said}");
}

#[test]
fn consents_of_a_realm_are_written_beside_its_bundle() {
    let world = World::new("realm");
    let realm = json!({
        "realm": "r", "clients": [{ "clientId": "shop", "redirectUris": ["https://shop.test/cb"], "standardFlowEnabled": true,
                                    "protocol": "openid-connect", "secret": "s",
                                    "optionalClientScopes": ["email"] }],
        "users": [{ "id": "u-1", "username": "john", "clientConsents": [{ "clientId": "shop", "grantedClientScopes": ["email"] }] }],
        "clientScopes": [{ "name": "email", "protocol": "openid-connect" }],
    });
    world.write("realm.json", &realm.to_string());
    let from = ["migrate", "--from", "keycloak", "--source", "realm.json", "--to", "realm.toml"];
    world.done(&[&from[..], &["--consents", "consents"]].concat());
    let written: Value = serde_json::from_str(&world.read("consents")).unwrap();
    assert_eq!(written, json!({ "subject": "u-1", "client": "shop", "scopes": ["openid", "email"] }));
    let told = world.done(&["import", "realm.toml", "--yes", "-o", "json"]);
    let id = serde_json::from_str::<Value>(&told).unwrap()["service"].to_string();
    world.done(&["grant", "import", "consents", "--service", &id, "--yes"]);
    let granted = world.get(&format!("{id}/client/granted_scopes/get/shop/u-1"));
    assert_eq!(granted["latestGrantedScopes"], json!(["openid", "email"]), "{granted}");
    let again = world.done(&["grant", "import", "consents", "--service", &id, "--yes"]);
    assert_eq!(again, "0 taken over, 1 known before, 0 refused\n");
    world.write("there.json", "[]");
    let other = ["migrate", "--from", "node-oidc-provider", "--source", "there.json", "--consents", "c"];
    let (code, said) = world.fails(&other);
    assert!(code != 0 && said.contains("--consents is for"), "{said}");
}

#[test]
fn what_is_left_of_a_file_is_a_whole_file() {
    let world = World::new("files");
    world.done(&["export", "--to", "demo.toml"]);
    let names = |path: &Path| {
        let entries = std::fs::read_dir(path).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let id = world.placet.value("AUTHLETE_SERVICE_ID");
    assert_eq!(names(&world.files.0), ["demo.toml".to_owned(), format!("demo.toml.{id}.applied")]);
    // A dry run leaves nothing behind at all.
    world.done(&["import", "demo.toml", "--dry-run"]);
    assert_eq!(world.services(), 1);
    assert_eq!(names(&world.files.0).len(), 2);
}
