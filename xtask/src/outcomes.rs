//! `cargo xtask outcomes`: what each operation answers with, by the cases of the engine, for the documentation.

use std::path::Path;
use std::process::Command;

/// Has the test find out, and puts what it found in the place of what it was compared with.
pub(crate) fn run(root: &Path) -> Result<(), String> {
    let found = root.join("target/tmp/outcomes.txt");
    let problem = |e: std::io::Error| format!("{}: {e}", found.display());
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["test", "--quiet", "--package", "placet-engine", "--test", "cases", "--"]);
    // It fails where there is something to be written.
    let tested = cargo.args(["--exact", "every_outcome_is_written_down"]).output();
    let tested = tested.map_err(|e| format!("cargo: {e}"))?;
    if !found.exists() {
        return Err(String::from_utf8_lossy(&tested.stderr).into_owned());
    }
    std::fs::copy(&found, root.join("crates/engine/tests/outcomes.txt")).map_err(problem)?;
    std::fs::remove_file(&found).map_err(problem)
}
