//! What becomes of calls when more come at once than a thread takes on.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::process::Command;

use common::at::{At, free};
use common::{Answer, Connection, Dir};

const CALLS: usize = 64;
/// What the one thread takes on in a round.
const TAKEN: usize = 16;

fn signal(process: u32, signal: &str) {
    assert!(Command::new("kill").args([signal, &process.to_string()]).status().unwrap().success());
}

#[test]
fn what_is_too_much_at_once_is_told_to_come_again_on_its_connection() {
    let (dir, tools) = (Dir::new("overload"), free());
    let extra = [("PLACET_THREADS", "1"), ("PLACET_LIMITS_CALLS", "16"), ("PLACET_METRICS_LISTEN", &tools)];
    let at = At { extra: extra.map(|(name, value)| (name, value.to_owned())).into(), ..At::new(&dir) };
    let token = at.found();
    let serving = at.serve();
    let body = br#"{"serviceName":"One"}"#;
    let head = format!(
        "POST /api/service/create HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let request = [head.as_bytes(), body].concat();
    let mut connections: Vec<_> = (0..CALLS).map(|_| Connection::to(&at.listen)).collect();
    for connection in &mut connections {
        assert_eq!(connection.send("GET", "/readyz", "", b"").unwrap().status, 200);
    }
    // All are there when it looks.
    signal(serving.child.id(), "-STOP");
    for connection in &mut connections {
        connection.write(&request);
    }
    signal(serving.child.id(), "-CONT");
    let answers: Vec<Answer> = connections.iter_mut().map(|connection| connection.read().unwrap()).collect();
    let (taken, shed): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((taken.len(), shed.len()), (TAKEN, CALLS - TAKEN));
    for answer in shed {
        let retry = answer.headers.get("retry-after").map(String::as_str);
        assert_eq!((answer.status, answer.code().as_str(), retry), (503, "A900231", Some("1")));
        assert!(answer.headers.contains_key("x-request-id") && !answer.headers.contains_key("connection"));
    }
    // None has lost its connection by it.
    for connection in &mut connections {
        assert_eq!(connection.raw(&request).unwrap().status, 200);
    }
    let text = Connection::to(&tools).send("GET", "/metrics", "", b"").unwrap().body;
    assert!(text.contains(&format!("\nplacet_shed_calls_total {}\n", CALLS - TAKEN)), "{text}");
}
