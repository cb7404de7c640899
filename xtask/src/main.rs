//! Development tasks. `cargo xtask` alone lists them.

mod bench;
mod codes;
mod crash;
mod explained;
mod faults;
mod openapi;
mod outcomes;
mod overload;
mod public_api;
mod requirements;
mod setting_tables;
mod settings;
mod simulate;
mod specs;
mod tidy;
mod upgrade;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// As the server: what is compared must differ in nothing else.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HELP: &str = "\
cargo xtask TASK

openapi    write openapi/openapi.json from the tables
settings   write crates/api/src/settings/table.rs from the schemas and the annotations beside it
codes      write docs/result-codes.md from the table of reasons, and what explains them from the sources of the engine
outcomes   write crates/engine/tests/outcomes.txt: what each operation answers with, as the cases have it
public-api write crates/sdk/public-api.txt, what the SDK promises
specs      write docs/specs.md from the heads of the rule files and the list of requirements
tidy       check the invariants and budgets of ARCHITECTURE.md, and that generated files are up to date
bench      measure the build of the profile `measured`; with --write, write docs/performance.md
           --tokens N (default 1000000), --seconds N (default 5 for each measurement),
           --binary PATH (measure that build of placet, to compare with),
           --inspecting (what inspector and console cost, and nothing else)
instructions
           count the instructions of requests under Valgrind; --binary PATH
simulate   play the engine on a store that fails and lets others in between, seed by seed, and hold its answers
           against those of one after the other; --seeds N (default 100000), --first SEED (default 0)
crash      kill the server at random moments under load, and look for what was acknowledged (docs/faults.md)
           --times N (default 100), --seed S, --binary PATH (default: a debug build),
           --postgres URL (makes a database of its own there), --database COMMAND (restarts it, every other time),
           --faults kills (default), network, locks, serializable or disk, of which all but the first are the database's;
           --disk FOLDER (the small file system that the database is on, for disk)
upgrade    replace a node by one of another build under load, on one database; no request may fail
           --postgres URL, --old PATH, --new PATH (default: a debug build), --seconds N (default 3 for each part)
overload   ask twice of what the server can carry, and look at latency, memory, and how soon it is well again
           --seconds N (default 30), --binary PATH (default: a debug build)
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = arguments.split_first().map_or(("", &[][..]), |(task, rest)| (task.as_str(), rest));
    let outcome = match task {
        "openapi" => write("openapi/openapi.json", &openapi::text()),
        "settings" => setting_tables::text(&root()).and_then(|text| write(setting_tables::PATH, &text)),
        "codes" => write("docs/result-codes.md", &codes::text())
            .and_then(|()| write(explained::TABLE, &explained::text(&root(), &tidy::sources(&root())))),
        "public-api" => write("crates/sdk/public-api.txt", &public_api::text(&root())),
        "outcomes" => outcomes::run(&root()),
        "specs" => write("docs/specs.md", &specs::text(&root())),
        "tidy" => tidy::run(&root()),
        "bench" => bench::run(&root(), rest),
        "instructions" => bench::instructions(&root(), rest),
        "simulate" => simulate::run(&root(), rest),
        "crash" => crash::run(&root(), rest),
        "overload" => overload::run(&root(), rest),
        "upgrade" => upgrade::run(&root(), rest),
        "bench-echo" => bench::echo::serve(),
        "bench-discard" => bench::discard::serve(rest),
        _ => {
            print!("{HELP}");
            return if task.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

fn write(path: &str, text: &str) -> Result<(), String> {
    std::fs::write(root().join(path), text).map_err(|e| format!("{path}: {e}"))
}
