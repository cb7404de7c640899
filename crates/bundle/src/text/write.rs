//! A bundle as TOML. Members come in the order of their names, but for what says which service or client it is.

use std::fmt::Write;

use serde_json::Value;

use crate::bundle::{Bundle, FORMAT, Members};
use crate::path::{key, quoted};

const HEAD: &str = "\
# A service of placet. `placet import` makes a service of it, `placet diff` compares it with one, and `placet apply`
# changes one. Members are those of the API.
";

/// Members that stand before the others.
const FIRST: &[&str] = &["serviceName", "issuer", "clientName"];

pub(super) fn bundle(bundle: &Bundle) -> String {
    let mut text = format!("{HEAD}format = {FORMAT}\n");
    if let Some(id) = bundle.service_id {
        text += &format!("service_id = {id}\n");
    }
    let left_out = bundle.named_as_left_out();
    if !left_out.is_empty() {
        let paths: Value = left_out.iter().map(|path| Value::from(path.to_string())).collect();
        text += "\n# Secrets that are not in this file.\n";
        text += &format!("left_out = {}\n", valued(&paths, 0));
    }
    table(&mut text, "service", &bundle.tree.service);
    for (name, members) in &bundle.tree.scopes {
        table(&mut text, &format!("scopes.{}", key(name)), members);
    }
    for (name, members) in &bundle.tree.clients {
        table(&mut text, &format!("clients.{}", key(name)), members);
    }
    for one in &bundle.not_carried {
        let (what, why) = (quoted(&one.what), quoted(&one.why));
        text += &format!("\n[[not_carried]]\nwhat = {what}\nwhy = {why}\n");
    }
    if let Some(sealed) = &bundle.sealed {
        text += &format!(
            "\n# The secrets. `age --decrypt` opens them too.\n[sealed]\nage = {}\n",
            string(sealed)
        );
    }
    text
}

fn table(text: &mut String, name: &str, members: &Members) {
    text.push_str(&format!("\n[{name}]\n"));
    let first = FIRST.iter().filter_map(|name| members.get_key_value(*name));
    let others = members.iter().filter(|(name, _)| !FIRST.contains(&name.as_str()));
    first.chain(others).for_each(|(name, value)| member(text, &key(name), value));
}

/// The members of an object get lines of their own.
fn member(text: &mut String, name: &str, value: &Value) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort();
            for inner in names {
                member(text, &format!("{name}.{}", key(inner)), &members[inner]);
            }
        }
        // TOML has no null, and an absent member means the same.
        Value::Null => {}
        other => text.push_str(&format!("{name} = {}\n", valued(other, 0))),
    }
}

fn valued(value: &Value, depth: usize) -> String {
    match value {
        Value::Array(values) if values.is_empty() => "[]".to_owned(),
        Value::Array(values) => {
            let indent = "  ".repeat(depth + 1);
            let lines = values.iter().fold(String::new(), |mut lines, value| {
                let _ = writeln!(lines, "{indent}{},", valued(value, depth + 1));
                lines
            });
            format!("[\n{lines}{}]", "  ".repeat(depth))
        }
        Value::Object(members) => {
            let present = members.iter().filter(|(_, value)| !value.is_null());
            let members: Vec<String> =
                present.map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect();
            if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
        }
        Value::String(text) => string(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// On one line, but for texts that have several.
fn inline(value: &Value) -> String {
    match value {
        Value::Array(values) => format!("[{}]", values.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => valued(other, 0),
    }
}

/// A text of several lines is written as it is, where TOML can.
fn string(text: &str) -> String {
    let plain = |c: char| !c.is_control() || c == '\n' || c == '\t';
    match text.contains('\n') && text.chars().all(plain) && !text.contains("'''") && !text.ends_with('\'') {
        true => format!("'''\n{text}'''"),
        false => quoted(text),
    }
}
