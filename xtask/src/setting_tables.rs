//! The tables of settings, made of the schemas of services and clients and of what is written about them beside the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::openapi;

pub(crate) const PATH: &str = "crates/api/src/settings/table.rs";

const ANNOTATIONS: &str = "crates/api/src/settings/annotations.txt";

/// The documents, and what their tables are called.
const DOCUMENTS: [(&str, &str, &str); 2] =
    [("service", "Service", "SERVICE"), ("client", "Client", "CLIENT")];

/// A line of the annotations, in its section.
struct Annotation<'a> {
    group: &'a str,
    columns: [&'a str; 4],
}

/// # Errors
/// When a member is not annotated, or what is annotated is no member.
pub(crate) fn text(root: &Path) -> Result<String, String> {
    let lines = std::fs::read_to_string(root.join(ANNOTATIONS)).map_err(|e| format!("{ANNOTATIONS}: {e}"))?;
    let annotations = annotations(&lines);
    let schemas = openapi::document()["components"]["schemas"].take();
    let mut text = "//! Made by `cargo xtask settings`.\n\n\
                    use super::Kind::{Certificates, Choice, Choices, Flag, JsonText, Number, Structure, Text, Texts};\n\
                    use super::Setting;\nuse super::Unit::{Milliseconds, None, Seconds};\n"
        .to_owned();
    for (section, document, constant) in DOCUMENTS {
        let known =
            annotations.get(section).ok_or_else(|| format!("{ANNOTATIONS}: no section of {section}"))?;
        let _ = write!(
            text,
            "\n/// The settings of a {section}.\n#[rustfmt::skip]\npub const {constant}: &[Setting] = &[\n"
        );
        text.push_str(&rows(&schemas, document, known)?);
        text.push_str("];\n");
    }
    Ok(text)
}

fn rows(schemas: &Value, document: &str, known: &BTreeMap<&str, Annotation<'_>>) -> Result<String, String> {
    let members = schemas[document]["properties"].as_object().ok_or("a document without members")?;
    if let Some(stray) = known.keys().find(|name| !members.contains_key(**name)) {
        return Err(format!("{ANNOTATIONS}: {document} has no {stray}"));
    }
    let row = |(member, schema): (&String, &Value)| {
        let missing = || format!("{ANNOTATIONS}: {document}.{member} is missing");
        Ok(row(member, schema, schemas, known.get(member.as_str()).ok_or_else(missing)?))
    };
    members.iter().map(row).collect()
}

fn row(member: &str, schema: &Value, schemas: &Value, annotation: &Annotation<'_>) -> String {
    let [name, clause, default, words] = annotation.columns;
    let has = |word: &str| words.split_whitespace().any(|known| known == word);
    let kind = kind(schema, schemas, &has);
    let default = if default.is_empty() && kind == "Flag" && !has("output") { "false" } else { default };
    let unit = [("s", "Seconds"), ("ms", "Milliseconds")].iter().find(|(word, _)| has(word));
    let about = schema["description"].as_str().unwrap_or_default().replace('\n', " ");
    format!(
        "    Setting {{ member: {member:?}, about: {about:?}, group: {:?}, name: {name:?}, clause: {clause:?}, \
         default: {default:?}, kind: {kind}, unit: {}, is_output: {}, is_secret: {} }},\n",
        annotation.group,
        unit.map_or("None", |(_, unit)| unit),
        has("output"),
        has("secret"),
    )
}

fn kind(schema: &Value, schemas: &Value, has: &dyn Fn(&str) -> bool) -> String {
    match schema["type"].as_str() {
        Some("boolean") => "Flag".to_owned(),
        Some("integer") => "Number".to_owned(),
        Some("string") if has("json") => "JsonText".to_owned(),
        Some("string") => "Text".to_owned(),
        Some("array") if schema["items"]["type"] == "string" => {
            (if has("pem") { "Certificates" } else { "Texts" }).to_owned()
        }
        Some("array") => named("Choices", &schema["items"], schemas),
        _ => named("Choice", &schema["anyOf"][0], schemas),
    }
}

/// What a reference is to: some texts to choose from, or a structure.
fn named(kind: &str, reference: &Value, schemas: &Value) -> String {
    let name =
        reference["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
    match schemas[name]["enum"].as_array() {
        Some(choices) => {
            let choices: Vec<_> = choices.iter().filter_map(Value::as_str).collect();
            format!("{kind}(&{choices:?})")
        }
        None => "Structure".to_owned(),
    }
}

fn annotations(lines: &str) -> BTreeMap<&str, BTreeMap<&str, Annotation<'_>>> {
    let mut found: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    let (mut document, mut group) = ("", "");
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            (document, group) = section.split_once(' ').unwrap_or((section, ""));
            continue;
        }
        let mut columns = line.split('|').map(str::trim);
        let member = columns.next().unwrap_or_default();
        let columns = std::array::from_fn(|_| columns.next().unwrap_or_default());
        found.entry(document).or_default().insert(member, Annotation { group, columns });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_are_read_by_section() {
        let text = "# c\n[service a]\nx | y | RFC 1 | 3 | s\nz\n[client b]\nx ||||output\n";
        let found = annotations(text);
        assert_eq!(found["service"]["x"].columns, ["y", "RFC 1", "3", "s"]);
        assert_eq!((found["service"]["z"].group, found["client"]["x"].group), ("a", "b"));
        assert_eq!(found["client"]["x"].columns[3], "output");
    }
}
