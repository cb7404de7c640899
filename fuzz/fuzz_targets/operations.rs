//! Every row of the endpoint table with any body: an answer that is no failure of the server.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_api::endpoints::ALL;
use placet_api::{Input, PathValues};
use placet_fuzz::furnished;

fuzz_target!(|input: (u8, u8, &[u8])| {
    let (which, form, body) = input;
    let row = &ALL[usize::from(which) % ALL.len()];
    furnished(200, |known| {
        let text = std::str::from_utf8(body).unwrap_or_default();
        let input = match form % 3 {
            0 => Input::Json(body),
            1 => Input::Form(body),
            _ => Input::Query(text),
        };
        let path = PathValues {
            client: Some(&known.client),
            subject: Some("john"),
            token: Some(text),
            batch: Some(text),
            handle: Some(text),
        };
        let token = Some(known.world.organization_token.as_str());
        let answer = known.world.send(row.id, token, path, input);
        assert!(answer.status < 500, "{}: {}", row.name, answer.text);
        // What a log would have to explain.
        assert!(!answer.text.contains("[A000101]"), "{}: {}", row.name, answer.text);
    });
});
