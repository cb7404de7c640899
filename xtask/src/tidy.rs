//! The invariants and budgets of ARCHITECTURE.md, checked by program.

mod functions;
mod versions;

use std::path::{Path, PathBuf};
use std::process::Command;

use functions::Function;

/// Files that are tables, and hold nothing else.
const TABLES: &[&str] = &[
    "crates/api/src/cost.rs",
    "crates/api/src/endpoints.rs",
    "crates/api/src/explained/table.rs",
    "crates/api/src/reasons.rs",
    "crates/api/src/settings/table.rs",
    "crates/api/src/types/",
    "crates/base/src/registry.rs",
    "crates/sdk/src/decision/actions.rs",
];

/// Lines of a file: what is usual, and what is never exceeded.
const FILE_P90: usize = 300;
const FILE_CAP: usize = 500;
/// Lines of a function.
const FUNCTION_MEDIAN: usize = 10;
const FUNCTION_P90: usize = 30;
const FUNCTION_CAP: usize = 80;

/// Crates that must not stand below the engine: runtimes, HTTP, SQL, TLS.
const BELOW_ENGINE: &[&str] = &[
    "tokio",
    "async-std",
    "smol",
    "hyper",
    "http",
    "axum",
    "reqwest",
    "tower",
    "rusqlite",
    "libsqlite3-sys",
    "tokio-postgres",
    "rustls",
    "native-tls",
    "openssl",
];

pub(crate) fn run(root: &Path) -> Result<(), String> {
    let mut problems = Vec::new();
    let sources = sources(root);
    sizes(&sources, &mut problems);
    function_sizes(&sources, &mut problems);
    words(&sources, &mut problems);
    rule_heads(&sources, &mut problems);
    wire_types(&sources, &mut problems);
    proofs(&sources, &mut problems);
    arrows(&sources, &mut problems);
    surroundings(&sources, &mut problems);
    problems.extend(crate::settings::problems(root, &sources));
    dependencies(root, &mut problems);
    generated(root, &mut problems);
    machine_paths(root, &mut problems);
    versions::check(root, &mut problems);
    if problems.is_empty() {
        println!("tidy: {} files, no problem", sources.len());
        return Ok(());
    }
    Err(format!("tidy: {} problems\n{}", problems.len(), problems.join("\n")))
}

/// A source file: its path from the root, and its text without the test module at its end.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

pub(crate) fn sources(root: &Path) -> Vec<Source> {
    let folders = ["crates", "xtask/src"];
    let paths = folders.iter().flat_map(|folder| files(&root.join(folder), "rs"));
    let in_src = paths.filter(|path| path.components().any(|part| part.as_os_str() == "src"));
    in_src
        .map(|path| {
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let text = text.split("\n#[cfg(test)]\n").next().unwrap_or_default().to_owned();
            Source { name, text }
        })
        .collect()
}

/// Every file below a folder with this extension, sorted.
pub(crate) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn is_table(name: &str) -> bool {
    TABLES.iter().any(|table| name.starts_with(table))
}

fn percentile(sorted: &[usize], percent: usize) -> usize {
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or(0)
}

fn sizes(sources: &[Source], problems: &mut Vec<String>) {
    let mut lengths = Vec::new();
    for source in sources.iter().filter(|source| !is_table(&source.name)) {
        let lines = source.text.lines().count();
        lengths.push(lines);
        if lines > FILE_CAP {
            problems.push(format!("{}: {lines} lines, {FILE_CAP} at most", source.name));
        }
    }
    lengths.sort_unstable();
    let p90 = percentile(&lengths, 90);
    if p90 > FILE_P90 {
        problems.push(format!("files: one in ten has more than {p90} lines, {FILE_P90} at most"));
    }
}

fn function_sizes(sources: &[Source], problems: &mut Vec<String>) {
    let mut lengths = Vec::new();
    for source in sources.iter().filter(|source| !is_table(&source.name)) {
        for Function { name, lines, line } in functions::of(&source.text) {
            lengths.push(lines);
            if lines > FUNCTION_CAP {
                problems.push(format!(
                    "{}:{line}: {name} has {lines} lines, {FUNCTION_CAP} at most",
                    source.name
                ));
            }
            if ["check_", "validate_", "is_valid_"].iter().any(|start| name.starts_with(start)) {
                problems.push(format!("{}:{line}: {name}: parse, don't validate", source.name));
            }
        }
    }
    lengths.sort_unstable();
    for (percent, budget) in [(50, FUNCTION_MEDIAN), (90, FUNCTION_P90)] {
        let found = percentile(&lengths, percent);
        if found > budget {
            problems.push(format!("functions: {percent} % have up to {found} lines, {budget} at most"));
        }
    }
}

/// Words that must not stand in some folders.
fn words(sources: &[Source], problems: &mut Vec<String>) {
    let engine = |folder: &str| format!("crates/engine/src/{folder}/");
    for source in sources {
        let within = |folders: &[&str]| folders.iter().any(|folder| source.name.starts_with(&engine(folder)));
        for (number, line) in source.text.lines().enumerate() {
            let mut problem = |what: &str| problems.push(format!("{}:{}: {what}", source.name, number + 1));
            if within(&["rules", "flow", "ops", "mint"]) && line.to_lowercase().contains("fapi") {
                problem("a profile is asked for outside policy/");
            }
            if within(&["rules", "policy", "mint"]) && line.contains("async fn") {
                problem("async in a pure folder");
            }
            if within(&["rules"]) && (line.contains("crate::cx") || line.contains("placet_store")) {
                problem("a rule sees the store");
            }
            if !source.name.starts_with("xtask/")
                && ["todo!(", "unimplemented!(", "dbg!("].iter().any(|m| line.contains(m))
            {
                problem("left in the code");
            }
        }
    }
}

/// The first line of a rule names its specification.
fn rule_heads(sources: &[Source], problems: &mut Vec<String>) {
    for source in sources.iter().filter(|source| source.name.starts_with("crates/engine/src/rules/")) {
        let first = source.text.lines().next().unwrap_or_default();
        if !crate::specs::names_a_specification(first) {
            problems.push(format!("{}:1: the first line names no specification", source.name));
        }
    }
}

/// Only operations and their steps, the compiler of documents and the list of handlers know the wire types.
fn wire_types(sources: &[Source], problems: &mut Vec<String>) {
    let allowed = [
        "crates/engine/src/ops",
        "crates/engine/src/flow",
        "crates/engine/src/tenant",
        "crates/engine/src/handlers",
    ];
    let engine = sources.iter().filter(|source| source.name.starts_with("crates/engine/src/"));
    for source in engine.filter(|source| !allowed.iter().any(|start| source.name.starts_with(start))) {
        if source.text.contains("placet_api::types") {
            problems.push(format!("{}: wire types outside ops/, flow/ and tenant/", source.name));
        }
    }
}

/// A check returns what is now known: a result of unit can be dropped, and with it the check.
fn proofs(sources: &[Source], problems: &mut Vec<String>) {
    let folders = ["flow", "ops", "rules", "tenant"].map(|folder| format!("crates/engine/src/{folder}"));
    for source in sources.iter().filter(|source| folders.iter().any(|folder| source.name.starts_with(folder)))
    {
        for (number, line) in source.text.lines().enumerate() {
            if line.contains("-> Result<()") {
                problems.push(format!("{}:{}: a check that returns unit", source.name, number + 1));
            }
        }
    }
}

/// What reads the operating system's clock or randomness.
const READS_SURROUNDINGS: &[&str] =
    &["SystemTime::now", "Instant::now", "rand::fill", "rand::generate", "SystemRandom", "getrandom"];

/// Who may: the leaf crate; timers, which are told by the runtime's clock; signatures, whose library wants a source; and
/// what measures.
const MAY_READ_SURROUNDINGS: &[&str] =
    &["crates/ambient/", "crates/serving/src/timed_stream.rs", "crates/jose/src/key.rs", "xtask/"];

/// Clock and randomness are handed in, by one crate.
fn surroundings(sources: &[Source], problems: &mut Vec<String>) {
    let may = |source: &Source| MAY_READ_SURROUNDINGS.iter().any(|start| source.name.starts_with(start));
    for source in sources.iter().filter(|source| !may(source)) {
        for (number, line) in source.text.lines().enumerate() {
            if READS_SURROUNDINGS.iter().any(|read| line.contains(read)) {
                problems.push(format!("{}:{}: reads clock or randomness", source.name, number + 1));
            }
        }
    }
}

/// Folders of the engine that must not know each other: who, whom.
const ARROWS: &[(&str, &[&str])] = &[
    ("policy", &["cx", "flow", "handlers", "mint", "ops", "records", "rules", "tenant"]),
    ("records", &["cx", "flow", "handlers", "mint", "ops"]),
    ("tenant", &["cx", "flow", "handlers", "mint", "ops", "rules"]),
    ("rules", &["cx", "flow", "handlers", "mint", "ops", "records"]),
    ("mint", &["cx", "flow", "handlers", "ops"]),
    ("flow", &["handlers", "ops"]),
    // Families share by `super::`, and what several need is a step.
    ("ops", &["handlers", "ops"]),
];

fn arrows(sources: &[Source], problems: &mut Vec<String>) {
    for (folder, others) in ARROWS {
        let (below, file) =
            (format!("crates/engine/src/{folder}/"), format!("crates/engine/src/{folder}.rs"));
        for source in sources.iter().filter(|s| s.name.starts_with(&below) || s.name == file) {
            for other in *others {
                if source.text.contains(&format!("crate::{other}::")) {
                    problems.push(format!("{}: {folder}/ knows {other}/", source.name));
                }
            }
        }
    }
}

fn dependencies(root: &Path, problems: &mut Vec<String>) {
    let tree = |package: &str| {
        let arguments = [
            "tree",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--format",
            "{p}",
            "--package",
            package,
        ];
        let output = Command::new("cargo").args(arguments).current_dir(root).output();
        output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default()
    };
    let mut forbid = |package: &str, forbidden: &[&str]| {
        let tree = tree(package);
        if tree.is_empty() {
            problems.push(format!("{package}: cargo tree says nothing"));
        }
        for line in tree.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            if forbidden.contains(&name) {
                problems.push(format!("{package} stands on {name}"));
            }
        }
    };
    forbid("placet-engine", BELOW_ENGINE);
    forbid("placet-sdk", &["placet-engine", "placet-store", "placet-server"]);
    // The SDK's first customers use nothing else of the project; calls to strangers are no part of it.
    forbid("placet-authserver", &["placet-engine", "placet-store", "placet-server"]);
    forbid("placet-console", &["placet-engine", "placet-store", "placet-server"]);
    forbid("placet-cli", &["placet-engine", "placet-store", "placet-server"]);
    forbid("placet-resource", &["placet-engine", "placet-store", "placet-server"]);
    forbid("placet-store-sqlite", &["placet-engine", "placet-api"]);
    forbid("placet-hsm-pkcs11", &["placet-engine", "placet-api", "placet-store"]);
}

/// Generated files say what the tables say; what is demanded has a case.
fn generated(root: &Path, problems: &mut Vec<String>) {
    problems.extend(crate::requirements::Requirements::read(root).problems());
    problems.extend(crate::requirements::module_problems(root));
    problems.extend(crate::explained::problems(root));
    let expected = [
        ("openapi/openapi.json", "openapi", crate::openapi::text()),
        ("docs/result-codes.md", "codes", crate::codes::text()),
        (crate::explained::TABLE, "codes", crate::explained::text(root, &sources(root))),
        ("docs/specs.md", "specs", crate::specs::text(root)),
        ("crates/sdk/public-api.txt", "public-api", crate::public_api::text(root)),
        (
            crate::setting_tables::PATH,
            "settings",
            crate::setting_tables::text(root).unwrap_or_else(|problem| problem),
        ),
    ];
    for (path, task, text) in expected {
        if std::fs::read_to_string(root.join(path)).ok().as_deref() != Some(&text) {
            problems.push(format!("{path} is out of date; run cargo xtask {task}"));
        }
    }
}

/// No tracked file names a place on the machine that it was written on.
fn machine_paths(root: &Path, problems: &mut Vec<String>) {
    let Some(above) = root.parent().and_then(Path::to_str).filter(|above| above.len() > 1) else { return };
    let output =
        Command::new("git").args(["grep", "-nF", &format!("{above}/"), "--", "."]).current_dir(root).output();
    let found = output.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    problems.extend(found.lines().map(|line| format!("{line:.120}: a path of this machine")));
}
