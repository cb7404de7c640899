//! What happens at the same instant, over real sockets and the real store.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Barrier;

use common::{Dir, Placet};

/// RFC 6749 §4.1.2: a code is redeemed once; its second use ends what the first gave.
#[test]
fn of_two_redemptions_one_wins_and_loses_its_tokens() {
    let dir = Dir::new("codes");
    let placet = Placet::dev(&dir);
    for _ in 0..25 {
        let mut connections = [placet.connect(), placet.connect(), placet.connect()];
        let code = placet.code(&mut connections[0]);
        let redeem = format!("grant_type=authorization_code&code={code}");
        let together = Barrier::new(connections.len());
        let answers: Vec<_> = std::thread::scope(|scope| {
            let attempts: Vec<_> = connections
                .iter_mut()
                .map(|connection| {
                    let (placet, redeem, together) = (&placet, &redeem, &together);
                    scope.spawn(move || {
                        together.wait();
                        placet.token(connection, redeem)
                    })
                })
                .collect();
            attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
        });
        let won: Vec<_> = answers.iter().filter(|answer| answer["action"] == "OK").collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| answer["action"] == "OK" || answer["resultCode"] == "A902301"));
        let token = won[0]["accessToken"].as_str().unwrap();
        assert_eq!(placet.introspect(&mut connections[0], token)["existent"], false);
    }
}

/// RFC 9700 §4.14.2: a refresh token is used once; its second use ends the family.
#[test]
fn of_two_refreshes_one_wins_and_the_family_ends() {
    let dir = Dir::new("refreshes");
    let placet = Placet::dev(&dir);
    for _ in 0..25 {
        let mut connections = [placet.connect(), placet.connect()];
        let code = placet.code(&mut connections[0]);
        let redeem = format!("grant_type=authorization_code&code={code}");
        let first = placet.token(&mut connections[0], &redeem);
        let refresh =
            format!("grant_type=refresh_token&refresh_token={}", first["refreshToken"].as_str().unwrap());
        let together = Barrier::new(connections.len());
        let answers: Vec<_> = std::thread::scope(|scope| {
            let attempts: Vec<_> = connections
                .iter_mut()
                .map(|connection| {
                    let (placet, refresh, together) = (&placet, &refresh, &together);
                    scope.spawn(move || {
                        together.wait();
                        placet.token(connection, refresh)
                    })
                })
                .collect();
            attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
        });
        let won: Vec<_> = answers.iter().filter(|answer| answer["action"] == "OK").collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        let token = won[0]["accessToken"].as_str().unwrap();
        assert_eq!(placet.introspect(&mut connections[0], token)["existent"], false);
    }
}
