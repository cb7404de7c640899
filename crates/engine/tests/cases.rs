//! Runs every text case, then asks the two tables whether anything was left out.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use placet_api::endpoints::ALL;
use placet_api::reasons::ROWS;
use placet_base::registry::FapiMode;
use placet_testkit::{Case, Covered, run};
use serde_json::{Map, Value, json};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Every case: its name and its text.
fn cases() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut directories = vec![directory()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|e| e == "case") {
                let name = path.strip_prefix(self::directory()).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Lines that several cases share.
fn steps(name: &str) -> Option<String> {
    let path = directory().parent()?.join("steps").join(format!("{name}.steps"));
    fs::read_to_string(path).ok()
}

/// Reasons that no case can reach: they are given before or around the engine, and tested there.
const OUTSIDE_THE_ENGINE: &[&str] = &[
    "AuthorizationMalformed",
    "BodyMissing",
    "BodyLate",
    "BodyTooLarge",
    // Takes more tokens than a case would make: tests/lists.rs.
    "BulkTooLarge",
    "ContentTypeMissing",
    "ContentTypeUnsupported",
    "MethodNotAllowed",
    "PathUnknown",
    "ServerBusy",
];

#[test]
fn every_case_holds_and_covers_both_tables() {
    let mut covered = Covered::default();
    let mut failures = Vec::new();
    let cases = cases();
    for (name, text) in &cases {
        let before = covered.expectations;
        match run(&Case { name, text }, &mut covered, &Map::new(), &steps) {
            Ok(()) if covered.expectations == before => failures.push(format!("{name} expects nothing")),
            Ok(()) => {}
            Err(failure) => failures.push(failure.0),
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );

    let endpoints: BTreeSet<_> = ALL.iter().map(|row| row.name).collect();
    let uncovered: Vec<_> = endpoints.difference(&covered.endpoints).collect();
    let without_case = format!("endpoints without a case: {uncovered:?}");
    let complete = uncovered.is_empty();

    let reasons: BTreeSet<_> = ROWS.iter().map(|row| row.name).collect();
    let outside: BTreeSet<_> = OUTSIDE_THE_ENGINE.iter().copied().collect();
    let uncovered: Vec<_> = reasons.difference(&covered.reasons).filter(|r| !outside.contains(**r)).collect();
    assert!(complete && uncovered.is_empty(), "{without_case}, reasons without a case: {uncovered:?}");
    let needless: Vec<_> = outside.intersection(&covered.reasons).collect();
    assert!(needless.is_empty(), "the list of exceptions may shrink: {needless:?}");
    println!("{} cases, {} expectations", cases.len(), covered.expectations);
}

/// Under a stricter service, a case may come to less, never to more: whatever a stricter run answers
/// with success, the free run answers with success too.
#[test]
fn tightening_never_accepts_more() {
    let settings = [
        json!({ "pkceRequired": true }),
        json!({ "pkceRequired": true, "pkceS256Required": true }),
        json!({ "parRequired": true }),
        json!({ "requestObjectRequired": true }),
        json!({ "scopeRequired": true }),
        json!({ "clientAssertionAudRestrictedToIssuer": true }),
        json!({ "haipVersion": "1.0" }),
    ];
    let modes = FapiMode::ALL.iter().map(|mode| json!({ "fapiModes": [mode.api_name()] }));
    let profiles = ["oauth_2_1", "open_banking_uk", "open_banking_brazil", "consumer_data_right_au"];
    let profiles = profiles.map(|name| json!({ "attributes": [{ "key": "profile", "value": name }] }));
    let tightenings: Vec<_> = settings.into_iter().chain(modes).chain(profiles).collect();
    for (name, text) in cases() {
        let lines: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("expect")).collect();
        let without_expectations = lines.join("\n");
        let case = Case { name: &name, text: &without_expectations };
        let accepted = |tightening: &Map<String, Value>| {
            let mut covered = Covered::default();
            // A stricter service may leave nothing to save; what counts is what was accepted until then.
            let _ = run(&case, &mut covered, tightening, &steps);
            covered.accepted
        };
        let free = accepted(&Map::new());
        for tightening in &tightenings {
            let tightened = accepted(tightening.as_object().unwrap());
            assert!(tightened <= free, "{name}: {tightened} accepted under {tightening}, {free} without");
        }
    }
}
