//! Every text case is a test by the name of its file; others ask the tables whether anything was left
//! out, and whether a stricter service ever accepts more. `docs/writing-cases.md` says how one is run.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments, Failed, Trial};
use placet_api::endpoints::ALL;
use placet_api::reasons::ROWS;
use placet_base::registry::FapiMode;
use placet_testkit::{Case, Covered, run};
use serde_json::{Map, Value, json};

/// A case file, which is run once however many tests ask what came of it.
struct CaseFile {
    /// Its path below `tests/cases`, without its ending.
    name: String,
    text: String,
    outcome: OnceLock<Outcome>,
}

struct Outcome {
    covered: Covered,
    failure: Option<String>,
}

impl CaseFile {
    fn outcome(&self) -> &Outcome {
        self.outcome.get_or_init(|| self.run(&self.text, &Map::new()))
    }

    fn run(&self, text: &str, tightening: &Map<String, Value>) -> Outcome {
        // As the root of the repository has it, so that a terminal can open what a failure names.
        let file = Path::new(file!()).with_extension("").join(format!("{}.case", self.name));
        let case = Case { name: &file.display().to_string(), text };
        let mut covered = Covered::default();
        let failure = run(&case, &mut covered, tightening, &steps).err().map(|failure| failure.0);
        Outcome { covered, failure }
    }

    /// How many answers are a success when every service of the case is stricter by `tightening`. It may
    /// leave nothing to save, which ends the case; what counts is what was accepted until then.
    fn accepted_under(&self, tightening: &Map<String, Value>) -> usize {
        let lines = self.text.lines().filter(|line| !line.trim_start().starts_with("expect"));
        self.run(&lines.collect::<Vec<_>>().join("\n"), tightening).covered.accepted
    }

    fn holds(&self) -> Result<(), Failed> {
        let outcome = self.outcome();
        match &outcome.failure {
            Some(failure) => Err(failure.into()),
            None if outcome.covered.expectations == 0 => Err("the case expects nothing".into()),
            None => Ok(()),
        }
    }
}

type Cases = Arc<Vec<CaseFile>>;
/// What looks at all cases.
type Judge = fn(&[CaseFile]) -> Result<(), Failed>;

fn main() -> ExitCode {
    let cases: Cases = Arc::new(cases());
    let each = (0..cases.len()).map(|at| {
        let cases = Arc::clone(&cases);
        Trial::test(cases[at].name.clone(), move || cases[at].holds())
    });
    let tightened = tightenings().into_iter().map(|(name, tightening)| {
        let cases = Arc::clone(&cases);
        Trial::test(name, move || accepts_no_more(&cases, tightening.as_object().unwrap()))
    });
    let whole: [(_, Judge); 4] = [
        ("every_action_is_expected_by_a_case", every_action_is_expected_by_a_case),
        ("every_endpoint_has_a_case", every_endpoint_has_a_case),
        ("every_outcome_is_written_down", every_outcome_is_written_down),
        ("every_reason_is_expected_by_a_case", every_reason_is_expected_by_a_case),
    ];
    let whole = whole.into_iter().map(|(name, judge)| {
        let cases = Arc::clone(&cases);
        Trial::test(name, move || judge(&cases))
    });
    let trials = each.chain(tightened).chain(whole).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Every case, by name.
fn cases() -> Vec<CaseFile> {
    let mut found = Vec::new();
    let mut directories = vec![directory()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|e| e == "case") {
                let name = path.strip_prefix(self::directory()).unwrap().with_extension("");
                let name = name.to_str().unwrap().replace(std::path::MAIN_SEPARATOR, "/");
                let text = fs::read_to_string(&path).unwrap();
                found.push(CaseFile { name, text, outcome: OnceLock::new() });
            }
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// Lines that several cases share.
fn steps(name: &str) -> Option<String> {
    let path = directory().parent()?.join("steps").join(format!("{name}.steps"));
    fs::read_to_string(path).ok()
}

fn every_endpoint_has_a_case(cases: &[CaseFile]) -> Result<(), Failed> {
    let covered: BTreeSet<_> = cases.iter().flat_map(|case| &case.outcome().covered.endpoints).collect();
    let uncovered: Vec<_> = ALL.iter().map(|row| row.name).filter(|name| !covered.contains(name)).collect();
    none(&uncovered, "endpoints without a case")
}

/// Reasons that no case can reach: they are given before or around the engine, and tested there.
const OUTSIDE_THE_ENGINE: &[&str] = &[
    "AuthorizationMalformed",
    "BodyMissing",
    "BodyLate",
    "BodyTooLarge",
    // Take more tokens, grants, batches or clients than a case would make: tests/lists.rs, tests/limits.rs.
    "ApiTokensExcessive",
    "BatchesWaiting",
    "BulkTooLarge",
    "CallsTooMany",
    "ConditionUnfit",
    "ContentTypeMissing",
    "ContentTypeUnsupported",
    "DiscoveredClientsExcessive",
    "GrantsExcessive",
    "MembersExcessive",
    "MethodNotAllowed",
    "PathUnknown",
    "SuperiorClientsExcessive",
    // tests/version2.rs
    "ServiceUnnamed",
    // Stands in the status of a batch: token-management/batch.
    "BatchClientUnmarked",
];

fn every_reason_is_expected_by_a_case(cases: &[CaseFile]) -> Result<(), Failed> {
    let covered: BTreeSet<_> = cases.iter().flat_map(|case| &case.outcome().covered.reasons).collect();
    let (outside, inside): (Vec<_>, Vec<_>) =
        ROWS.iter().map(|row| row.name).partition(|name| OUTSIDE_THE_ENGINE.contains(name));
    let uncovered: Vec<_> = inside.into_iter().filter(|name| !covered.contains(name)).collect();
    none(&uncovered, "reasons without a case")?;
    let needless: Vec<_> = outside.into_iter().filter(|name| covered.contains(name)).collect();
    none(&needless, "the list of exceptions may shrink")
}

/// Actions that no case can reach, by endpoint.
const ACTIONS_OUTSIDE: &[(&str, &str)] = &[
    // Four endpoints have one type of answer, and each the actions of its own method.
    ("client_registration", "OK"),
    ("client_registration", "UPDATED"),
    ("client_registration", "DELETED"),
    ("client_registration_get", "CREATED"),
    ("client_registration_get", "UPDATED"),
    ("client_registration_get", "DELETED"),
    ("client_registration_update", "CREATED"),
    ("client_registration_update", "OK"),
    ("client_registration_update", "DELETED"),
    ("client_registration_delete", "CREATED"),
    ("client_registration_delete", "OK"),
    ("client_registration_delete", "UPDATED"),
    // COMPAT: published constants that stand for nothing here. HTTP 500 says the first (device/reply.rs); whoever may not update
    // a token does not reach the operation.
    ("device_verification", "INTERNAL_SERVER_ERROR"),
    ("token_update", "FORBIDDEN"),
    // They read services and clients alone; where those cannot be read, there is no operation either.
    ("client_registration_get", "INTERNAL_SERVER_ERROR"),
    ("hsk_get", "SERVER_ERROR"),
    ("hsk_get_list", "SERVER_ERROR"),
    ("vci_nonce", "INTERNAL_SERVER_ERROR"),
];

fn every_action_is_expected_by_a_case(cases: &[CaseFile]) -> Result<(), Failed> {
    let expected: BTreeSet<_> =
        cases.iter().flat_map(|case| case.outcome().covered.actions.clone()).collect();
    let mut uncovered = Vec::new();
    for (endpoint, action) in actions() {
        let outside = ACTIONS_OUTSIDE.contains(&(endpoint.as_str(), action.as_str()));
        let covered = expected.iter().any(|(by, what)| *by == endpoint && *what == action);
        if outside == covered {
            uncovered.push(format!("{endpoint} {action}"));
        }
    }
    let uncovered: Vec<_> = uncovered.iter().map(String::as_str).collect();
    none(&uncovered, "actions without a case, or exceptions that have one")
}

/// What each endpoint can answer that callers act upon, as the OpenAPI document has it.
fn actions() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/openapi.json");
    let document: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let behind = |schema: &Value| match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).cloned().unwrap_or_default(),
        None => schema.clone(),
    };
    let items = document["paths"].as_object().unwrap().values();
    let operations = items.flat_map(|item| item.as_object().unwrap().values());
    let each = operations.flat_map(|operation| {
        let answer = behind(&operation["responses"]["200"]["content"]["application/json"]["schema"]);
        let actions = behind(&answer["properties"]["action"]["anyOf"][0])["enum"].take();
        let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let actions = actions.as_array().cloned().unwrap_or_default();
        actions.into_iter().map(move |action| (name.clone(), action.as_str().unwrap_or_default().to_owned()))
    });
    each.collect()
}

/// What operations answer with, as the documentation shows it.
fn every_outcome_is_written_down(cases: &[CaseFile]) -> Result<(), Failed> {
    let mut answered: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (endpoint, answer, code) in cases.iter().flat_map(|case| &case.outcome().covered.outcomes) {
        answered.entry((*endpoint, answer.as_str())).or_default().insert(code.as_str());
    }
    let line = |((endpoint, answer), codes): (&(&str, &str), &BTreeSet<&str>)| {
        let codes: Vec<_> = codes.iter().copied().collect();
        format!("{endpoint} {answer} {}\n", codes.join(" "))
    };
    let text: String = answered.iter().map(line).collect();
    // From where `cargo xtask outcomes` takes it.
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("outcomes.txt"), &text)?;
    match fs::read_to_string(directory().with_file_name("outcomes.txt"))? == text {
        true => Ok(()),
        false => Err("tests/outcomes.txt is not what the cases come to; cargo xtask outcomes".into()),
    }
}

fn none(names: &[&str], what: &str) -> Result<(), Failed> {
    if names.is_empty() { Ok(()) } else { Err(format!("{what}: {names:?}").into()) }
}

/// What makes a service stricter, by name.
fn tightenings() -> Vec<(String, Value)> {
    let settings = [
        ("pkce", json!({ "pkceRequired": true })),
        ("pkce-s256", json!({ "pkceRequired": true, "pkceS256Required": true })),
        ("par", json!({ "parRequired": true })),
        ("request-object", json!({ "requestObjectRequired": true })),
        ("scope", json!({ "scopeRequired": true })),
        ("assertion-audience", json!({ "clientAssertionAudRestrictedToIssuer": true })),
        ("haip", json!({ "haipVersion": "1.0" })),
    ];
    let modes = FapiMode::ALL.iter().map(|mode| mode.api_name());
    let modes = modes.map(|mode| (mode, json!({ "fapiModes": [mode] })));
    let profiles = ["oauth_2_1", "open_banking_uk", "open_banking_brazil", "consumer_data_right_au"];
    let profiles =
        profiles.map(|name| (name, json!({ "attributes": [{ "key": "profile", "value": name }] })));
    let all = settings.into_iter().chain(modes).chain(profiles);
    all.map(|(name, value)| (format!("tightening_never_accepts_more/{name}"), value)).collect()
}

/// Under a stricter service, a case may come to less, never to more: whatever a stricter run answers
/// with success, the free run answers with success too.
fn accepts_no_more(cases: &[CaseFile], tightening: &Map<String, Value>) -> Result<(), Failed> {
    let more = cases.iter().filter_map(|case| {
        let (tightened, free) = (case.accepted_under(tightening), case.outcome().covered.accepted);
        (tightened > free).then(|| format!("{}: {tightened} accepted, {free} without it", case.name))
    });
    let more: Vec<_> = more.collect();
    if more.is_empty() { Ok(()) } else { Err(more.join("\n").into()) }
}
