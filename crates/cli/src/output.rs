//! What commands print: tables and sentences for people, JSON or YAML for programs. Names and texts that clients and
//! users have chosen never reach a terminal as control characters.

use std::io::{self, IsTerminal as _, Write as _};

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::Value;

use crate::exit::{Done, Failure};
use crate::yaml;

/// How something is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Tables and sentences.
    #[default]
    Human,
    /// JSON (RFC 8259).
    Json,
    /// YAML 1.2.
    Yaml,
}

/// How the command's result is printed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct Output {
    /// How results are printed.
    #[arg(short = 'o', long = "output", value_name = "FORMAT", default_value = "human", global = true)]
    pub format: Format,
}

impl Output {
    /// Prints a value; `human` says it for people.
    pub fn show(self, value: &impl Serialize, human: impl FnOnce(&Value) -> String) -> Done {
        let value = serde_json::to_value(value).map_err(|e| Failure::failed(e.to_string()))?;
        let text = match self.format {
            Format::Human => human(&value),
            Format::Json => json(&value) + "\n",
            Format::Yaml => yaml::written(&value),
        };
        put(&text)
    }

    /// Prints a value member by member.
    pub fn members(self, value: &impl Serialize) -> Done {
        self.show(value, members)
    }

    /// Prints a list, for people with some members of each as columns.
    pub fn list(self, values: &impl Serialize, columns: &[(&str, &str)]) -> Done {
        self.show(values, |values| table(values.as_array().map_or(&[], Vec::as_slice), columns))
    }

    /// Says a sentence to people, and nothing to programs.
    pub fn say(self, sentence: &str) -> Done {
        match self.format {
            Format::Human => put(&format!("{sentence}\n")),
            Format::Json | Format::Yaml => Ok(()),
        }
    }
}

/// To standard output. Who pipes it into `head` has read enough.
pub fn put(text: &str) -> Done {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(Failure::from),
    }
}

/// JSON that a terminal shows and does not obey: what JSON lets stand (C1, marks of direction) is escaped too.
pub fn json(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    escaped(&text, |c| c == '\n', |c| format!("\\u{:04x}", u32::from(c)))
}

/// The same on one line.
pub fn json_line(value: &Value) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    escaped(&text, |_| false, |c| format!("\\u{:04x}", u32::from(c)))
}

/// A text without anything that a terminal obeys: control characters, marks of direction and line breaks are shown as
/// what they are.
pub fn clean(text: &str) -> String {
    escaped(text, |_| false, |c| format!("\\u{{{:x}}}", u32::from(c)))
}

fn escaped(text: &str, lets: impl Fn(char) -> bool, by: impl Fn(char) -> String) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match is_obeyed(c) && !lets(c) {
            true => clean += &by(c),
            false => clean.push(c),
        }
    }
    clean
}

/// C0, DEL, C1, line and paragraph separators, and the marks that turn the direction of a text around.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Columns under their heads; each column names a member of the rows, `a.b` one within another.
pub fn table(rows: &[Value], columns: &[(&str, &str)]) -> String {
    let cells = |row: &Value| columns.iter().map(|(_, path)| cell(found(row, path))).collect::<Vec<_>>();
    let heads = columns.iter().map(|(head, _)| (*head).to_owned()).collect::<Vec<_>>();
    let lines: Vec<_> = std::iter::once(heads).chain(rows.iter().map(cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns.len()).map(width).collect();
    let written = |line: &Vec<String>| {
        let padded = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(written).collect()
}

fn found<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(value, |value, name| value.get(name).unwrap_or(&Value::Null))
}

/// A value on one line.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => clean(text),
        Value::Array(values) if values.iter().all(|value| !value.is_object()) => {
            values.iter().map(cell).collect::<Vec<_>>().join(" ")
        }
        other => clean(&other.to_string()),
    }
}

/// Each member on a line.
pub fn members(value: &Value) -> String {
    let Some(members) = value.as_object() else { return cell(value) + "\n" };
    let width = members.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    members.iter().map(|(name, value)| format!("{:<width$}  {}\n", clean(name), cell(value))).collect()
}

/// A colour of a terminal.
#[derive(Clone, Copy)]
pub enum Colour {
    /// What goes.
    Red = 31,
    /// What comes.
    Green = 32,
    /// What is doubtful.
    Yellow = 33,
}

/// Whether standard output may be coloured: <https://no-color.org> is heard.
pub fn coloured(surroundings: &crate::Surroundings) -> bool {
    io::stdout().is_terminal() && surroundings.variable("NO_COLOR").is_none()
}

/// A line in a colour, where there are any.
pub fn painted(line: &str, colour: Colour, coloured: bool) -> String {
    match coloured {
        true => format!("\u{1b}[{}m{line}\u{1b}[0m", colour as u8),
        false => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let hostile = "a\u{1b}[2Jb\nc\u{9b}31m\u{202e}d\u{7f}";
        assert_eq!(clean(hostile), "a\\u{1b}[2Jb\\u{a}c\\u{9b}31m\\u{202e}d\\u{7f}");
        let written = json(&serde_json::json!({ "name": hostile }));
        assert!(!written.chars().any(|c| is_obeyed(c) && c != '\n'), "{written}");
        let read: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read["name"], hostile);
    }

    #[test]
    fn tables_have_columns() {
        let rows = [serde_json::json!({ "a": { "b": "x\n" }, "c": [1, "y"] })];
        let shown = table(&rows, &[("ONE", "a.b"), ("TWO", "c"), ("NONE", "d")]);
        assert_eq!(shown, "ONE     TWO  NONE\nx\\u{a}  1 y  -\n");
    }
}
