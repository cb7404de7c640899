//! Master keys: where they come from, and that others take their place while placet serves.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use common::at::{At, Logged, Serving, database};
use common::{Connection, Dir, Placet};
use placet_store::contract::wait;
use placet_store::{Layout, Scanned, Store};
use placet_store_postgres::{Postgres, PostgresConfig};
use placet_store_sqlite::Sqlite;
use serde_json::{Value, json};

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

fn run(at: &At<'_>, arguments: &[&str]) -> Output {
    at.command(arguments).stderr(Stdio::piped()).output().unwrap()
}

fn succeeds(at: &At<'_>, arguments: &[&str]) -> String {
    let output = run(at, arguments);
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

/// The key of a directory becomes a former one, and another takes its place.
fn replace_key(directory: &Path, byte: &str) {
    std::fs::rename(directory.join("master.key"), directory.join("former.key")).unwrap();
    std::fs::write(directory.join("master.key"), byte.repeat(32)).unwrap();
}

/// Every row of a store, as it lies there.
fn rows(store: &dyn Store) -> Vec<Scanned> {
    let mut all: Vec<Scanned> = Vec::new();
    for layout in [Layout::Log, Layout::Catalogue] {
        let mut after = None;
        loop {
            let some = wait(store.scan(layout, after.as_ref(), 1000)).unwrap();
            let Some(last) = some.last() else { break };
            after = Some(last.key.clone());
            all.extend(some);
        }
    }
    all
}

/// The texts in a document that look as if they were sealed, by the number of their key.
fn sealed(document: &Value, numbers: &mut Vec<String>) {
    match document {
        Value::String(text) => {
            if let Some((number, rest)) = text.split_once('.')
                && number.parse::<u16>().is_ok()
                && rest.len() >= 38
            {
                numbers.push(number.to_owned());
            }
        }
        Value::Array(all) => all.iter().for_each(|one| sealed(one, numbers)),
        Value::Object(members) => members.values().for_each(|one| sealed(one, numbers)),
        _ => {}
    }
}

/// Nothing in any row is sealed with another key than that with the number.
fn are_sealed_with(rows: &[Scanned], number: u16) {
    let (mut of_log, mut texts) = (0, 0);
    for scanned in rows {
        if scanned.key.kind.layout == Layout::Log {
            let head = [&[3][..], &number.to_be_bytes()].concat();
            assert!(scanned.row.body.starts_with(&head), "{:?}", scanned.key);
            of_log += 1;
            continue;
        }
        let mut numbers = Vec::new();
        sealed(&serde_json::from_slice(&scanned.row.body).unwrap(), &mut numbers);
        assert!(numbers.iter().all(|of| *of == number.to_string()), "{:?}", scanned.key);
        texts += numbers.len();
    }
    assert!(of_log > 0 && texts > 1, "{of_log} {texts}");
}

/// A copy of what the embedded store has.
fn copied(at: &At<'_>, to: &Dir, name: &str) -> Vec<Scanned> {
    let file = to.0.join(name);
    succeeds(at, &["backup", file.to_str().unwrap()]);
    rows(&Sqlite::open(&file).unwrap())
}

/// A token that can be refreshed.
fn grant(placet: &Placet, connection: &mut Connection) -> Value {
    let code = placet.code(connection);
    placet.token(connection, &format!("grant_type=authorization_code&code={code}"))
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("{member} of {value}")).to_owned()
}

#[test]
fn keys_are_replaced_while_tokens_are_used() {
    let (dir, copies, other) = (Dir::new("rekeyed"), Dir::new("rekeyed-copies"), Dir::new("rekeyed-other"));
    let at = At::new(&dir);
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    let [refreshed, revoked, kept] = [(); 3].map(|()| grant(&placet, &mut connection));
    let before = copies.0.join("before.db");
    succeeds(&at, &["backup", before.to_str().unwrap()]);
    std::fs::copy(dir.0.join("master.key"), other.0.join("master.key")).unwrap();
    std::fs::copy(dir.0.join("env"), other.0.join("env")).unwrap();
    // Without another master key rows get another key all the same, and nothing else is to be seen of it.
    replace_key(&dir.0, "5a");
    let (done, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let told = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut connection = placet.connect();
                while !done.load(Ordering::Relaxed) {
                    let token = placet.token(&mut connection, "grant_type=client_credentials");
                    let verdict = placet.introspect(&mut connection, &text(&token, "accessToken"));
                    assert_eq!(verdict["action"], "OK", "{verdict}");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let told = run(&at, &["rekey"]);
        done.store(true, Ordering::Relaxed);
        told
    });
    assert!(told.status.success(), "{}", said(&told));
    let told = said(&told);
    assert!(
        told.contains("is asked") && told.contains("sealed anew; no former key opens anything"),
        "{told}"
    );
    assert!(asked.load(Ordering::Relaxed) > 20);
    are_sealed_with(&copied(&at, &copies, "after.db"), 2);
    // The former key can be thrown away, with the server and without it.
    std::fs::remove_file(dir.0.join("former.key")).unwrap();
    tokens_work(&placet, [&refreshed, &revoked, &kept]);
    placet.kill();
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    assert_eq!(placet.introspect(&mut connection, &text(&kept, "accessToken"))["action"], "OK");
    assert_ne!(placet.introspect(&mut connection, &text(&revoked, "accessToken"))["action"], "OK");
    placet.kill();
    let key = std::fs::read_to_string(other.0.join("master.key")).unwrap();
    std::fs::write(dir.0.join("master.key"), &key).unwrap();
    assert!(said(&at.refused()).contains("not the key"));
    // What was backed up before belongs to the former key.
    let restored = At::new(&other);
    succeeds(&restored, &["restore", before.to_str().unwrap()]);
    let placet = Placet::dev(&other);
    let mut connection = placet.connect();
    assert_eq!(placet.introspect(&mut connection, &text(&revoked, "accessToken"))["action"], "OK");
}

/// Tokens of before are introspected, refreshed and revoked.
fn tokens_work(placet: &Placet, [refreshed, revoked, kept]: [&Value; 3]) {
    let mut connection = placet.connect();
    for token in [refreshed, revoked, kept] {
        let verdict = placet.introspect(&mut connection, &text(token, "accessToken"));
        assert_eq!((&verdict["action"], &verdict["subject"]), (&"OK".into(), &"john".into()), "{verdict}");
    }
    let parameters = format!("grant_type=refresh_token&refresh_token={}", text(refreshed, "refreshToken"));
    let next = placet.token(&mut connection, &parameters);
    assert_eq!(next["action"], "OK", "{next}");
    let (id, secret) = (placet.value("DEMO_CLIENT_ID"), placet.value("DEMO_CLIENT_SECRET"));
    let parameters = format!("token={}", text(revoked, "accessToken"));
    let body = json!({ "parameters": parameters, "clientId": id, "clientSecret": secret });
    let answer = placet.call(&mut connection, "auth/revocation", &body).json();
    assert_eq!(answer["action"], "OK", "{answer}");
}

#[test]
fn a_server_that_was_killed_goes_on_by_itself() {
    let (dir, copies) = (Dir::new("rekey-killed"), Dir::new("rekey-killed-copies"));
    let at = At::new(&dir);
    let placet = Placet::dev(&dir);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut connection = placet.connect();
                for _ in 0..500 {
                    placet.token(&mut connection, "grant_type=client_credentials");
                }
            });
        }
    });
    let token = grant(&placet, &mut placet.connect());
    replace_key(&dir.0, "5b");
    let mut command = at.command(&["rekey"]).stdout(Stdio::null()).spawn().unwrap();
    let status = || std::fs::read_to_string(dir.0.join("rekey.status")).unwrap_or_default();
    let until = |word: &str| {
        let found = (0..20_000).any(|_| {
            sleep(Duration::from_millis(1));
            status().contains(word)
        });
        assert!(found, "{}", status());
    };
    until("sealed anew");
    placet.kill();
    let killed_at = status();
    command.kill().unwrap();
    command.wait().unwrap();
    assert!(killed_at.starts_with("running: "), "{killed_at}");
    let placet = Placet::dev(&dir);
    until("done: ");
    assert!(!dir.0.join("rekey.request").exists());
    std::fs::remove_file(dir.0.join("former.key")).unwrap();
    let rows = copied(&at, &copies, "after.db");
    are_sealed_with(&rows, 2);
    assert!(rows.len() > 4_000);
    let mut connection = placet.connect();
    assert_eq!(placet.introspect(&mut connection, &text(&token, "accessToken"))["action"], "OK");
}

#[test]
fn a_store_that_nobody_serves_is_rekeyed_by_the_command() {
    let (dir, copies) = (Dir::new("rekey-stopped"), Dir::new("rekey-stopped-copies"));
    let at = At::new(&dir);
    assert!(said(&run(&at, &["rekey"])).contains("there is no store yet"));
    let placet = Placet::dev(&dir);
    let token = grant(&placet, &mut placet.connect());
    placet.kill();
    replace_key(&dir.0, "5c");
    // The master key alone, which leaves rows as they are; then the rows.
    let before = copied(&at, &copies, "before.db");
    let told = succeeds(&at, &["rekey", "--master-key-only"]);
    assert!(told.contains("no row was touched"), "{told}");
    std::fs::remove_file(dir.0.join("former.key")).unwrap();
    let of_log = |rows: &[Scanned]| {
        rows.iter().filter(|one| one.key.kind.layout == Layout::Log).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of_log(&copied(&at, &copies, "between.db")), of_log(&before));
    let told = succeeds(&at, &["rekey"]);
    assert!(told.contains("rows looked at"), "{told}");
    are_sealed_with(&copied(&at, &copies, "after.db"), 2);
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    assert_eq!(placet.introspect(&mut connection, &text(&token, "accessToken"))["action"], "OK");
}

#[test]
fn a_key_of_the_environment_is_used_and_shown_nowhere() {
    let dir = Dir::new("key-environment");
    let (first, second) = ("1f".repeat(32), "2e".repeat(32));
    let with = |pairs: &[(&'static str, &String)]| At {
        extra: pairs.iter().map(|(name, value)| (*name, (*value).clone())).collect(),
        ..At::new(&dir)
    };
    let (key, former) = ("PLACET_MASTER_KEY", "PLACET_MASTER_KEY_FORMER");
    let token = with(&[(key, &first)]).found();
    assert!(!dir.0.join("master.key").exists());
    let mut at = with(&[(key, &first)]);
    at.extra.push(("PLACET_LOG_LEVEL", "trace".to_owned()));
    let logged = Logged::serve(&at);
    let created =
        Connection::to(&at.listen).post("/api/service/create", &token, &json!({ "serviceName": "x" }));
    assert_eq!(created.status, 200);
    let told = Command::new("kill").args(["-HUP", &logged.0.id().to_string()]).status();
    assert!(told.unwrap().success());
    sleep(Duration::from_millis(300));
    let log = format!("{:?}", logged.ended());
    assert!(log.contains("the configuration was read again") && !log.contains("1f1f1f1f"), "{log}");
    let refused = |pairs: &[(&'static str, &String)]| said(&with(pairs).refused());
    assert!(refused(&[(key, &second)]).contains("PLACET_MASTER_KEY: this is not the key"));
    let wrong = refused(&[(key, &format!("{first}1f"))]);
    assert!(
        wrong.contains("PLACET_MASTER_KEY: expected 64 hexadecimal digits") && !wrong.contains("1f1f"),
        "{wrong}"
    );
    // From one place, however it is said.
    let path = "/nowhere".to_owned();
    let both = refused(&[(key, &first), ("PLACET_MASTER_KEY_FILE", &path)]);
    assert!(
        both.contains("master_key.file and PLACET_MASTER_KEY: the master key comes from one place"),
        "{both}"
    );
    std::fs::write(dir.0.join("master.key"), &second).unwrap();
    let both = refused(&[(key, &first)]);
    assert!(both.contains("master.key: the master key comes from one place"), "{both}");
    std::fs::remove_file(dir.0.join("master.key")).unwrap();
    succeeds(&with(&[(key, &second), (former, &first)]), &["rekey"]);
    assert!(refused(&[(key, &first)]).contains("not the key"));
    let at = with(&[(key, &second)]);
    assert_eq!(at.serve().connection.post("/api/service/create", &token, &json!({})).status, 200);
}

fn post(node: &mut Serving, token: &str, (path, body): (&str, Value)) -> Value {
    let answer = node.connection.post(path, token, &body);
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

fn hang_up(node: &Serving) {
    let told = Command::new("kill").args(["-HUP", &node.child.id().to_string()]).status();
    assert!(told.unwrap().success());
}

/// A service with a client, and the token request of that.
fn furnished(node: &mut Serving, token: &str) -> (Value, Value) {
    let service = json!({ "serviceName": "First", "supportedGrantTypes": ["CLIENT_CREDENTIALS"] });
    let service = post(node, token, ("/api/service/create", service));
    let client =
        json!({ "clientName": "One", "clientType": "CONFIDENTIAL", "grantTypes": ["CLIENT_CREDENTIALS"] });
    let client = post(node, token, (&format!("/api/{}/client/create", service["apiKey"]), client));
    let asked = json!({ "parameters": "grant_type=client_credentials",
        "clientId": client["clientId"].to_string(), "clientSecret": client["clientSecret"] });
    (service["apiKey"].clone(), asked)
}

/// Issues tokens, has them looked at, and changes the service, which has sealed texts, until it is told to stop.
fn works(node: &mut Serving, token: &str, (service, asked): (&Value, &Value), stop: &AtomicBool) -> usize {
    let mut done = 0;
    while !stop.load(Ordering::Relaxed) {
        let issued = post(node, token, (&format!("/api/{service}/auth/token"), asked.clone()));
        assert_eq!(issued["action"], "OK", "{issued}");
        let body = json!({ "token": issued["accessToken"] });
        let verdict = post(node, token, (&format!("/api/{service}/auth/introspection"), body));
        assert_eq!(verdict["action"], "OK", "{verdict}");
        if done % 20 == 0 {
            let client = json!({ "clientName": format!("Client {done}") });
            post(node, token, (&format!("/api/{service}/client/create"), client));
        }
        done += 1;
        sleep(Duration::from_millis(5));
    }
    done
}

#[test]
fn nodes_of_one_database_serve_while_it_is_rekeyed() {
    let Some(url) = database("rekey") else { return };
    let dirs = ["one", "other", "behind"].map(|name| Dir::new(&format!("rekey-{name}")));
    let node = |dir| At { extra: vec![("PLACET_POSTGRES_URL", url.clone())], ..At::new(dir) };
    let [one, other, behind] = dirs.each_ref().map(node);
    let token = one.found();
    for dir in &dirs[1..] {
        std::fs::copy(dirs[0].0.join("master.key"), dir.0.join("master.key")).unwrap();
    }
    let mut nodes = [one.serve(), other.serve()];
    let mut ignorant = behind.serve();
    let (service, asked) = furnished(&mut nodes[0], &token);
    let issued = post(&mut nodes[0], &token, (&format!("/api/{service}/auth/token"), asked.clone()));
    sleep(Duration::from_secs(1));
    for (dir, node) in dirs.iter().zip(&nodes) {
        replace_key(&dir.0, "5d");
        hang_up(node);
    }
    sleep(Duration::from_millis(500));
    let stop = AtomicBool::new(false);
    let (told, done) = std::thread::scope(|scope| {
        let (stop, token, of) = (&stop, &token, (&service, &asked));
        let working: Vec<_> =
            nodes.iter_mut().map(|node| scope.spawn(move || works(node, token, of, stop))).collect();
        let told = run(&one, &["rekey"]);
        stop.store(true, Ordering::Relaxed);
        (told, working.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>())
    });
    assert!(told.status.success(), "{}", said(&told));
    assert!(done.iter().all(|done| *done > 100), "{done:?}");
    // Who does not know the new key says so, and answers nothing that it cannot read.
    ignorant.connection = Connection::to(&behind.listen);
    let ready = ignorant.connection.send("GET", "/readyz", "", b"").unwrap();
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("master key"), "{}", ready.body);
    let body = json!({ "token": issued["accessToken"] });
    let path = format!("/api/{service}/auth/introspection");
    assert_eq!(ignorant.connection.post(&path, &token, &body).status, 503);
    drop(ignorant);
    assert!(said(&behind.refused()).contains("not the key"));
    let config = PostgresConfig { url, ..PostgresConfig::default() };
    let store = tokio::runtime::Runtime::new().unwrap().block_on(Postgres::open(&config)).unwrap();
    are_sealed_with(&rows(&store), 2);
    for (dir, node) in dirs.iter().zip(&mut nodes) {
        std::fs::remove_file(dir.0.join("former.key")).unwrap();
        hang_up(node);
        assert_eq!(post(node, &token, (&path, body.clone()))["action"], "OK");
    }
}
