//! A configuration that is read again.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use common::at::{At, Logged};
use common::{Connection, Dir};
use serde_json::json;

#[test]
fn what_can_change_does_and_what_cannot_is_named() {
    let dir = Dir::new("reload");
    let at = At::new(&dir);
    let token = at.found();
    let file = dir.0.join("placet.toml");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write("threads = 2\n[log]\nlevel = \"error\"\n");
    let serving = Logged::with(&at, &["--config", file.to_str().unwrap()]);
    let mut connection = Connection::to(&at.listen);
    let mut statuses = || {
        let call =
            |_| connection.post("/api/service/create", &token, &json!({ "serviceName": "First" })).status;
        (0..12).map(call).collect::<Vec<_>>()
    };
    assert_eq!(statuses(), [200; 12]);
    let reload = || {
        let told = Command::new("kill").args(["-HUP", &serving.0.id().to_string()]).status();
        assert!(told.unwrap().success());
        sleep(Duration::from_millis(500));
    };
    write("threads = 3\n[log]\nlevel = \"info\"\ndecisions = \"on\"\n[limits]\ntoken_calls_per_second = 1\n");
    reload();
    assert!(statuses().contains(&429));
    // Whoever breaks the file breaks nothing.
    write("threads = 3\n[limits]\ntoken_calls_per_second = 1000000\nhead_bytes = 1\n");
    reload();
    assert!(statuses().contains(&429));
    write("");
    reload();
    assert_eq!(statuses(), [200; 12]);
    let log = serving.ended();
    let said = |message: &str| log.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    assert_eq!(said("decided").len(), 24, "{log:#?}");
    let taken = said("the configuration was read again");
    assert_eq!(taken[0]["settings"], "limits.token_calls_per_second log.decisions log.level");
    assert_eq!(taken[1]["settings"], "limits.token_calls_per_second log.decisions log.level");
    let left = said("these settings count when the server is started anew");
    assert_eq!((left.len(), &left[0]["settings"]), (2, &json!("threads")), "{log:#?}");
    let wrong = said("the configuration is wrong, and stays as it was");
    assert_eq!(wrong.len(), 1, "{log:#?}");
    let problem = wrong[0]["problem"].as_str().unwrap();
    assert!(problem.contains("placet.toml:4:") && problem.contains("limits.head_bytes"), "{problem}");
}
