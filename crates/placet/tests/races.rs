//! What happens at the same instant, over real sockets and the real store.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Barrier;

use common::{Connection, Dir, Placet};
use serde_json::{Value, json};

/// What each of so many connections is answered, when all ask together.
fn together<const N: usize>(
    placet: &Placet,
    ask: impl Fn(&mut Connection, usize) -> Value + Sync,
) -> Vec<Value> {
    let connections: [_; N] = std::array::from_fn(|_| placet.connect());
    let start = Barrier::new(N);
    std::thread::scope(|scope| {
        let attempts: Vec<_> = connections
            .into_iter()
            .enumerate()
            .map(|(at, mut connection)| {
                let (ask, start) = (&ask, &start);
                scope.spawn(move || {
                    start.wait();
                    ask(&mut connection, at)
                })
            })
            .collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    })
}

/// The one that has won.
fn winner<'a>(answers: &'a [Value], action: &str) -> &'a Value {
    let won: Vec<_> = answers.iter().filter(|answer| answer["action"] == action).collect();
    assert_eq!(won.len(), 1, "{answers:?}");
    won[0]
}

/// RFC 6749 §4.1.2: a code is redeemed once; its second use ends what the first gave.
#[test]
fn of_two_redemptions_one_wins_and_loses_its_tokens() {
    let dir = Dir::new("codes");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    for _ in 0..25 {
        let code = placet.code(&mut connection);
        let redeem = format!("grant_type=authorization_code&code={code}");
        let answers = together::<3>(&placet, |connection, _| placet.token(connection, &redeem));
        let token = winner(&answers, "OK")["accessToken"].as_str().unwrap();
        assert!(answers.iter().all(|answer| answer["action"] == "OK" || answer["resultCode"] == "A902301"));
        assert_eq!(placet.introspect(&mut connection, token)["existent"], false);
    }
}

/// RFC 9700 §4.14.2: a refresh token is used once; its second use ends the family.
#[test]
fn of_two_refreshes_one_wins_and_the_family_ends() {
    let dir = Dir::new("refreshes");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    for _ in 0..25 {
        let code = placet.code(&mut connection);
        let first = placet.token(&mut connection, &format!("grant_type=authorization_code&code={code}"));
        let refresh =
            format!("grant_type=refresh_token&refresh_token={}", first["refreshToken"].as_str().unwrap());
        let answers = together::<2>(&placet, |connection, _| placet.token(connection, &refresh));
        let token = winner(&answers, "OK")["accessToken"].as_str().unwrap();
        assert_eq!(placet.introspect(&mut connection, token)["existent"], false);
    }
}

/// RFC 8628 §3.4, §3.5: one answer of the user counts, and a device code is redeemed once.
#[test]
fn of_many_devices_with_one_code_one_wins() {
    let dir = Dir::new("devices");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    let (id, secret) = (placet.value("DEMO_CLIENT_ID"), placet.value("DEMO_CLIENT_SECRET"));
    for _ in 0..25 {
        let ask = json!({ "parameters": "scope=orders:read", "clientId": id, "clientSecret": secret });
        let asked = placet.call(&mut connection, "device/authorization", &ask).json();
        let user_code = asked["userCode"].as_str().unwrap();
        let results = ["AUTHORIZED", "ACCESS_DENIED", "AUTHORIZED"];
        let answers = together::<3>(&placet, |connection, at| {
            let body = json!({ "userCode": user_code, "result": results[at], "subject": "john" });
            placet.call(connection, "device/complete", &body).json()
        });
        winner(&answers, "SUCCESS");
        let allowed = answers.iter().position(|answer| answer["action"] == "SUCCESS") != Some(1);
        let device_code = asked["deviceCode"].as_str().unwrap();
        let redeem =
            format!("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code={device_code}");
        let answers = together::<3>(&placet, |connection, _| placet.token(connection, &redeem));
        if allowed {
            assert!(winner(&answers, "OK")["accessToken"].is_string());
        } else {
            assert!(answers.iter().all(|answer| answer["action"] == "BAD_REQUEST"), "{answers:?}");
        }
    }
}

/// CIBA Core §11: so it is with a request behind the user's back.
#[test]
fn of_many_polls_for_one_request_one_wins() {
    let dir = Dir::new("requests");
    let placet = Placet::dev(&dir);
    let mut connection = placet.connect();
    let (id, secret) = (placet.value("DEMO_CLIENT_ID"), placet.value("DEMO_CLIENT_SECRET"));
    for _ in 0..25 {
        let parameters = "scope=openid&login_hint=john";
        let ask = json!({ "parameters": parameters, "clientId": id, "clientSecret": secret });
        let ticket =
            placet.call(&mut connection, "backchannel/authentication", &ask).json()["ticket"].clone();
        let body = json!({ "ticket": ticket });
        let issued = placet.call(&mut connection, "backchannel/authentication/issue", &body).json();
        let answers = together::<3>(&placet, |connection, _| {
            let body = json!({ "ticket": ticket, "result": "AUTHORIZED", "subject": "john" });
            placet.call(connection, "backchannel/authentication/complete", &body).json()
        });
        winner(&answers, "NO_ACTION");
        let redeem = format!(
            "grant_type=urn:openid:params:grant-type:ciba&auth_req_id={}",
            issued["authReqId"].as_str().unwrap()
        );
        let answers = together::<3>(&placet, |connection, _| placet.token(connection, &redeem));
        assert!(winner(&answers, "OK")["accessToken"].is_string());
    }
}

/// RFC 8628 §3.5: whoever waits is many, and asks again and again. Nobody waits for another, and each gets their own.
#[test]
fn thousands_of_devices_ask_at_once() {
    const CONNECTIONS: usize = 8;
    const EACH: usize = 250;
    let dir = Dir::new("thousands");
    let placet = Placet::dev(&dir);
    let (id, secret) = (placet.value("DEMO_CLIENT_ID"), placet.value("DEMO_CLIENT_SECRET"));
    let poll = |connection: &mut Connection, codes: &Value| {
        let device_code = codes["deviceCode"].as_str().unwrap();
        let redeem =
            format!("grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code={device_code}");
        placet.token(connection, &redeem)
    };
    let of_each = together::<CONNECTIONS>(&placet, |connection, at| {
        let ask = json!({ "parameters": "scope=orders:read", "clientId": id, "clientSecret": secret });
        let waiting: Vec<_> =
            (0..EACH).map(|_| placet.call(connection, "device/authorization", &ask).json()).collect();
        for codes in &waiting {
            assert_eq!(poll(connection, codes)["action"], "BAD_REQUEST");
        }
        let (mine, subject) = (&waiting[at], format!("user-{at}"));
        let body = json!({ "userCode": mine["userCode"], "result": "AUTHORIZED", "subject": subject });
        assert_eq!(placet.call(connection, "device/complete", &body).json()["action"], "SUCCESS");
        let tokens = poll(connection, mine);
        assert_eq!(tokens["subject"], subject, "{tokens}");
        // Who still waits, and asks too soon, is told to slow down (§3.5).
        let answer = poll(connection, &waiting[(at + 1) % EACH]);
        assert!(answer["responseContent"].as_str().unwrap().contains("slow_down"), "{answer}");
        waiting.into()
    });
    let codes: std::collections::HashSet<_> = of_each
        .iter()
        .flat_map(|waiting| waiting.as_array().unwrap())
        .map(|codes| codes["userCode"].as_str().unwrap())
        .collect();
    assert_eq!(codes.len(), CONNECTIONS * EACH);
}
