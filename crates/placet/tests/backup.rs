//! Backups, made while tokens are handed out.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use common::at::At;
use common::{Dir, Placet};

fn run(dir: &Dir, arguments: &[&str]) -> Output {
    At::new(dir).command(arguments).stderr(Stdio::piped()).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_backup_has_all_that_was_handed_out_before_it() {
    let (dir, other) = (Dir::new("backup"), Dir::new("restored"));
    let file = other.0.join("backup.db");
    let placet = Placet::dev(&dir);
    let (handed_out, done) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let before = std::thread::scope(|scope| {
        for _ in 0..4 {
            let (placet, handed_out, done) = (&placet, &handed_out, &done);
            scope.spawn(move || {
                let mut connection = placet.connect();
                while !done.load(Ordering::Relaxed) {
                    let token = placet.token(&mut connection, "grant_type=client_credentials");
                    handed_out.lock().unwrap().push(token["accessToken"].as_str().unwrap().to_owned());
                }
            });
        }
        while handed_out.lock().unwrap().len() < 100 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let before = handed_out.lock().unwrap().clone();
        let output = run(&dir, &["backup", file.to_str().unwrap()]);
        assert!(output.status.success(), "{}", said(&output));
        done.store(true, Ordering::Relaxed);
        before
    });
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    placet.kill();

    // The directory of the server is lost; what is had of it is the key.
    let key = other.0.join("master.key");
    let restore = || run(&other, &["restore", file.to_str().unwrap()]);
    assert!(said(&restore()).contains("put the key there first"));
    std::fs::copy(dir.0.join("master.key"), &key).unwrap();
    std::fs::copy(dir.0.join("env"), other.0.join("env")).unwrap();
    let output = restore();
    assert!(output.status.success(), "{}", said(&output));
    let placet = Placet::dev(&other);
    let mut connection = placet.connect();
    for token in &before {
        let verdict = placet.introspect(&mut connection, token);
        assert_eq!(verdict["action"], "OK", "one of {} tokens is lost: {verdict}", before.len());
    }
    // Something that was broken off is named, and nothing of it is touched.
    let (again, part) = (other.0.join("again.db"), other.0.join("again.db.part"));
    std::fs::write(&part, b"").unwrap();
    let output = run(&other, &["backup", again.to_str().unwrap()]);
    assert!(said(&output).contains("again.db.part: there is one already") && part.exists());
    // A store is not written over, nor is a backup.
    assert!(said(&restore()).contains("in use"));
    placet.kill();
    assert!(said(&restore()).contains("placet.db-wal: there is one already"), "{}", said(&restore()));
    std::fs::remove_file(other.0.join("placet.db-wal")).unwrap();
    std::fs::remove_file(other.0.join("placet.db-shm")).unwrap();
    assert!(said(&restore()).contains("placet.db: there is one already"), "{}", said(&restore()));
    assert!(said(&run(&other, &["backup", file.to_str().unwrap()])).contains("there is one already"));
}

#[test]
fn what_is_no_backup_is_not_put_in_place() {
    let dir = Dir::new("no-backup");
    std::fs::write(dir.0.join("master.key"), "00".repeat(32)).unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let file = dir.0.join(name);
        std::fs::write(&file, bytes).unwrap();
        let output = run(&dir, &["restore", file.to_str().unwrap()]);
        assert!(!output.status.success());
        assert!(!dir.0.join("placet.db").exists());
        assert!(!dir.0.join("placet.db.part").exists());
        said(&output)
    };
    assert!(
        refused("text", b"this is not a database, whatever its name says it is").contains("not a database")
    );
    assert!(refused("empty", b"").contains("it has no tables"));
    assert!(said(&run(&dir, &["backup", "nowhere.db"])).contains("unable to open"));
}
