//! `cargo xtask simulate`: the simulation, for as many seeds as one likes.

use std::path::Path;
use std::process::Command;

/// Builds it optimized and plays; its own arguments are handed on.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(["run", "--quiet", "--release", "--package", "placet-testkit"]);
    let status = cargo.args(["--bin", "simulate", "--"]).args(arguments).status();
    match status.map_err(|e| format!("cargo: {e}"))?.success() {
        true => Ok(()),
        false => Err("a seed fails".to_owned()),
    }
}
