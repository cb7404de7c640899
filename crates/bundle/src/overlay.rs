//! What differs from one environment to another, laid over a bundle: issuer, addresses, single members.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::bundle::{Bundle, Members, Tree};
use crate::check;
use crate::path::Path;
use crate::problem::Problem;
use crate::text::{self, read::Source};

const KEYS: &[&str] = &["service_id", "service", "scopes", "clients", "remove", "replace"];

/// Members that go over those of a bundle, beginnings of URLs that are replaced, and what is taken away.
pub struct Overlay {
    service_id: Option<i64>,
    tree: Tree,
    remove: Vec<Path>,
    replace: Vec<(String, String)>,
}

impl Overlay {
    /// Reads an overlay: TOML or JSON, as bundles are.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with its line or its path.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let source = Source::parse(name, text)?;
        let mut problems = Vec::new();
        source.refuse_other_keys(KEYS, &mut problems);
        let overlay = Self {
            service_id: source.number("service_id", &mut problems),
            tree: text::tree(&source, &mut problems),
            remove: text::paths(&source, "remove", &mut problems),
            replace: replaced(&source, &mut problems),
        };
        check::tree(&source, &overlay.tree, &mut problems);
        if problems.is_empty() { Ok(overlay) } else { Err(problems) }
    }

    /// Lays it over: beginnings of URLs first, then what is taken away, then members.
    pub fn lay_over(&self, bundle: &mut Bundle) {
        bundle.service_id = self.service_id.or(bundle.service_id);
        let tree = &mut bundle.tree;
        let all = std::iter::once(&mut tree.service)
            .chain(tree.scopes.values_mut())
            .chain(tree.clients.values_mut());
        all.flat_map(Members::values_mut).for_each(|value| self.rebase(value));
        self.remove.iter().for_each(|path| tree.remove(path));
        tree.service.extend(self.tree.service.clone());
        lay(&mut tree.scopes, &self.tree.scopes);
        lay(&mut tree.clients, &self.tree.clients);
        bundle.secrets.extend(text::split(&mut bundle.tree));
    }

    fn rebase(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(replaced) = self.replace.iter().find_map(|(from, to)| rebased(text, from, to)) {
                    *text = replaced;
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.rebase(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.rebase(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

/// `https://a.test` begins `https://a.test/b`, and not `https://a.test.b`.
fn rebased(text: &str, from: &str, to: &str) -> Option<String> {
    let rest = text.strip_prefix(from)?;
    (rest.is_empty() || from.ends_with('/') || rest.starts_with(['/', '?', '#']))
        .then(|| format!("{to}{rest}"))
}

fn lay(under: &mut BTreeMap<String, Members>, over: &BTreeMap<String, Members>) {
    for (name, members) in over {
        under.entry(name.clone()).or_default().extend(members.clone());
    }
}

fn replaced(source: &Source, problems: &mut Vec<Problem>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (from, to) in source.table(&["replace"], problems) {
        match to {
            Value::String(to) => pairs.push((from, to)),
            _ => problems.push(Problem::at(source.place_of(&["replace", &from]), "expected a text")),
        }
    }
    // The longest first, so that it does not matter in which order they stand there.
    pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    pairs
}

impl Tree {
    fn remove(&mut self, path: &Path) {
        match path {
            Path::Service(member) => drop(self.service.remove(member)),
            Path::Scope(name, None) => drop(self.scopes.remove(name)),
            Path::Client(name, None) => drop(self.clients.remove(name)),
            Path::Scope(name, Some(member)) => drop(self.scopes.get_mut(name).and_then(|m| m.remove(member))),
            Path::Client(name, Some(member)) => {
                drop(self.clients.get_mut(name).and_then(|m| m.remove(member)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overlay_moves_a_bundle_to_another_place() {
        let mut bundle = Bundle::parse(
            "b",
            "format = 1\nservice_id = 1\n[service]\nissuer = \"http://localhost:1\"\nserviceName = \"A\"\n\
             [clients.web]\nredirectUris = [\"http://localhost:1/cb\", \"http://localhost:12/cb\"]\nlogoUri = \"x\"\n\
             [clients.test]\n",
        )
        .unwrap();
        let overlay = Overlay::parse(
            "o",
            "service_id = 2\nremove = [\"clients.test\", \"clients.web.logoUri\"]\n[service]\nserviceName = \"B\"\n\
             [replace]\n\"http://localhost:1\" = \"https://as.test\"\n",
        )
        .unwrap();
        overlay.lay_over(&mut bundle);
        assert_eq!(bundle.service_id, Some(2));
        assert_eq!(bundle.tree.service["issuer"], "https://as.test");
        assert_eq!(bundle.tree.service["serviceName"], "B");
        let uris = serde_json::json!(["https://as.test/cb", "http://localhost:12/cb"]);
        assert_eq!(bundle.tree.clients["web"], Members::from([("redirectUris".to_owned(), uris)]));
        assert_eq!(bundle.tree.clients.len(), 1);
    }

    #[test]
    fn a_wrong_overlay_is_refused() {
        let text = "remove = [\"nowhere\"]\n[replace]\na = 1\n[service]\nissuerr = \"x\"\n";
        let problems = Overlay::parse("o", text).err().unwrap();
        let places: Vec<&str> = problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["o:1: remove", "o:3: replace.a", "o:5: service.issuerr"]);
    }
}
