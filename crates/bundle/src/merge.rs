//! Three ways: what was applied last, what the file says, and what is there now. What only one side has changed is its
//! to say; what both have changed in different ways is a conflict.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::bundle::{Members, Tree};
use crate::path::Path;
use crate::plan::shown;

/// Who is right where both sides have changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefer {
    /// Nobody: it is a conflict.
    Neither,
    /// The file.
    Ours,
    /// The service.
    Theirs,
}

/// What both sides have changed, each in its way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflict {
    /// Where.
    pub path: Path,
    /// What was applied last.
    pub base: Option<Value>,
    /// What the file says.
    pub ours: Option<Value>,
    /// What the service has.
    pub theirs: Option<Value>,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = |side: &Option<Value>| side.as_ref().map_or_else(|| "nothing".to_owned(), shown);
        let (ours, theirs, base) = (side(&self.ours), side(&self.theirs), side(&self.base));
        write!(f, "{}: the file has {ours}, the service {theirs}; applied last was {base}", self.path)
    }
}

/// What is to be there.
#[derive(Default)]
pub struct Merged {
    /// The service as it is to be.
    pub target: Tree,
    /// What stands in the way; the target has the service's side of it.
    pub conflicts: Vec<Conflict>,
    /// What was changed in the service alone, and stays.
    pub kept: Vec<Path>,
}

/// Holds `ours` against what was applied last and what is there. Without a base, nothing that is only there is taken
/// away, and every difference is a conflict.
pub fn merge(base: Option<&Tree>, ours: &Tree, theirs: &Tree, prefer: Prefer) -> Merged {
    let empty = Tree::default();
    let base = base.unwrap_or(&empty);
    let mut merging = Merging { prefer, conflicts: Vec::new(), kept: Vec::new() };
    let sides = Sides { base: &base.service, ours: &ours.service, theirs: &theirs.service };
    let service = merging.members(&sides, &Path::service);
    let scope = |name: &str, member: Option<&str>| Path::Scope(name.to_owned(), member.map(str::to_owned));
    let sides = Sides { base: &base.scopes, ours: &ours.scopes, theirs: &theirs.scopes };
    let scopes = merging.units(&sides, &scope);
    let client = |name: &str, member: Option<&str>| Path::Client(name.to_owned(), member.map(str::to_owned));
    let sides = Sides { base: &base.clients, ours: &ours.clients, theirs: &theirs.clients };
    let clients = merging.units(&sides, &client);
    Merged { target: Tree { service, scopes, clients }, conflicts: merging.conflicts, kept: merging.kept }
}

struct Sides<'a, T> {
    base: &'a BTreeMap<String, T>,
    ours: &'a BTreeMap<String, T>,
    theirs: &'a BTreeMap<String, T>,
}

impl<'a, T> Sides<'a, T> {
    fn names(&self) -> BTreeSet<&'a String> {
        self.base.keys().chain(self.ours.keys()).chain(self.theirs.keys()).collect()
    }

    fn of(&self, name: &str) -> One<'a, T> {
        One { base: self.base.get(name), ours: self.ours.get(name), theirs: self.theirs.get(name) }
    }
}

/// One thing by its sides.
struct One<'a, T> {
    base: Option<&'a T>,
    ours: Option<&'a T>,
    theirs: Option<&'a T>,
}

struct Merging {
    prefer: Prefer,
    conflicts: Vec<Conflict>,
    kept: Vec<Path>,
}

/// A scope or a client, which is there or not, and its members.
type PlaceOfUnit<'a> = &'a dyn Fn(&str, Option<&str>) -> Path;

impl Merging {
    fn members(&mut self, sides: &Sides<'_, Value>, place: &dyn Fn(&str) -> Path) -> Members {
        let mut merged = Members::new();
        for name in sides.names() {
            if let Some(value) = self.decided(place(name), sides.of(name), Clone::clone) {
                merged.insert(name.clone(), value);
            }
        }
        merged
    }

    /// One side, or the other.
    fn decided<T: PartialEq + Clone>(
        &mut self,
        path: Path,
        sides: One<'_, T>,
        shown: impl Fn(&T) -> Value,
    ) -> Option<T> {
        let One { base, ours, theirs } = sides;
        if ours == theirs || theirs == base {
            return ours.cloned();
        }
        if ours == base {
            self.kept.push(path);
            return theirs.cloned();
        }
        match self.prefer {
            Prefer::Ours => return ours.cloned(),
            Prefer::Theirs => self.kept.push(path),
            Prefer::Neither => {
                let shown = |side: Option<&T>| side.map(&shown);
                let (base, ours, theirs) = (shown(base), shown(ours), shown(theirs));
                self.conflicts.push(Conflict { path, base, ours, theirs });
            }
        }
        theirs.cloned()
    }

    fn units(&mut self, sides: &Sides<'_, Members>, place: PlaceOfUnit<'_>) -> BTreeMap<String, Members> {
        let mut merged = BTreeMap::new();
        let none = Members::new();
        for name in sides.names() {
            let unit = match sides.of(name) {
                One { base, ours: Some(ours), theirs: Some(theirs) } => {
                    let sides = Sides { base: base.unwrap_or(&none), ours, theirs };
                    Some(self.members(&sides, &|member| place(name, Some(member))))
                }
                // Whether it is there at all is one question; an absent one has no members to speak of.
                sides => self.decided(place(name, None), sides, |_| Value::from("present")),
            };
            merged.extend(unit.map(|unit| (name.clone(), unit)));
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(service: &[(&str, i64)], clients: &[(&str, i64)]) -> Tree {
        let member = |value: i64| Value::from(value);
        Tree {
            service: service.iter().map(|(name, value)| ((*name).to_owned(), member(*value))).collect(),
            scopes: BTreeMap::new(),
            clients: clients
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Members::from([("m".to_owned(), member(*value))])))
                .collect(),
        }
    }

    fn paths<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Vec<String> {
        paths.into_iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_one_side_has_changed_is_its_to_say() {
        let base = tree(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)], &[("x", 1), ("y", 1), ("z", 1)]);
        let ours = tree(&[("a", 2), ("b", 1), ("c", 3), ("e", 1)], &[("x", 2), ("y", 1), ("n", 1)]);
        let theirs =
            tree(&[("a", 1), ("b", 2), ("c", 3), ("d", 1), ("f", 1)], &[("x", 1), ("z", 1), ("o", 1)]);
        let merged = merge(Some(&base), &ours, &theirs, Prefer::Neither);
        let expected =
            tree(&[("a", 2), ("b", 2), ("c", 3), ("e", 1), ("f", 1)], &[("x", 2), ("n", 1), ("o", 1)]);
        assert!(merged.conflicts.is_empty(), "{:?}", merged.conflicts);
        assert_eq!(merged.target, expected);
        assert_eq!(paths(&merged.kept), ["service.b", "service.f", "clients.o", "clients.y"]);
    }

    #[test]
    fn what_both_have_changed_is_a_conflict_or_is_decided() {
        let base = tree(&[("a", 1)], &[("x", 1), ("y", 1), ("z", 1)]);
        let ours = tree(&[("a", 2)], &[("x", 2), ("y", 2)]);
        let theirs = tree(&[("a", 3)], &[("x", 3), ("z", 3)]);
        let merged = merge(Some(&base), &ours, &theirs, Prefer::Neither);
        let found = paths(merged.conflicts.iter().map(|conflict| &conflict.path));
        assert_eq!(found, ["service.a", "clients.x.m", "clients.y", "clients.z"]);
        assert_eq!(merge(Some(&base), &ours, &theirs, Prefer::Ours).target, ours);
        assert_eq!(merge(Some(&base), &ours, &theirs, Prefer::Theirs).target, theirs);
    }

    #[test]
    fn without_a_base_nothing_is_taken_away() {
        let ours = tree(&[("a", 1), ("b", 1)], &[]);
        let theirs = tree(&[("b", 2), ("c", 1)], &[("x", 1)]);
        let merged = merge(None, &ours, &theirs, Prefer::Ours);
        assert_eq!(merged.target, tree(&[("a", 1), ("b", 1), ("c", 1)], &[("x", 1)]));
        let merged = merge(None, &ours, &theirs, Prefer::Neither);
        assert_eq!(paths(merged.conflicts.iter().map(|conflict| &conflict.path)), ["service.b"]);
    }
}
