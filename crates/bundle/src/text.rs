//! The text of a bundle: TOML, in an order that does not change.
//!
//! TOML, because whoever runs placet writes its configuration in it, nothing in it is taken for something else (`no`, `1e3`,
//! `on`), nothing in it refers to something else, and a line of a text is a line of a difference. JSON is read too.

pub(crate) mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::bundle::{Bundle, FORMAT, Members, NotCarried, Tree};
use crate::check;
use crate::path::Path;
use crate::problem::Problem;
use crate::secrets::{self, Secrets};
use read::Source;

const KEYS: &[&str] =
    &["format", "service_id", "left_out", "service", "scopes", "clients", "not_carried", "sealed"];

impl Bundle {
    /// Reads a bundle. `name` is what problems call the text.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line or its path: nothing is taken from a text that is wrong anywhere.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let source = Source::parse(name, text)?;
        of_this_format(&source)?;
        let mut problems = Vec::new();
        source.refuse_other_keys(KEYS, &mut problems);
        let mut bundle = Self {
            service_id: source.number("service_id", &mut problems),
            tree: tree(&source, &mut problems),
            left_out: paths(&source, "left_out", &mut problems).into_iter().collect(),
            sealed: sealed(&source, &mut problems),
            not_carried: not_carried(&source),
            secrets: Secrets::new(),
        };
        check::tree(&source, &bundle.tree, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        bundle.secrets = split(&mut bundle.tree);
        Ok(bundle)
    }

    /// Writes the bundle, without its secrets: what is not sealed is named as left out.
    pub fn written(&self) -> String {
        write::bundle(self)
    }

    /// The secrets that a text of the bundle says are not in it.
    pub(crate) fn named_as_left_out(&self) -> BTreeSet<Path> {
        let own = self.secrets.keys().filter(|_| self.sealed.is_none());
        self.left_out.iter().chain(own).cloned().collect()
    }
}

fn of_this_format(source: &Source) -> Result<(), Vec<Problem>> {
    let what = match source.get("format") {
        Some(Value::Number(number)) if number.as_i64() == Some(FORMAT) => return Ok(()),
        Some(Value::Number(number)) if number.as_i64().is_some_and(|format| format > FORMAT) => {
            format!("format {number} is of a newer release; this one reads {FORMAT}")
        }
        Some(_) => format!("expected {FORMAT}"),
        None => format!("this is no bundle: it has no 'format = {FORMAT}'"),
    };
    Err(vec![Problem::at(source.place_of(&["format"]), what)])
}

/// The three tables, as they stand there.
pub(crate) fn tree(source: &Source, problems: &mut Vec<Problem>) -> Tree {
    let mut tables = |name: &str| -> BTreeMap<String, Members> {
        let names: Vec<String> = source.table(&[name], problems).into_keys().collect();
        let one = |key: String| {
            let members = source.table(&[name, &key], problems);
            (key, normal(members))
        };
        names.into_iter().map(one).collect()
    };
    let (scopes, clients) = (tables("scopes"), tables("clients"));
    Tree { service: normal(source.table(&["service"], problems)), scopes, clients }
}

fn normal(members: Members) -> Members {
    let Value::Object(members) = crate::documents::readable(Value::Object(members.into_iter().collect()))
    else {
        return Members::new();
    };
    members.into_iter().collect()
}

/// As it would have been read.
pub(crate) fn make_readable(tree: &mut Tree) {
    let tables =
        std::iter::once(&mut tree.service).chain(tree.scopes.values_mut()).chain(tree.clients.values_mut());
    tables.for_each(|members| *members = normal(std::mem::take(members)));
}

/// Secrets that somebody has written where others are left out are taken, and never written again.
pub(crate) fn split(tree: &mut Tree) -> Secrets {
    let mut secrets = Secrets::new();
    secrets::split(&mut tree.service, Path::service, &mut secrets);
    for (name, members) in &mut tree.clients {
        secrets::split(members, |member| Path::client(name, member), &mut secrets);
    }
    secrets
}

pub(crate) fn paths(source: &Source, key: &str, problems: &mut Vec<Problem>) -> Vec<Path> {
    let Some(value) = source.get(key) else { return Vec::new() };
    let texts = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let read: Option<Vec<Path>> =
        texts.iter().map(|text| text.as_str().and_then(|text| text.parse().ok())).collect();
    if read.is_none() || !value.is_array() {
        let what = "expected paths, such as [\"clients.web.logoUri\"]";
        problems.push(Problem::at(source.place_of(&[key]), what));
    }
    read.unwrap_or_default()
}

fn sealed(source: &Source, problems: &mut Vec<Problem>) -> Option<String> {
    let members = source.table(&["sealed"], problems);
    match (members.get("age"), members.len()) {
        (Some(Value::String(text)), 1) => Some(text.clone()),
        (None, 0) => None,
        _ => {
            problems.push(Problem::at(source.place_of(&["sealed"]), "expected 'age' with an age file"));
            None
        }
    }
}

/// It is for people; whatever they have made of it means nothing.
fn not_carried(source: &Source) -> Vec<NotCarried> {
    let text =
        |one: &Map<String, Value>, key: &str| one.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let all = source.get("not_carried").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_object).map(|one| NotCarried::new(text(one, "what"), text(one, "why"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
format = 1
service_id = 7

[service]
serviceName = "A"
supportedGrantTypes = ["AUTHORIZATION_CODE"]
jwks = '''{"keys":[{"kty":"EC","crv":"P-256","x":"x","y":"y","kid":"1"}]}'''

[scopes."orders:read"]
description = "Read"

[clients.web]
clientName = "Web"
clientSecret = "abc"
extension.accessTokenDuration = 60
attributes = [{ key = "a", value = "two\nlines" }]
"#;

    fn problems(text: &str) -> Vec<String> {
        Bundle::parse("b.toml", text).err().unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_written_is_read_again_and_written_the_same() {
        let bundle = Bundle::parse("b.toml", TEXT).unwrap();
        let text = bundle.written();
        let again = Bundle::parse("b.toml", &text).unwrap();
        assert_eq!(again.tree, bundle.tree);
        assert_eq!(again.written(), text);
        assert!(!text.contains("abc"), "{text}");
        assert!(again.left_out.contains(&Path::client("web", "clientSecret")));
        assert_eq!(again.service_id, Some(7));
    }

    #[test]
    fn json_says_the_same() {
        let text = r#"{"format":1,"service":{"serviceName":"A"},"clients":{"web":{"clientName":"W"}}}"#;
        let bundle = Bundle::parse("b.json", text).unwrap();
        assert_eq!(bundle.tree.service["serviceName"], "A");
        assert_eq!(bundle.tree.clients["web"]["clientName"], "W");
        assert!(problems("{\"format\":1,")[0].starts_with("b.toml:1:"), "{:?}", problems("{\"format\":1,"));
    }

    #[test]
    fn a_newer_format_is_refused_whatever_else_it_says() {
        assert_eq!(
            problems("format = 2\nnew = true\n[service]\nunheard = 1\n"),
            ["b.toml:1: format: format 2 is of a newer release; this one reads 1"]
        );
        assert!(problems("[service]\n")[0].contains("this is no bundle"));
    }

    #[test]
    fn whatever_is_wrong_is_named_with_its_line() {
        let text = TEXT.replace("AUTHORIZATION_CODE", "CODE").replace("clientName", "clientNamex");
        let text =
            text.replace("description = \"Read\"", "description = 1").replace("service_id", "servic_id");
        let found = problems(&text);
        for expected in [
            "b.toml:3: servic_id: there is no such key",
            "b.toml:7: service.supportedGrantTypes[0]: unknown variant",
            "b.toml:11: scopes.\"orders:read\".description: invalid type",
            "b.toml:14: clients.web.clientNamex: there is no such member",
        ] {
            assert!(found.iter().any(|one| one.starts_with(expected)), "{expected}: {found:#?}");
        }
        assert_eq!(found.len(), 4);
        assert!(problems("format = 1\n[service\n")[0].starts_with("b.toml:2:"));
    }
}
