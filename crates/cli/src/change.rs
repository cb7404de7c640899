//! What a change would change: a merge patch (RFC 7396) held against the document that is there.

use serde_json::{Map, Value};

use crate::output::{Colour, cell, clean, painted};
use crate::secrets::masked_member;

/// One member that would be another.
#[derive(Debug, PartialEq)]
pub(crate) struct Change {
    /// Its name; `a.b` for a member of a member.
    pub(crate) path: String,
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// The part of a patch that makes a difference: what is there already is left out, so that a patch that was applied is
/// empty.
pub(crate) fn effective(current: &Map<String, Value>, patch: Map<String, Value>) -> Map<String, Value> {
    let differs = |(name, wanted): (String, Value)| {
        let there = current.get(&name).unwrap_or(&Value::Null);
        match (there, wanted) {
            (Value::Object(there), Value::Object(wanted)) => {
                let inner = effective(there, wanted);
                (!inner.is_empty()).then_some((name, Value::Object(inner)))
            }
            (there, wanted) => (!same(there, &wanted)).then_some((name, wanted)),
        }
    };
    patch.into_iter().filter_map(differs).collect()
}

/// What an effective patch changes, member by member.
pub(crate) fn changes(current: &Map<String, Value>, patch: &Map<String, Value>) -> Vec<Change> {
    let mut found = Vec::new();
    walk("", current, patch, &mut found);
    found
}

fn walk(prefix: &str, current: &Map<String, Value>, patch: &Map<String, Value>, found: &mut Vec<Change>) {
    for (name, after) in patch {
        let path = format!("{prefix}{name}");
        let before = current.get(name).unwrap_or(&Value::Null);
        match (before, after) {
            (Value::Object(before), Value::Object(after)) => walk(&format!("{path}."), before, after, found),
            _ => found.push(Change { path, before: before.clone(), after: after.clone() }),
        }
    }
}

/// Whether two values say the same. The API's arrays are sets: their order says nothing.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => sorted(one) == sorted(other),
        _ => one == other,
    }
}

fn sorted(values: &[Value]) -> Vec<String> {
    let mut texts: Vec<_> = values.iter().map(canonical).collect();
    texts.sort();
    texts
}

/// A text that is the same for values that say the same.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| format!("{name:?}:{}", canonical(value))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(values) => format!("[{}]", sorted(values).join(",")),
        other => other.to_string(),
    }
}

/// Lines with `-` for what goes and `+` for what comes; of arrays, the elements that go and come. Secrets are not shown.
pub(crate) fn shown(changes: &[Change], coloured: bool) -> String {
    let mut text = String::new();
    for change in changes {
        let path = clean(&change.path);
        let name = change.path.rsplit('.').next().unwrap_or_default();
        let (gone, come) = parts(&change.before, &change.after);
        for (sign, values, colour) in [("-", gone, Colour::Red), ("+", come, Colour::Green)] {
            for value in values {
                let line = format!("{sign} {path}: {}", cell(&masked_member(name, value)));
                text += &(painted(&line, colour, coloured) + "\n");
            }
        }
    }
    text
}

fn parts<'a>(before: &'a Value, after: &'a Value) -> (Vec<&'a Value>, Vec<&'a Value>) {
    let none: &[Value] = &[];
    let (one, other) = match (before, after) {
        (Value::Array(one), Value::Array(other)) if !one.is_empty() && !other.is_empty() => {
            (one.as_slice(), other.as_slice())
        }
        (Value::Null, other) => (none, std::slice::from_ref(other)),
        (one, Value::Null) => (std::slice::from_ref(one), none),
        (one, other) => (std::slice::from_ref(one), std::slice::from_ref(other)),
    };
    let lacking = |all: &[Value], value: &Value| !all.iter().any(|known| same(known, value));
    (
        one.iter().filter(|value| lacking(other, value)).collect(),
        other.iter().filter(|value| lacking(one, value)).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn what_is_there_already_is_no_change() {
        let current = object(json!({ "a": 1, "list": ["x", { "b": 1, "c": 2 }], "inner": { "d": 1 } }));
        let patch = json!({ "a": 1, "list": [{ "c": 2, "b": 1 }, "x"], "inner": { "d": 1 }, "gone": null });
        assert_eq!(effective(&current, object(patch)), Map::new());
        let patch =
            effective(&current, object(json!({ "a": 2, "inner": { "d": 1, "e": "n" }, "list": ["x", "y"] })));
        assert_eq!(
            Value::Object(patch.clone()),
            json!({ "a": 2, "inner": { "e": "n" }, "list": ["x", "y"] })
        );
        let text = shown(&changes(&current, &patch), false);
        assert_eq!(text, "- a: 1\n+ a: 2\n+ inner.e: n\n- list: {\"b\":1,\"c\":2}\n+ list: y\n");
    }

    #[test]
    fn secrets_and_control_characters_are_not_shown() {
        let current = object(json!({ "clientSecret": "old", "clientName": "x" }));
        let patch = object(json!({ "clientSecret": "new", "clientName": "\u{1b}[2J" }));
        let text = shown(&changes(&current, &patch), false);
        assert!(!text.contains("old") && !text.contains("new") && !text.contains('\u{1b}'), "{text}");
        assert!(text.contains("clientSecret"), "{text}");
    }
}
