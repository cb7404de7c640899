//! What an operator sees of a store that fails, and callers too: calls are refused for a while, `/readyz` says why, the log
//! has a line for the beginning and one for the end, and everything goes on by itself.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use common::at::{At, Logged, database};
use common::proxy::Proxy;
use common::{Connection, Dir};
use placet_ambient::Stopwatch;
use serde_json::{Value, json};

/// The lines that are no mere information.
fn warnings(log: Vec<Value>) -> Vec<Value> {
    log.into_iter().filter(|line| line["level"] != "INFO").collect()
}

fn ready(connection: &mut Connection) -> (u16, String) {
    let answer = connection.send("GET", "/readyz", "", b"").unwrap();
    assert_eq!(answer.headers.contains_key("retry-after"), answer.status == 503);
    (answer.status, answer.body)
}

/// Waits for what `/readyz` will say.
fn becomes(connection: &mut Connection, wanted: (u16, &str)) {
    let wanted = (wanted.0, wanted.1.to_owned());
    for _ in 0..150 {
        if ready(connection) == wanted {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("it says {:?} and never {wanted:?}", ready(connection));
}

/// Calls that are turned away: each says when to come again.
fn refused(connection: &mut Connection, token: &str, calls: usize) {
    let begun = Stopwatch::start();
    for _ in 0..calls {
        let answer = connection.post("/api/service/create", token, &json!({ "serviceName": "No" }));
        let retry = answer.headers.get("retry-after").map(String::as_str);
        assert_eq!(
            (answer.status, answer.code().as_str(), retry),
            (503, "A900101", Some("1")),
            "{}",
            answer.body
        );
    }
    // One of them may have been under way when it was cut off; the others are turned away at once.
    assert!(begun.elapsed() < Duration::from_secs(8), "{calls} calls took {:?}", begun.elapsed());
}

fn created(connection: &mut Connection, token: &str) {
    let answer = connection.post("/api/service/create", token, &json!({ "serviceName": "One" }));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// One line when it begins, and one when it is over, which knows how many calls it was.
fn told(log: &[Value], calls: u64) {
    let lines: Vec<_> = log.iter().map(|line| line["message"].as_str().unwrap_or_default()).collect();
    let begun = "the store does not answer: calls are refused until it does";
    assert_eq!(lines, [begun, "the server is ready again"], "{log:#?}");
    assert!(log[0]["source"].as_str().is_some_and(|source| !source.is_empty()), "{log:#?}");
    assert_eq!(log[1]["refused"].as_u64(), Some(calls), "{log:#?}");
}

#[test]
fn a_full_disk_is_told_and_got_over() {
    let dir = Dir::new("full-disk");
    let at = At::new(&dir);
    let token = at.found();
    let serving = Logged::serve(&at);
    let mut connection = Connection::to(&at.listen);
    created(&mut connection, &token);
    let room = |bytes: &str| {
        let pid = serving.0.id().to_string();
        let status = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:")]).status();
        assert!(status.unwrap().success());
    };
    room("4096");
    refused(&mut connection, &token, 20);
    becomes(&mut connection, (503, "the store takes no writes\n"));
    // What only reads goes on.
    let listed =
        connection.send("GET", "/api/service/get/list", &format!("Authorization: Bearer {token}\r\n"), b"");
    assert_eq!(listed.unwrap().status, 200);
    room("unlimited");
    becomes(&mut connection, (200, "ready\n"));
    created(&mut connection, &token);
    told(&warnings(serving.ended()), 20);
}

#[test]
fn a_database_that_is_cut_off_is_told_and_got_over() {
    let Some(database) = database("outage") else { return };
    let value = |name: &str| {
        database.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).unwrap().to_owned()
    };
    let proxy = Proxy::to(format!("localhost:{}", value("port")));
    let url = format!("host=127.0.0.1 port={} user={} dbname={}", proxy.port, value("user"), value("dbname"));
    let dir = Dir::new("cut-off");
    let at = At { extra: vec![("PLACET_POSTGRES_URL", url)], ..At::new(&dir) };
    let token = at.found();
    let serving = Logged::serve(&at);
    let mut connection = Connection::to(&at.listen);
    created(&mut connection, &token);
    proxy.cut();
    refused(&mut connection, &token, 20);
    becomes(&mut connection, (503, "the store does not answer\n"));
    proxy.mend();
    becomes(&mut connection, (200, "ready\n"));
    created(&mut connection, &token);
    told(&warnings(serving.ended()), 20);
}

/// A database that was put back to what another installation wrote is no longer ours, though it answers.
#[test]
fn a_database_of_another_key_is_told() {
    let Some(database) = database("exchanged") else { return };
    let dir = Dir::new("exchanged");
    let at = At { extra: vec![("PLACET_POSTGRES_URL", database.clone())], ..At::new(&dir) };
    at.found();
    let serving = Logged::serve(&at);
    let mut connection = Connection::to(&at.listen);
    assert_eq!(ready(&mut connection).0, 200);
    let psql =
        |sql: &str| assert!(Command::new("psql").args([&database, "-qc", sql]).status().unwrap().success());
    psql("ALTER TABLE catalogue RENAME TO former; CREATE TABLE catalogue (LIKE former INCLUDING ALL)");
    becomes(&mut connection, (503, "the master key is not the one that the store was made with\n"));
    psql("DROP TABLE catalogue; ALTER TABLE former RENAME TO catalogue");
    becomes(&mut connection, (200, "ready\n"));
    let log = warnings(serving.ended());
    assert_eq!(log[0]["message"], "the server is not ready", "{log:#?}");
}

/// More lists at a time than the server takes on: those that are turned away are told so, and the log has two lines for all.
#[test]
fn an_overload_is_told_and_got_over() {
    let dir = Dir::new("overload");
    let extra = vec![("PLACET_LONG_THREADS", "1".to_owned()), ("PLACET_LONG_QUEUE", "1".to_owned())];
    let at = At { extra, ..At::new(&dir) };
    let token = at.found();
    let serving = Logged::serve(&at);
    let mut connection = Connection::to(&at.listen);
    let made = connection.post("/api/service/create", &token, &json!({ "serviceName": "One" })).json();
    let service = made["apiKey"].to_string();
    for number in 0..200 {
        let body = json!({ "clientName": format!("Client {number}") });
        assert_eq!(connection.post(&format!("/api/{service}/client/create"), &token, &body).status, 200);
    }
    let listed = || {
        let mut connection = Connection::to(&at.listen);
        let (path, bearer) =
            (format!("/api/{service}/client/get/list?end=200"), format!("Authorization: Bearer {token}\r\n"));
        let calls = (0..20).map(|_| connection.send("GET", &path, &bearer, b"").unwrap());
        calls.filter(|answer| answer.status == 503 && answer.headers.contains_key("retry-after")).count()
    };
    let shed: usize = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..8).map(|_| scope.spawn(listed)).collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).sum()
    });
    assert!(shed > 0);
    // Nobody is sent elsewhere for it: what others would have more of then is the same overload.
    assert_eq!(ready(&mut connection).0, 200);
    sleep(Duration::from_secs(8));
    let log = warnings(serving.ended());
    let lines: Vec<_> = log.iter().map(|line| line["message"].as_str().unwrap_or_default()).collect();
    let begun = "more is asked for than the server takes on: calls are shed";
    assert_eq!(lines, [begun, "no more calls are shed"], "{log:#?}");
    assert_eq!(log[1]["shed"].as_u64(), Some(shed as u64), "{log:#?}");
}
