//! What the SDK promises to its users, as text: a change to it shows in a diff, and has to be meant.

use std::path::Path;

use crate::tidy::files;

const HEAD: &str = "\
# The public API of placet-sdk, written by `cargo xtask public-api`. A line that goes away or changes breaks somebody.
";

/// What a source promises, line by line.
type Read = fn(&str) -> Vec<String>;

/// Files, and how their public items are told from the rest.
const PARTS: [(&str, Read); 4] = [
    ("crates/sdk/src", items),
    ("crates/api/src/endpoints.rs", rows),
    ("crates/api/src/types", items),
    ("crates/base/src/registry.rs", registry),
];

pub(crate) fn text(root: &Path) -> String {
    let mut text = HEAD.to_owned();
    for (part, read) in PARTS {
        let path = root.join(part);
        let paths = if path.is_dir() { files(&path, "rs") } else { vec![path] };
        for path in paths {
            let source = std::fs::read_to_string(&path).unwrap_or_default();
            let source = source.split("#[cfg(test)]").next().unwrap_or_default();
            let found = read(source);
            if !found.is_empty() {
                let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
                text.push_str(&format!("\n## {name}\n{}\n", found.join("\n")));
            }
        }
    }
    text
}

/// Declarations that begin with `pub`, the variants of public enums, and the rows of tables of decisions.
fn items(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = source.lines().peekable();
    let (mut in_enum, mut in_table) = (false, false);
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        let is_code = !trimmed.is_empty() && !trimmed.starts_with("//") && !trimmed.starts_with('#');
        in_table |= line == "decisions! {";
        if line == "}" {
            (in_enum, in_table) = (false, false);
        } else if (in_enum || in_table) && is_code && line != "decisions! {" {
            found.push(line.trim_end().to_owned());
        } else if trimmed.starts_with("pub ") {
            let mut item = trimmed.to_owned();
            // A declaration goes on until its body, its end, or the next member.
            while !item.ends_with(['{', ';', ',', '}']) {
                let Some(next) = lines.next() else { break };
                item = format!("{item} {}", next.trim());
            }
            if item.starts_with("pub fn") || item.starts_with("pub async fn") {
                while !item.ends_with(['{', ';']) {
                    let Some(next) = lines.next() else { break };
                    item = format!("{item} {}", next.trim());
                }
            }
            in_enum = item.starts_with("pub enum") && item.ends_with('{') && !item.contains('$');
            found.push(format!(
                "{}{}",
                &line[..line.len() - line.trim_start().len()],
                item.trim_end_matches([' ', '{'])
            ));
        }
    }
    found
}

/// The methods that are made from the endpoint table.
fn rows(source: &str) -> Vec<String> {
    let rows =
        source.lines().map(str::trim).filter(|line| line.contains("Authority::") && line.ends_with(';'));
    rows.map(|row| {
        let name = row.split(':').next().unwrap_or_default();
        let types = row.rsplit(", ").take(2).collect::<Vec<_>>();
        format!(
            "{name}({}) of {}",
            types.get(1).copied().unwrap_or_default(),
            types.first().copied().unwrap_or_default()
        )
    })
    .collect()
}

/// The values of the registries.
fn registry(source: &str) -> Vec<String> {
    let table = source.split("registry! {").nth(1).unwrap_or_default();
    let table = table.split("\n}\n").next().unwrap_or_default();
    table
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//"))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_is_told_from_what_is_not() {
        let source = "\
pub struct A {
    /// Documented.
    pub a: u8,
    b: u8,
}
pub enum B {
    /// Documented.
    C,
    D(u8),
}
impl A {
    pub fn long(
        a: u8,
    ) -> u8 {
        0
    }
    pub(crate) fn own() {}
}
";
        let expected = [
            "pub struct A",
            "    pub a: u8,",
            "pub enum B",
            "    C,",
            "    D(u8),",
            "    pub fn long( a: u8, ) -> u8",
        ];
        assert_eq!(items(source), expected);
    }
}
