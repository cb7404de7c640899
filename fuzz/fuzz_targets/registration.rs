//! Client metadata: whatever is read as properties says the same when it is written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use placet_engine::rules::registration::{Checked, TABLE, parse, properties, sector_covers};

fuzz_target!(|text: &str| {
    let _ = sector_covers(text, &["https://client.example/cb".to_owned()]);
    let Ok(metadata) = parse(Some(text)) else { return };
    let Ok(properties) = properties(&metadata, &["tier".to_owned()]) else { return };
    let _ = Checked::of(&properties, |url| url.starts_with("https://"));
    for (_, property, form) in TABLE {
        if let Some(value) = properties.get(*property) {
            assert!(form.write(value).is_some());
        }
    }
});
