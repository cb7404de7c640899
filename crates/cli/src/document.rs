//! Documents of services and clients: read from files, and what members they may have.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Value;

use crate::exit::Failure;

/// More than this is no document of a service or a client.
const LARGEST: u64 = 16 * 1024 * 1024;

/// A file as a text; `-` for standard input.
///
/// # Errors
/// When it cannot be read, is too large, or no text.
pub fn read_text(file: &Path) -> Result<String, Failure> {
    let failed = |e: io::Error| Failure::failed(format!("{}: {e}", file.display()));
    let mut text = String::new();
    let read = match file == Path::new("-") {
        true => io::stdin().lock().take(LARGEST + 1).read_to_string(&mut text),
        false => fs::File::open(file).map_err(failed)?.take(LARGEST + 1).read_to_string(&mut text),
    };
    match read.map_err(failed)? as u64 {
        length if length > LARGEST => Err(Failure::failed(format!("{}: more than 16 MiB", file.display()))),
        _ => Ok(text),
    }
}

/// A file with JSON or YAML.
///
/// # Errors
/// Says where it is neither.
pub fn read(file: &Path) -> Result<Value, Failure> {
    let text = read_text(file)?;
    // JSON first: what is wrong with it is said with its line and column.
    let wrong = |e: &dyn std::fmt::Display| Failure::failed(format!("{}: {e}", file.display()));
    match text.trim_start().starts_with(['{', '[']) {
        true => serde_json::from_str(&text).map_err(|e| wrong(&e)),
        false => serde_saphyr::from_str(&text).map_err(|e| wrong(&e)),
    }
}
