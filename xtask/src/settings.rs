//! Settings tell the truth: each is read by the engine or the authorization server.

use std::collections::BTreeSet;
use std::path::Path;

use crate::tidy::Source;

/// Who reads settings.
const READERS: [&str; 2] = ["crates/engine/src/", "crates/authserver/src/users/"];

/// What judges documents when they are stored, which is no effect of theirs.
const JUDGE: &str = "crates/engine/src/tenant/sign_in_settings.rs";

/// The documents.
const DOCUMENTS: [(&str, &str); 2] =
    [("crates/api/src/types/service.rs", "Service"), ("crates/api/src/types/client.rs", "Client")];

pub(crate) fn problems(root: &Path, sources: &[Source]) -> Vec<String> {
    let readers: Vec<_> = sources
        .iter()
        .filter(|source| READERS.iter().any(|folder| source.name.starts_with(folder)) && source.name != JUDGE)
        .map(|source| source.text.as_str())
        .collect();
    let mut problems = Vec::new();
    for (path, document) in DOCUMENTS {
        let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
        for member in members(&text, document) {
            let camel = camel(&member);
            let metadata =
                document == "Client" && readers.iter().any(|text| text.contains(&format!("\"{camel}\"")));
            if !metadata && !readers.iter().any(|text| has_word(text, &member)) {
                problems.push(format!("{path}: {camel} has no reader"));
            }
        }
    }
    problems
}

/// Every setting, as documents call it.
pub(crate) fn all(root: &Path) -> BTreeSet<String> {
    let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let of = |(path, document)| members(&text(path), document);
    DOCUMENTS.into_iter().flat_map(of).map(|member| camel(&member)).collect()
}

/// The members of a wire type.
fn members(text: &str, document: &str) -> Vec<String> {
    let body = text.split(&format!("pub struct {document} {{")).nth(1).unwrap_or_default();
    let body = body.split("\n}").next().unwrap_or_default();
    let lines = body.lines().filter_map(|line| line.trim().strip_prefix("pub "));
    lines.filter_map(|line| Some(line.split_once(':')?.0.trim_start_matches("r#").to_owned())).collect()
}

fn camel(member: &str) -> String {
    let mut words = member.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, tail) = word.split_at(word.chars().next().map_or(0, char::len_utf8));
        name + &head.to_uppercase() + tail
    })
}

fn has_word(text: &str, word: &str) -> bool {
    let inside = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    text.match_indices(word).any(|(at, _)| {
        let bytes = text.as_bytes();
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        !inside(before) && !inside(bytes.get(at + word.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_names_are_read() {
        let text = "pub struct Service {\n    /// A.\n    pub user_pin_length: Option<i32>,\n    pub r#type: X,\n}\n";
        assert_eq!(members(text, "Service"), ["user_pin_length", "type"]);
        assert_eq!(camel("user_pin_length"), "userPinLength");
        assert_eq!(camel("oid4vci_version"), "oid4vciVersion");
        assert!(has_word("a.user_pin_length,", "user_pin_length"));
        assert!(!has_word("user_pin_length_max", "user_pin_length"));
    }
}
