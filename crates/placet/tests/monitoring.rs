//! What an operator's tools are told, and that the dashboard and the alerts in `deploy/` name nothing else.

#![allow(clippy::unwrap_used, clippy::allow_attributes, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

use common::at::{At, database, free};
use common::{Connection, Dir};
use serde_json::json;

/// A gauge of a backend that has connections to a database.
const OF_DATABASES: &str = "placet_database_connections";

/// What `/metrics` says once all of `wanted` is there.
fn metrics(address: &str, wanted: &[&str]) -> String {
    let mut connection = Connection::to(address);
    let mut text = String::new();
    for _ in 0..100 {
        text = connection.send("GET", "/metrics", "", b"").unwrap().body;
        if wanted.iter().all(|wanted| text.lines().any(|line| line.starts_with(wanted))) {
            return text;
        }
        sleep(Duration::from_millis(100));
    }
    panic!("{wanted:?} do not come: {text}");
}

/// The value of a series.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
}

/// Names of metrics of ours in a text.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| word.starts_with("placet_")).map(str::to_owned).collect()
}

/// The metrics of a server that has made a service and looked after its store.
fn of_a_server(name: &str, extra: Vec<(&'static str, String)>) -> String {
    let (dir, tools) = (Dir::new(name), free());
    let extra = [extra, vec![("PLACET_METRICS_LISTEN", tools.clone())]].concat();
    let at = At { extra, ..At::new(&dir) };
    let token = at.found();
    let mut serving = at.serve();
    let made = serving.connection.post("/api/service/create", &token, &json!({ "serviceName": "First" }));
    assert_eq!(made.status, 200);
    let text = metrics(&tools, &["placet_sweep_lag_seconds ", "placet_store_commit_seconds_count"]);
    assert_eq!(value(&text, "placet_ready"), 1.0);
    assert!(value(&text, "placet_store_commit_seconds_count") >= 1.0, "{text}");
    assert!(value(&text, "placet_store_commit_batches_sum") >= 1.0, "{text}");
    assert!(value(&text, "placet_store_commit_seconds_bucket{le=\"+Inf\"}") >= 1.0, "{text}");
    assert!(value(&text, "placet_sweep_lag_seconds") < 60.0, "{text}");
    text
}

#[test]
fn a_file_is_measured_while_it_is_used() {
    let text = of_a_server("measured", Vec::new());
    // The organization, its token, the probe of the master key; what is made later is counted at the next look.
    assert!(value(&text, "placet_store_rows{layout=\"catalogue\"}") >= 3.0, "{text}");
    assert!(value(&text, "placet_store_rows{layout=\"log\"}") >= 1.0, "{text}");
    assert!(!text.contains(OF_DATABASES), "{text}");
}

#[test]
fn a_database_is_measured_while_it_is_used() {
    let Some(database) = database("measured") else { return };
    let text = of_a_server("measured-database", vec![("PLACET_POSTGRES_URL", database)]);
    let connections = |state: &str| value(&text, &format!("{OF_DATABASES}{{state=\"{state}\"}}"));
    assert!((1.0..=17.0).contains(&connections("open")), "{text}");
    assert!(connections("busy") <= connections("open"), "{text}");
}

#[test]
fn the_dashboard_and_the_alerts_name_metrics_that_are_there() {
    let there = named(&of_a_server("named", Vec::new()));
    for file in ["grafana/placet.json", "prometheus/placet.rules.yml", "prometheus/placet.test.yml"] {
        let path = format!("{}/../../deploy/{file}", env!("CARGO_MANIFEST_DIR"));
        let names = named(&std::fs::read_to_string(path).unwrap());
        assert!(names.len() > 1, "{file} names {names:?}");
        for name in names.iter().filter(|name| *name != OF_DATABASES) {
            assert!(there.contains(name), "{file} names {name}, which is none of {there:?}");
        }
    }
}
