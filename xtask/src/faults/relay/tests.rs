//! A network that does not do what it is told would make a program pass that finds nothing.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use placet_ambient::Stopwatch;

use super::*;

const MOMENT: Duration = Duration::from_millis(100);

/// A relay to somebody who answers every piece with the same, and a connection to it.
fn echoed() -> (Relay, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let relay = Relay::to(listener.local_addr().unwrap().to_string()).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut to = stream.try_clone().unwrap();
            thread::spawn(move || std::io::copy(&mut &stream, &mut to));
        }
    });
    let mut connection = connected(&relay);
    assert!(answered(&mut connection));
    (relay, connection)
}

fn connected(relay: &Relay) -> TcpStream {
    let connection = TcpStream::connect(("127.0.0.1", relay.port)).unwrap();
    connection.set_read_timeout(Some(MOMENT)).unwrap();
    connection
}

fn answered(connection: &mut TcpStream) -> bool {
    connection.write_all(b"x").is_ok() && arrives(connection)
}

fn arrives(connection: &mut TcpStream) -> bool {
    connection.read_exact(&mut [0]).is_ok()
}

#[test]
fn what_is_held_arrives_when_it_may() {
    for way in [Way::Silent, Way::Mute] {
        let (relay, mut connection) = echoed();
        relay.set(way);
        assert!(!answered(&mut connection));
        // A new one is taken, and hears nothing either.
        let mut other = connected(&relay);
        assert!(!answered(&mut other));
        relay.set(Way::Open);
        assert!(arrives(&mut connection) && arrives(&mut other));
    }
}

#[test]
fn what_is_slow_takes_its_time_both_ways() {
    let (relay, mut connection) = echoed();
    relay.set(Way::Slow(MOMENT / 4));
    let begun = Stopwatch::start();
    assert!(answered(&mut connection) && begun.elapsed() >= MOMENT / 2);
}

#[test]
fn what_is_cut_has_ended_and_nobody_is_let_in_where_it_is_closed() {
    let (relay, mut connection) = echoed();
    relay.set(Way::Closed);
    assert!(answered(&mut connection) && !answered(&mut connected(&relay)));
    relay.cut();
    assert!(matches!(connection.read(&mut [0]), Ok(0) | Err(_)) && !answered(&mut connection));
    relay.set(Way::Open);
    assert!(answered(&mut connected(&relay)));
}

/// What a node has given up on may still reach the database; whoever checks has to know.
#[test]
fn an_end_that_has_not_arrived_is_told() {
    let (relay, connection) = echoed();
    assert_eq!(relay.leaving(), 0);
    relay.set(Way::Mute);
    drop(connection);
    thread::sleep(MOMENT);
    assert_eq!(relay.leaving(), 1);
    relay.set(Way::Open);
    thread::sleep(MOMENT);
    assert_eq!(relay.leaving(), 0);
}
