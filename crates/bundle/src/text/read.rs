//! TOML or JSON, with the lines of its keys.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::bundle::Members;
use crate::path::{Path, key};
use crate::problem::Problem;

/// The largest text that is read, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;

/// How deep keys are whose lines are kept: `clients.NAME.MEMBER`.
const DEPTH: usize = 3;

/// A text that could be read.
pub(crate) struct Source {
    name: String,
    value: Map<String, Value>,
    lines: BTreeMap<Vec<String>, usize>,
}

impl Source {
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        if text.len() > LARGEST {
            return Err(vec![Problem::at(name, format!("it is longer than {LARGEST} bytes"))]);
        }
        if text.trim_start().starts_with('{') {
            return json(name, text).map_err(|problem| vec![problem]);
        }
        let table = DeTable::parse(text).map_err(|e| {
            let line = line(text, e.span().unwrap_or_default().start);
            vec![Problem::at(format!("{name}:{line}"), e.message())]
        })?;
        let mut reading = Reading { name, text, lines: BTreeMap::new(), problems: Vec::new() };
        let value = reading.table(table.get_ref(), &mut Vec::new());
        match reading.problems.is_empty() {
            true => Ok(Self { name: name.to_owned(), value, lines: reading.lines }),
            false => Err(reading.problems),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.value.get(name)
    }

    /// Where keys stand: file, line, and the keys.
    pub(crate) fn place_of(&self, keys: &[&str]) -> String {
        let known = (1..=keys.len()).rev().find_map(|length| {
            let keys: Vec<String> = keys.iter().take(length).map(|key| (*key).to_owned()).collect();
            self.lines.get(&keys)
        });
        let dotted = keys.iter().map(|name| key(name)).collect::<Vec<_>>().join(".");
        match known {
            Some(line) => format!("{}:{line}: {dotted}", self.name),
            None => format!("{}: {dotted}", self.name),
        }
    }

    pub(crate) fn place(&self, path: &Path) -> String {
        match path {
            Path::Service(member) => self.place_of(&["service", member]),
            Path::Scope(name, None) => self.place_of(&["scopes", name]),
            Path::Scope(name, Some(member)) => self.place_of(&["scopes", name, member]),
            Path::Client(name, None) => self.place_of(&["clients", name]),
            Path::Client(name, Some(member)) => self.place_of(&["clients", name, member]),
        }
    }

    pub(crate) fn refuse_other_keys(&self, known: &[&str], problems: &mut Vec<Problem>) {
        for name in self.value.keys().filter(|name| !known.contains(&name.as_str())) {
            problems.push(Problem::at(self.place_of(&[name]), "there is no such key"));
        }
    }

    pub(crate) fn number(&self, name: &str, problems: &mut Vec<Problem>) -> Option<i64> {
        let value = self.value.get(name)?;
        if value.as_i64().is_none() {
            problems.push(Problem::at(self.place_of(&[name]), "expected a number"));
        }
        value.as_i64()
    }

    /// The members of a table; none where there is none.
    pub(crate) fn table(&self, keys: &[&str], problems: &mut Vec<Problem>) -> Members {
        let mut at: Option<&Value> = None;
        for (depth, key) in keys.iter().enumerate() {
            let inner = match depth {
                0 => self.value.get(*key),
                _ => at.and_then(|value| value.get(*key)),
            };
            at = inner;
        }
        match at {
            None => Members::new(),
            Some(Value::Object(members)) => members.iter().map(|(n, v)| (n.clone(), v.clone())).collect(),
            Some(_) => {
                problems.push(Problem::at(self.place_of(keys), "expected a table"));
                Members::new()
            }
        }
    }
}

fn json(name: &str, text: &str) -> Result<Source, Problem> {
    let value =
        serde_json::from_str(text).map_err(|e| Problem::at(format!("{name}:{}", e.line()), e.to_string()))?;
    Ok(Source { name: name.to_owned(), value, lines: BTreeMap::new() })
}

/// Counted from 1.
fn line(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count() + 1
}

struct Reading<'a> {
    name: &'a str,
    text: &'a str,
    lines: BTreeMap<Vec<String>, usize>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn table(&mut self, table: &DeTable<'_>, above: &mut Vec<String>) -> Map<String, Value> {
        let mut members = Map::new();
        for (key, value) in table {
            above.push(key.get_ref().to_string());
            if above.len() <= DEPTH {
                self.lines.entry(above.clone()).or_insert_with(|| line(self.text, key.span().start));
            }
            members.insert(key.get_ref().to_string(), self.value(value, above));
            above.pop();
        }
        members
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, above: &mut Vec<String>) -> Value {
        match value.get_ref() {
            DeValue::String(text) => Value::from(Cow::clone(text).into_owned()),
            DeValue::Boolean(on) => Value::from(*on),
            DeValue::Integer(number) => {
                let read = i64::from_str_radix(&number.as_str().replace('_', ""), number.radix());
                read.map(Value::from).unwrap_or_else(|_| self.refused(value, "the number is too large"))
            }
            DeValue::Array(values) => values.iter().map(|value| self.value(value, above)).collect(),
            DeValue::Table(table) => Value::Object(self.table(table, above)),
            DeValue::Float(_) | DeValue::Datetime(_) => {
                self.refused(value, "no setting is a fraction or a date; write it as a text")
            }
        }
    }

    fn refused(&mut self, value: &Spanned<DeValue<'_>>, what: &str) -> Value {
        let line = line(self.text, value.span().start);
        self.problems.push(Problem::at(format!("{}:{line}", self.name), what));
        Value::Null
    }
}
