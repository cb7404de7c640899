//! One toolchain, said in several places that cannot read each other.

use std::path::Path;

/// The pinned toolchain is what the image is built with, and is no older than the least that is promised.
pub(super) fn check(root: &Path, problems: &mut Vec<String>) {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let (manifest, readme) = (read("Cargo.toml"), read("README.md"));
    let pinned = quoted(&read("rust-toolchain.toml"), "channel").unwrap_or_default().to_owned();
    let least = quoted(&manifest, "rust-version").unwrap_or_default();
    if numbers(&pinned).len() != 3 || numbers(&pinned) < numbers(least) {
        problems.push(format!("rust-toolchain.toml: {pinned:?} is no release from {least} on"));
    }
    if !read("deploy/Dockerfile").contains(&format!("FROM rust:{pinned}-")) {
        problems.push(format!("deploy/Dockerfile: not built with {pinned}"));
    }
    if !readme.contains(&format!("Rust toolchain ({least} or later")) {
        problems.push(format!("README.md: does not say that {least} is the least"));
    }
}

/// The text of a line `name = "text"`.
fn quoted<'a>(toml: &'a str, name: &str) -> Option<&'a str> {
    let value = |line: &'a str| line.strip_prefix(name)?.trim_start().strip_prefix("= \"")?.strip_suffix('"');
    toml.lines().find_map(value)
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        let toml = "[toolchain]\nchannel = \"1.95.0\"\n";
        assert_eq!(quoted(toml, "channel"), Some("1.95.0"));
        assert_eq!(quoted(toml, "profile"), None);
        assert!(numbers("1.100.0") > numbers("1.95"));
        assert!(numbers("1.95.0") > numbers("1.95"));
        assert!(numbers("stable").is_empty());
    }
}
