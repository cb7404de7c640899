//! YAML 1.2, as a superset of JSON: texts are quoted unless nothing could take them for something else.

use serde_json::Value;

use crate::output::json;

/// A document, block by block.
pub fn written(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(_) | Value::Array(_) if !is_empty(value) => block(value, 0, &mut text),
        scalar => text = inline(scalar) + "\n",
    }
    text
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(serde_json::Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

fn block(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                *text += &format!("{indent}{}:", key(name));
                beside(value, depth + 1, text);
            }
        }
        Value::Array(values) => {
            for value in values {
                *text += &format!("{indent}-");
                item(value, depth + 1, text);
            }
        }
        scalar => *text += &format!("{indent}{}\n", inline(scalar)),
    }
}

fn beside(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(_) | Value::Array(_) if !is_empty(value) => {
            text.push('\n');
            block(value, depth, text);
        }
        scalar => *text += &format!(" {}\n", inline(scalar)),
    }
}

/// The first member of an object stands beside its dash.
fn item(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(_) | Value::Array(_) if !is_empty(value) => {
            let mut nested = String::new();
            block(value, depth, &mut nested);
            *text += &format!(" {}", nested.trim_start());
        }
        scalar => *text += &format!(" {}\n", inline(scalar)),
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => key(text),
        other => json(other),
    }
}

/// Plain where it can be nothing but a text: letters first, and no word that YAML 1.1 or 1.2 reads as something else.
fn key(text: &str) -> String {
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c));
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    match letters && first && !words.contains(&text.to_ascii_lowercase().as_str()) {
        true => text.to_owned(),
        false => json(&Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let value = serde_json::json!({
            "name": "a: b # c\n\u{1b}", "no": "no", "empty": [], "none": {}, "null": null, "number": 12,
            "list": ["CODE", "1", 1.5, true, [1, [2]], { "a": { "b": [1] }, "c": "- x" }], "big": 9007199254740993_i64,
            "0x1": "~", " lead": "trail ", "": "", "url": "https://as.example/a?b=c", "many": [[], {}, [{}]],
        });
        let text = written(&value);
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(read, value, "{text}");
    }
}
